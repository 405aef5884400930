# SPDX-License-Identifier: Apache-2.0
"""The examples do what they say."""

import numpy as np
import pytest

from octopus_hw.owg import Stream, Workload, executions, load_workload, measures, profile, resolve
from tests.owg.samples import EXAMPLES


def resolved(name, columns=2, rows=2):
    return resolve(load_workload(EXAMPLES / f"{name}.json"), columns, rows)


def test_face_recognition_tells_scenes_apart():
    load = resolved("face_recognition.workload")
    faces = {"quiet": [], "crowd": []}
    for instance, run in executions(load):
        faces[load.scene_name(instance)].append(run.decisions[0].choice)
    assert max(faces["quiet"]) <= 2 < 3 <= min(faces["crowd"])
    assert len(faces["crowd"]) * 3 == len(faces["quiet"])


def test_speech_assistant_loops_and_leaves_early():
    runs = [run for _, run in executions(resolved("speech_assistant.owg"))]
    assert {len(run.invocations) for run in runs} >= {1, 6, 7, 8, 9, 10}
    assert {max(t.round for t in run.invocations) for run in runs} == {0, 1, 2, 4}


def test_xrbench_keeps_its_rates_and_work():
    load = resolved("xrbench_ar_assistant.workload")
    rates = {3: 5.35 + 9663.68 / 2, 10: 20095.23, 30: 18493.64, 15: 7523.98}
    for stream in load.workload.streams:
        rate = 24000 // stream.period
        assert stream.instances == rate and stream.deadline == stream.period
        if stream.workflow.name != "object_detection":
            mean = mean_work(stream.workflow)
            assert mean == pytest.approx(rates[rate] / 5, rel=0.03)
    assert mean_work(load.workload.streams[-1].workflow) == pytest.approx(9707.35 / 5, rel=0.03)
    assert measures(load, peas=64).lower_bound < 24000


def mean_work(workflow):
    load = Workload(name="n", streams=(Stream(workflow=workflow, instances=2000),), seed=3)
    work = [run.work for _, run in executions(resolve(load, 1, 1))]
    return sum(work) / len(work)


def test_pages_come_back_strip_by_strip():
    load = resolved("pages.workload")
    pages = np.load(EXAMPLES / "pages.npy")
    lengths = set()
    for instance, run in executions(load, words=True):
        assert run.words.tobytes() == pages[instance.k % len(pages)].tobytes()[: 16 * run.value]
        lengths.add(run.value)
    assert len(pages) == 8 and lengths == {2, 3, 4, 5}


def test_profiles_show_dual_dynamicity():
    tasks = {task.id: task.dynamics for task in profile(resolved("face_recognition.workload")).tasks}
    assert tasks["detect"] == "time-dynamic"
    assert tasks["embed"] == tasks["enroll"] == "frequency-dynamic"
