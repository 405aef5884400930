# SPDX-License-Identifier: Apache-2.0
"""Rows are kept at once, and a run goes on where another stopped."""

import json
from pathlib import Path

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_lab.bench.running import groups_of, run_jobs
from tests.lab.bench.samples import Ideal, jobs, row_files, workload

SOME = (workload("v"), workload("w", instances=9))


def test_rows_in_the_order_of_the_jobs(tmp_path: Path) -> None:
    wanted = jobs(*SOME, meshes=((1, 1), (2, 1)))
    outcome = run_jobs(wanted, tmp_path, 1)
    assert outcome.failures == [] and len(row_files(tmp_path)) == len(Ideal.runs) == 8
    found = [(row["workload"], row["mesh"], row["strategy"]) for row in outcome.rows if row]
    assert found == [(job.workload.name, list(job.mesh), job.strategy) for job in wanted]
    assert [row["instances"] for row in outcome.rows if row] == [4, 4, 9, 9, 8, 8, 9, 9]
    assert all(row["arrivals"] == "closed" and len(row["timeline"]) == 100 for row in outcome.rows if row)


def test_what_is_there_is_not_run_again(tmp_path: Path) -> None:
    first = run_jobs(jobs(*SOME), tmp_path, 1)
    assert run_jobs(jobs(*SOME), tmp_path, 1) == first and len(Ideal.runs) == 4
    run_jobs(jobs(*SOME, config=Config(switch_cycles=5)), tmp_path, 1)
    assert len(Ideal.runs) == 8


def test_jobs_that_are_the_same_are_run_once(tmp_path: Path) -> None:
    outcome = run_jobs(jobs(*SOME) + jobs(*SOME), tmp_path, 1)
    assert len(Ideal.runs) == 4 and outcome.rows[:4] == outcome.rows[4:]


def test_an_interrupted_run_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Ideal.run

    def interrupted(self: Ideal, *arguments: object) -> object:
        if len(Ideal.runs) == 3:
            raise KeyboardInterrupt
        return run(self, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Ideal, "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_jobs(jobs(*SOME), tmp_path, 1)
    assert "3 of 4 rows are done and kept in" in capsys.readouterr().err
    kept = {path: path.read_bytes() for path in row_files(tmp_path)}
    assert len(kept) == 3 and sorted(kept) == sorted((tmp_path / "rows").iterdir())
    outcome = run_jobs(jobs(*SOME), tmp_path, 1)
    assert len(Ideal.runs) == 4 and None not in outcome.rows
    assert {path: path.read_bytes() for path in kept} == kept


def test_a_torn_row_is_made_again(tmp_path: Path) -> None:
    first = run_jobs(jobs(*SOME), tmp_path, 1)
    torn = row_files(tmp_path)[0]
    torn.write_text(torn.read_text()[:100])
    assert run_jobs(jobs(*SOME), tmp_path, 1) == first and len(Ideal.runs) == 5


def test_a_run_that_went_wrong_does_not_stop_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Ideal.run

    def lose(self: Ideal, *arguments: object) -> object:
        result = run(self, *arguments)  # type: ignore[arg-type]
        result.counters["errors"][0] = len(Ideal.runs) == 2
        return result

    monkeypatch.setattr(Ideal, "run", lose)
    outcome = run_jobs(jobs(*SOME), tmp_path, 1)
    assert [row is None for row in outcome.rows].count(True) == 1 and len(row_files(tmp_path)) == 3
    (failure,) = outcome.failures
    assert failure.endswith(", ideal: 1 packets had a wrong checksum")


def test_a_workload_that_does_not_fit_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs 9 instances that one tile injects"):
        run_jobs(jobs(*SOME, config=Config(list_depth=8)), tmp_path, 1)
    assert not Ideal.runs


def test_the_longest_first_and_what_belongs_together_together() -> None:
    wanted = jobs(*SOME, meshes=((1, 1), (4, 4)), strategies=("naive", "adaptive", "octopus"))
    groups = groups_of(wanted, 2)
    assert [group[0].cost for group in groups] == [64, 9, 9, 4]
    assert all(len({job.subject for job in group}) == 1 and len(group) == 3 for group in groups)
    (one, other) = groups_of(wanted[:3], 2)
    assert sorted(job.strategy for job in [*one, *other]) == ["adaptive", "naive", "octopus"]
    assert groups_of([], 2) == [] and len(groups_of(wanted[:1], 2)) == 1


def test_processes_give_the_same_rows(tmp_path: Path) -> None:
    wanted = jobs(*SOME, strategies=("naive", "octopus"), engine="model")
    results = [run_jobs(wanted, tmp_path / str(processes), processes).rows for processes in (1, 2)]
    for rows in results:
        for row in rows:
            assert row is not None and row.pop("wall_s") > 0 and row.pop("cycles_per_s") > 0
    assert json.dumps(results[0]) == json.dumps(results[1])
    assert len(row_files(tmp_path / "2")) == 4
