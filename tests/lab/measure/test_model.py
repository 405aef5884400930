# SPDX-License-Identifier: Apache-2.0
import json
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import pytest

from octopus_lab.measure import model, model_runs
from octopus_lab.measure.model_runs import Job, Ran
from tests.lab.outcome import Octopus

RAN = Ran(tasks=7, cycles=100, looked=0.5, busy=0.25, compile_s=1.0, wall_s=2.0, cpu_s=2.0, mib=100.0, event_hash="ab")


def test_processes_run_side_by_side(octopus: Octopus) -> None:
    how = ("--mesh", "1x1", "--processes", 2, "--instances", 2, "--seconds", 0.01)
    done = octopus("measure", "model", *how, "--json")
    (row,) = json.loads(done.out)
    assert done.status == 0 and (row["mesh"], row["processes"]) == ("1x1", 2)
    assert row["tasks"] >= 2 and row["cycles"] > 100 and row["M tile-cycles/s"] > 0


def test_what_an_idle_tile_costs(octopus: Octopus, monkeypatch: pytest.MonkeyPatch) -> None:
    def ran(job: Job) -> list[Ran]:
        return [replace(RAN, cpu_s=job.columns * job.rows / 16)]

    monkeypatch.setattr(model, "apart", ran)
    done = octopus("measure", "model", "--large", "--mesh", "8x8")
    assert done.status == 0
    assert done.out.splitlines()[-1].startswith("an idle tile costs 625000.00 ns a cycle")


def test_the_same_work_must_give_the_same_events(octopus: Octopus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "apart", lambda job: [replace(RAN, event_hash=f"{job.columns}")])
    done = octopus("measure", "model", "--large", "--mesh", "8x8")
    assert (done.status, done.out) == (1, "")
    assert done.err.splitlines()[-1] == "error: the same work in a corner gave other events on a larger mesh"


def test_a_killed_process_is_told(octopus: Octopus, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise BrokenProcessPool

    monkeypatch.setattr(model_runs.ProcessPoolExecutor, "map", killed)
    done = octopus("measure", "model", "--mesh", "1x1", "--processes", 1)
    assert done.status == 1 and "a process was killed (for want of memory?)" in done.err.splitlines()[-1]
