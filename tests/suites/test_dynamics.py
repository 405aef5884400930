# SPDX-License-Identifier: Apache-2.0
"""What docs/workloads.md says of the suites is so."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from octopus_hw.owg import profile, resolve
from octopus_hw.owg.profile import FREQUENCY_DYNAMIC, STEADY, TIME_DYNAMIC
from octopus_hw.suites import SUITES, load_suite

PAGE = (Path(__file__).parents[2] / "docs" / "workloads.md").read_text("utf-8")
CLASSES = (STEADY, TIME_DYNAMIC, FREQUENCY_DYNAMIC)
WORKLOADS = {workload.name: workload for suite in SUITES for workload in load_suite(suite, 2, 2)}
PROFILES = {name: profile(resolve(workload, 2, 2)) for name, workload in WORKLOADS.items()}


def rows(heading: str) -> dict[str, list[str]]:
    """Return the table rows of a chapter that start with a name, by that name."""
    chapter = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in chapter.splitlines() if "|" in line]
    return {row[0].strip("`"): row[1:] for row in cells if row[0].startswith("`")}


@pytest.mark.parametrize("name", WORKLOADS)
def test_classes_are_as_documented(name):
    documented = rows("Dynamics")
    for number, stream in enumerate(WORKLOADS[name].streams):
        patterns = [re.findall(r"`([^`]+)`", cell) for cell in documented[stream.workflow.name]]
        for task in PROFILES[name].tasks:
            if task.stream == number:
                where = [at for at, cell in enumerate(patterns) if any(fnmatch(task.id, one) for one in cell)]
                assert [CLASSES[at] for at in where] == [task.dynamics], task.id


@pytest.mark.parametrize("suite", SUITES)
def test_numbers_are_as_documented(suite):
    documented = rows(f"Suite `{suite}`")
    for workload in load_suite(suite, 2, 2):
        found, cells = PROFILES[workload.name], documented[workload.name]
        counts = [stream.instances_per_tile for stream in workload.streams]
        tasks = sum(counts[task.stream] * task.executions.mean for task in found.tasks) / sum(counts)
        assert int(cells[0]) == len(found.tasks)
        assert float(cells[1].replace(",", "")) == pytest.approx(found.mean_cycles, rel=0.02, abs=1)
        assert float(cells[2]) == pytest.approx(tasks, rel=0.02)
        assert float(cells[3].replace(",", "")) == pytest.approx(found.mean_work, rel=0.02, abs=1)


@pytest.mark.parametrize("workload", load_suite("octopus", 2, 2), ids=lambda workload: workload.name)
def test_applications_are_what_the_suite_promises(workload):
    found = PROFILES[workload.name]
    classes = {task.dynamics for task in found.tasks}
    assert FREQUENCY_DYNAMIC in classes or len(workload.streams) > 1
    assert 4 <= len(found.tasks) <= 15
    assert 550 < found.mean_cycles < 3000
    spread = max(task.cycles.high / task.cycles.low for task in found.tasks)
    assert spread >= (1.2 if workload.name.startswith("xrbench_") else 3)
    shares = sorted((task.work / found.mean_work for task in found.tasks), reverse=True)
    assert workload.name.startswith(("xrbench_", "shared_")) or sum(shares[:2]) > 0.45


def test_most_applications_have_scenes_that_last_and_tasks_that_may_be_split():
    applications = load_suite("octopus", 2, 2)
    streams = [stream for workload in applications for stream in workload.streams]
    changing = [stream for stream in streams if len(set(stream.scene_names)) > 1]
    assert len(changing) >= 8
    assert all(16 <= count <= 64 for stream in changing for _, count in stream.scenes)
    workflows = [[stream.workflow for stream in workload.streams] for workload in applications]
    divided = [any(task.parallel > 1 for one in found for task in one.tasks.values()) for found in workflows]
    assert sum(divided) >= 12
