# SPDX-License-Identifier: Apache-2.0
"""What a row's name depends on, and what it does not."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.owg import load_workload
from octopus_lab.bench.inputs import workloads_of
from octopus_lab.bench.jobs import Job, sources_version, version_of, workload_digest
from tests.lab.bench.samples import TASK, TINY, jobs, workload


def job(**changes: object) -> Job:
    (some,) = jobs(workload(), strategies=("octopus",))
    return replace(some, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": 2},
        {"rows": 2},
        {"strategy": "octopus-split"},
        {"engine": "model"},
        {"against": "model"},
        {"config": Config(switch_cycles=5)},
        {"content": "other"},
        {"host_cycles": 2},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_row_is_named_after_all_that_matters(changes: dict[str, object]) -> None:
    assert job().digest == job().digest != job(**changes).digest


def test_a_changed_strategy_is_another_even_under_its_old_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from octopus_hw.contract import strategies

    before = job().digest
    changed = replace(strategies.STRATEGIES["octopus"], mechanisms=frozenset({"late"}))
    monkeypatch.setitem(strategies.STRATEGIES, "octopus", changed)
    assert job().digest != before


def test_other_sources_give_other_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    before = job().digest
    monkeypatch.setattr("octopus_lab.bench.jobs.sources_version", lambda: "another")
    assert job().digest != before


def test_a_workload_is_its_content(tmp_path: Path) -> None:
    plain = workload()
    others = [workload(window=5), workload(instances=4), workload("v"), replace(plain, seed=2)]
    blocks = [TASK | {"cycles": 6}, TINY["blocks"][1]]
    others.append(workload(owg={**TINY, "blocks": blocks}))
    given = [replace(plain.streams[0], rows=np.array([[1, last]], np.uint32)) for last in (2, 3)]
    others += [replace(plain, streams=(stream,)) for stream in given]
    assert len({workload_digest(some) for some in [plain, *others]}) == 8
    (tmp_path / "t.owg.json").write_text(json.dumps(TINY))
    stream = {"owg": "t.owg.json", "instances_per_tile": 4}
    path = tmp_path / "w.json"
    path.write_text(json.dumps({"workload": 1, "name": "w", "streams": [stream]}))
    assert workload_digest(load_workload(path)) == workload_digest(plain)


def test_which_sources_matter(tmp_path: Path) -> None:
    package, alone = tmp_path / "octopus_hw", tmp_path / "row.py"
    inside = [package / name for name in ("config.py", "cbu/engine.py")]
    for path in [*inside, alone, tmp_path / "plot.py"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a = 1\n")
    before = version_of([package, alone])
    for path, matters in [*((path, True) for path in [*inside, alone]), (tmp_path / "plot.py", False)]:
        path.write_text("a = 2\n")
        assert (version_of([package, alone]) != before) is matters
        path.write_text("a = 1\n")
    assert version_of([package, alone]) == before and sources_version() == sources_version()


def test_jobs_that_share_what_is_worked_out_once() -> None:
    some = job()
    assert some.subject == job(strategy="naive").subject == job(config=Config(switch_cycles=5)).subject
    assert len({some.subject, job(columns=2).subject, job(config=Config(peas=2)).subject}) == 3
    assert job(columns=3, rows=2).cost == 6 * some.cost == 24


def test_two_workloads_of_one_name_are_refused(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.json", "b.json")]
    for path in paths:
        path.write_text(json.dumps(TINY))
    with pytest.raises(InputError, match=r"name: 'tiny' is what .*a\.json is called too; rename one of them"):
        workloads_of(None, list(map(str, paths)))(1, 1)


def test_another_seed(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(TINY))
    assert [some.seed for some in workloads_of(None, [str(path)], 9)(1, 1)] == [9]
