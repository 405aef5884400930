# SPDX-License-Identifier: Apache-2.0
import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.contract.strategies import MECHANISMS, STRATEGIES
from octopus_hw.files import write
from octopus_sim.plan import PlanError
from octopus_sim.results import Outcome
from tests.lab.outcome import Octopus

from .conftest import Ideal

#: What other programs rely on.
KEYS = {
    *("workload", "mesh", "strategy", "engine", "seed", "cycles", "instances", "tasks", "work", "lower_bound"),
    *("efficiency", "utilization", "load", "latency", "missed", "moves", "wall_s", "cycles_per_s"),
}


def test_files_and_json(octopus: Octopus, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    done = octopus("run", tiny, "--mesh", "2x1", "--strategy", "naive", "--seed", 7, "--out", out, "--json")
    assert done.status == 0 and "naive, model" in done.err
    result = json.loads(done.out)
    assert result == json.loads((out / "result.json").read_text()) and result.keys() >= KEYS
    assert result["latency"].keys() == {"mean", "p50", "p95", "p99", "max"}
    assert (result["mesh"], result["seed"], result["engine"]) == ([2, 1], 7, "model")
    assert (result["instances"], result["tasks"], result["work"]) == (32, 32, 160)
    with (out / "events.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "cycle",
        "tile_x",
        "tile_y",
        "unit",
        "event",
        "instance",
        "block",
        "index",
        "round",
        "data",
    ]
    assert sum(row["event"] == "retire" for row in rows) == 32
    assert {row["unit"] for row in rows if row["event"] == "inject"} == {"cbu"}
    assert sorted(path.name for path in out.iterdir()) == ["events.csv", "result.json"]


def test_a_table_for_people(octopus: Octopus, tiny: Path, tmp_path: Path, ideal: type[Ideal]) -> None:
    done = octopus("run", tiny, "--mesh", "1x1", "--engine", "ideal", "--out", tmp_path / "out")
    assert done.status == 0
    lines = [line.split() for line in done.out.splitlines()]
    assert ["mesh", "1x1"] in lines and ["instances", "16"] in lines and ["cycles", "161"] in lines
    assert ["latency", "p99", "11"] in lines and ["strategy", "octopus"] in lines


def test_a_strategy_with_mechanisms_changed(octopus: Octopus, tiny: Path, tmp_path: Path, ideal: type[Ideal]) -> None:
    out = tmp_path / "out"
    arguments = ("run", tiny, "--mesh", "1x1", "--engine", "ideal", "--out", out, "--json")
    for name in ("octopus-split+announce", "adaptive+balance"):
        assert json.loads(octopus(*arguments, "--strategy", name).out)["strategy"] == name


@pytest.mark.parametrize("command", ["run", "compare"])
def test_help_tells_strategies_and_mechanisms(octopus: Octopus, command: str) -> None:
    lines = [" ".join(line.split()) for line in octopus(command, "--help").out.splitlines()]
    assert all(f"{preset.name} {preset.summary}" in lines for preset in STRATEGIES.values())
    assert all(f"{name} {what}" in lines for name, what in MECHANISMS.items())


def test_a_run_that_went_wrong(
    octopus: Octopus, tiny: Path, tmp_path: Path, ideal: type[Ideal], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Ideal.run

    def lose(self: Ideal, *arguments: object) -> object:
        result = run(self, *arguments)  # type: ignore[arg-type]
        result.counters["errors"][0] = 2
        return result

    monkeypatch.setattr(Ideal, "run", lose)
    done = octopus("run", tiny, "--mesh", "1x1", "--engine", "ideal", "--out", tmp_path / "out")
    assert done.status == 1 and f"error: {tiny}: 2 packets had a wrong checksum" in done.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["events.csv"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, InputError("a", "b", "c")])
def test_a_run_that_is_cut_short_leaves_the_earlier_one_as_it_was(
    octopus: Octopus, tiny: Path, tmp_path: Path, ideal: type[Ideal], monkeypatch: pytest.MonkeyPatch, error: object
) -> None:
    command = ("run", tiny, "--mesh", "1x1", "--engine", "ideal", "--out", tmp_path / "out")
    assert octopus(*command).status == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def cut(*_: object) -> None:
        raise error  # type: ignore[misc]

    monkeypatch.setattr("octopus_sim.result.result_of", cut)  # events.csv is written by then
    assert octopus(*command, "--seed", 2).status in (2, 130)
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_run_that_gets_stuck_leaves_its_waves_and_nothing_earlier(
    octopus: Octopus, tiny: Path, tmp_path: Path, ideal: type[Ideal], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("run", tiny, "--mesh", "1x1", "--engine", "ideal", "--out", tmp_path / "out")
    assert octopus(*command).status == 0

    def stuck(self: Ideal, *_: object) -> None:
        assert self.waves is not None
        write(self.waves / "dump.vcd", "up to here")
        raise PlanError("nothing came in 10 cycles")

    monkeypatch.setattr(Ideal, "run", stuck)
    done = octopus(*command, "--waves")
    assert (done.status, done.err.splitlines()[-1]) == (1, "error: nothing came in 10 cycles")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["waves"]
    assert (tmp_path / "out" / "waves" / "dump.vcd").read_text() == "up to here"


def test_results_of_an_engine_without_words_are_the_interpreters(
    octopus: Octopus, served: Path, told: tuple[Outcome, ...], tiny: Path, tmp_path: Path, ideal: type[Ideal]
) -> None:
    out = tmp_path / "out"
    done = octopus("run", served, "--mesh", "1x1", "--engine", "ideal", "--out", out)
    assert done.status == 0
    assert "results: 4, all of the interpreter, as the model holds no words" in done.out.splitlines()
    assert f"{out}/result.json, {out}/events.csv, {out}/results.npz" in done.out
    result = json.loads((out / "result.json").read_text())
    assert (result["rows"], result["results"]) == (4, 4)
    with np.load(out / "results.npz") as file:
        assert file["instance"].tolist() == [0, 1, 2, 3]
        assert file["words"].tolist() == [one.words.tolist() for one in told]
        assert file["words"][:, :3].tolist() == [[0, 1, 2], [3, 4, 5]] * 2  # a task's result begins with its operands
    assert octopus("run", tiny, "--mesh", "1x1", "--engine", "ideal", "--out", out).status == 0
    assert sorted(path.name for path in out.iterdir()) == ["events.csv", "result.json"]


def test_results_of_a_chip_are_held_against_the_interpreter(
    octopus: Octopus,
    served: Path,
    told: tuple[Outcome, ...],
    tmp_path: Path,
    ideal: type[Ideal],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = ("run", served, "--mesh", "1x1", "--engine", "ideal", "--out", tmp_path / "out")
    monkeypatch.setattr(Ideal, "results", told)
    assert "results: 4, all as the interpreter says" in octopus(*command).out.splitlines()
    wrong = replace(told[2], words=told[2].words ^ np.uint32(0x100))
    monkeypatch.setattr(Ideal, "results", (*told[:2], wrong))
    done = octopus(*command)
    assert done.status == 1
    assert f"error: {served}: 2 of 4 results are wrong, the first: result of instance 2: word 0 is 00000100" in done.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["events.csv", "results.npz"]
    with np.load(tmp_path / "out" / "results.npz") as file:
        assert file["words"].tolist() == [one.words.tolist() for one in (*told[:2], wrong)]


@pytest.mark.parametrize("command", ["run", "compare", "bench"])
def test_the_pace_of_the_host(octopus: Octopus, served: Path, command: str) -> None:
    for text in ("0", "-1", "fast", "1000001"):
        error = octopus(command, served, "--mesh", "1x1", f"--host-cycles={text}").error
        assert error == f"--host-cycles: {text}: is no number for it; give a whole number from 1 to 1000000"


def test_the_pace_reaches_the_engine(
    octopus: Octopus, served: Path, tmp_path: Path, ideal: type[Ideal], monkeypatch: pytest.MonkeyPatch
) -> None:
    paces: list[int] = []
    run = Ideal.run

    def noting(self: Ideal, *arguments: object) -> object:
        paces.append(self.host_cycles)
        return run(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Ideal, "run", noting)
    command = ("run", served, "--mesh", "1x1", "--engine", "ideal", "--out", tmp_path / "out")
    assert octopus(*command).status == octopus(*command, "--host-cycles", 7).status == 0
    assert paces == [1, 7]
