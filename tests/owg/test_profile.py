# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw.owg.builder import WorkflowBuilder, quantiles
from octopus_hw.owg.interpret import interpret
from octopus_hw.owg.profile import FREQUENCY_DYNAMIC, SAMPLE, STEADY, TIME_DYNAMIC, Spread, profile
from octopus_hw.owg.workload import Stream, Workload, resolve


def load(instances=300):
    b = WorkflowBuilder("w")
    b.path(b.task("fixed", 10), b.task("timed", quantiles(5, 15)), b.branch("way", quantiles(0, 1)))
    b.path("way", b.task("often", quantiles(1, 2)), b.end())
    b.path("way", "end")
    first = Stream(workflow=b.build(), instances=instances)
    c = WorkflowBuilder("never")
    c.path(c.branch("way", 0), c.end())
    c.path("way", c.task("no", 9), "end")
    return Workload(name="n", streams=(first, Stream(workflow=c.build(), instances=100)))


def test_spread():
    assert Spread.of([2, 4, 4, 4, 5, 5, 7, 9]) == Spread(5.0, 2.0, 2, 9)
    assert Spread.of([]) == Spread(0.0, 0.0, 0, 0)
    assert Spread.of([3]).varies is False and Spread.of([3, 4]).varies


def test_classes():
    found = profile(resolve(load(), 1, 1))
    assert {task.id: task.dynamics for task in found.tasks} == {
        "fixed": STEADY,
        "timed": TIME_DYNAMIC,
        "often": FREQUENCY_DYNAMIC,
        "no": STEADY,
    }
    assert [task.block for task in found.tasks] == [0, 1, 3, 7]


def test_the_reason_for_a_class_is_told():
    found = {task.id: task for task in profile(resolve(load(), 1, 1)).tasks}
    often = f"{found['often'].executions.mean:.2f}".rstrip("0")
    assert found["fixed"].reason == "always once, always 10 cycles"
    assert found["timed"].reason == f"5 to 15 cycles (mean {found['timed'].cycles.mean:.2f})"
    assert found["often"].reason == f"runs 0 to 1 times per instance (mean {often})"
    assert found["no"].reason == "was never seen to run"
    b = WorkflowBuilder("w")
    again = b.task("again", quantiles(100, 1000))
    b.path(again, b.branch("more", 0), b.end())
    b.flow("more", again, loop=True, max_rounds=2)
    (task,) = profile(resolve(Workload(name="n", streams=(Stream(workflow=b.build(), instances=300),)), 1, 1)).tasks
    assert task.reason == f"100 to 1000 cycles (mean {task.cycles.mean:.0f})"


def test_load_is_the_work_of_all_instances():
    found = {task.id: task for task in profile(resolve(load(), 1, 1)).tasks}
    assert (found["fixed"].instances, found["no"].instances) == (300, 100)
    assert found["fixed"].load == 10 * 300 and found["no"].load == 0


def test_numbers_are_those_of_another_seed():
    resolved = resolve(load(), 1, 1, seed=0xF0000000)
    found = profile(resolved)
    assert found.seed == (0xF0000000 + 0x9E3779B9) % 2**32
    workflow = load().streams[0].workflow
    runs = [interpret(workflow, seed=found.seed, instance=n) for n in range(SAMPLE)]
    timed = [t.cycles for run in runs for t in run.invocations if t.block == 1]
    assert found.tasks[1].cycles == Spread.of(timed)
    assert found.tasks[1].executions == Spread(1.0, 0.0, 1, 1)
    assert found.tasks[1].work == pytest.approx(sum(timed) / SAMPLE)
    assert found.streams[0].work == Spread.of(run.work for run in runs)
    assert found.streams[0].chain == Spread.of(run.chain for run in runs)
    assert found.streams[0].instances == SAMPLE


def test_means_weigh_streams_by_their_instances():
    found = profile(resolve(load(), 1, 1))
    assert found.mean_work == pytest.approx(found.streams[0].work.mean * 300 / 400)
    executions = sum(task.executions.mean for task in found.tasks)
    assert found.mean_cycles == pytest.approx(found.streams[0].work.mean / executions)


def test_no_task_at_all():
    b = WorkflowBuilder("w")
    b.end()
    found = profile(resolve(Workload(name="n", streams=(Stream(workflow=b.build(), instances=2),)), 1, 1))
    assert (found.tasks, found.mean_work, found.mean_cycles) == ((), 0.0, 0.0)


def test_a_short_stream_shows_its_rare_paths():
    b = WorkflowBuilder("w")
    rare = b.branch("rare", choose=quantiles(0, 0, 0, 0, 0, 0, 0, 1))
    end, seldom = b.end("end"), b.task("seldom", cycles=5)
    b.flow(rare, end)
    b.flow(rare, seldom)
    b.flow(seldom, end)
    found = profile(resolve(Workload(name="n", streams=(Stream(workflow=b.build(), instances=3),)), 1, 1))
    assert found.streams[0].instances == SAMPLE
    assert found.tasks[0].executions.mean == pytest.approx(1 / 8, abs=0.08)
