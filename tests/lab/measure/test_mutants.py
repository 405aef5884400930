# SPDX-License-Identifier: Apache-2.0
import threading
from pathlib import Path

import pytest

from octopus_lab.measure.mutant_runs import Copy, Snapshot
from octopus_lab.measure.mutant_table import LEAST, Mutant, TableError, complaints, load, units
from octopus_lab.measure.mutants import Verdict, judge, table

ROOT = Path(__file__).resolve().parents[3]
WEIGHT = Mutant(
    unit="tbu.tbu_work.TbuWork", number=1, breaks="a weight of 0 is worth 2", file="octopus_hw/parts/weight.py",
    old="Mux(weight == 0, 0, shifted)", new="shifted", tests=("tests/parts/test_weight.py",),
)  # fmt: skip


def other(mutant: Mutant, **changes: object) -> Mutant:
    return Mutant(**{**vars(mutant), **changes})


def test_every_unit_is_broken_in_at_least_five_ways_and_every_old_text_occurs_once() -> None:
    assert complaints(ROOT, load(ROOT)) == []


def test_units_are_found_by_themselves() -> None:
    found = units(ROOT)
    assert found["tbu.tbu_work.TbuWork"] == "octopus_hw/tbu/tbu_work.py"
    assert found["cbu.home_work.HomeWork"] == "octopus_hw/cbu/home_work.py"
    assert {"chip.tile.Tile", "chip.mesh.Octopus", "parts.draw.Hash"} <= set(found)
    assert "verilog.unit.Unit" not in found


def test_what_is_wrong_with_a_table_is_told() -> None:
    wrong = [
        other(WEIGHT, old="no such text"),
        other(WEIGHT, number=2, new=WEIGHT.old),
        other(WEIGHT, number=3, new=")"),
        other(WEIGHT, number=4),
        other(WEIGHT, number=5),
    ]
    told = complaints(ROOT, wrong)
    assert f"cbu.home_work.HomeWork: 0 mutants, not {LEAST}" in told
    assert not [line for line in told if line.startswith("tbu.tbu_work.TbuWork: ")]
    assert [line for line in told if "0 times in octopus_hw/parts/weight.py: 'no such text'" in line]
    assert [line for line in told if "changes nothing" in line]
    assert [line for line in told if "unmatched" in line]
    assert "tbu.tbu_work.TbuWork, 5: the same as tbu.tbu_work.TbuWork, 4" in told


def test_a_mutant_is_caught_or_survives_and_results_are_kept(tmp_path: Path) -> None:
    snapshot = Snapshot(ROOT, tmp_path)
    copy = Copy(snapshot, 0)
    caught = judge(WEIGHT, copy, 100)
    assert caught.good
    assert caught.caught.startswith("tests/parts/test_weight.py::test_")
    assert judge(WEIGHT, copy, 100) == caught
    harmless = other(WEIGHT, old="assert len(weight) == WEIGHT", new="assert len(weight) <= WEIGHT")
    assert judge(harmless, copy, 100).caught == ""
    assert (copy.directory / WEIGHT.file).read_text() == (ROOT / WEIGHT.file).read_text()
    with pytest.raises(TableError, match=r"tests/parts/test_weight.py does not import octopus_hw/parts/arbiter.py"):
        judge(other(WEIGHT, file="octopus_hw/parts/arbiter.py", old="count < 1", new="count < 0"), copy, 100)


def test_what_takes_too_long_has_failed(tmp_path: Path) -> None:
    copy = Copy(Snapshot(ROOT, tmp_path), 0)
    endless = {"tests/parts/test_weight.py": "def test_it():\n    while True:\n        pass\n"}
    outcome = copy.outcome("tests/parts/test_weight.py", endless, 1)
    assert (outcome.failed, outcome.message) == ("tests/parts/test_weight.py", "not over after 1 s")
    assert outcome.cpu < 3


def test_a_step_that_is_stopped_has_no_result(tmp_path: Path) -> None:
    copy = Copy(Snapshot(ROOT, tmp_path), 0)
    threading.Timer(3, copy.stop).start()
    endless = {"tests/parts/test_weight.py": "def test_it():\n    while True:\n        pass\n"}
    with pytest.raises(KeyboardInterrupt):
        copy.outcome("tests/parts/test_weight.py", endless, 100)
    assert not (tmp_path / "results").exists()
    assert "while True" not in (copy.directory / "tests/parts/test_weight.py").read_text()


def test_table_counts_what_was_caught() -> None:
    verdict = Verdict(unit="a.B", number=1, breaks="", caught="t/x.py::test_y[1]", message="assert", seconds=1, cpu=2)
    rows = [verdict, Verdict(**{**vars(verdict), "caught": ""}),
            Verdict(**{**vars(verdict), "message": "NameError: x"})]  # fmt: skip
    assert table(rows).splitlines()[1:] == [
        "a.B         3       1        3      6  x.py::test_y 1",
        "all         3       1        3      6",
    ]
