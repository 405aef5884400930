# SPDX-License-Identifier: Apache-2.0
import numpy as np

from octopus_hw.owg.builder import WorkflowBuilder, quantiles
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.measures import executions, measures
from octopus_hw.owg.workload import Stream, Workload, resolve
from tests.owg.samples import EXAMPLES


def load(**stream):
    b = WorkflowBuilder("w")
    b.path(b.task("a", 10), b.task("b", 20), b.end())
    return Workload(name="n", streams=(Stream(workflow=b.build(), **stream),))


def test_bound_by_work():
    found = measures(resolve(load(instances=9), 1, 1), peas=4)
    assert (found.instances, found.tasks, found.work, found.longest_chain) == (9, 18, 270, 30)
    assert found.lower_bound == 68


def test_bound_by_the_longest_chain():
    assert measures(resolve(load(instances=2), 1, 1), peas=4).lower_bound == 30


def test_bound_by_arrivals_counts_from_the_earliest():
    assert measures(resolve(load(arrivals=(500, 600, 900)), 1, 1), peas=4).lower_bound == 430


def test_seed_counts():
    b = WorkflowBuilder("w")
    b.path(b.task("a", quantiles(*(4**n for n in range(8)))), b.end())
    workload = Workload(name="n", streams=(Stream(workflow=b.build(), instances=20),))
    work = {measures(resolve(workload, 1, 1, seed=seed), peas=1).work for seed in range(5)}
    assert len(work) == 5


def test_executions_number_blocks_over_the_workload():
    workload = load_workload(EXAMPLES / "xrbench_ar_assistant.workload.json")
    blocks = {t.block for _, run in executions(resolve(workload, 1, 1)) for t in run.invocations}
    assert max(blocks) == sum(len(stream.workflow.blocks) for stream in workload.streams) - 2


def test_executions_follow_words_if_asked():
    b = WorkflowBuilder("w")
    b.flow(b.task("a", 1), b.end(), words=2)
    rows = np.array([[1, 2], [3, 4]], np.uint32)
    stream = Stream(workflow=b.build(), instances=3, inputs="rows.npy", rows=rows)
    resolved = resolve(Workload(name="n", streams=(stream,)), 1, 1)
    assert [run.words.tolist() for _, run in executions(resolved, words=True)] == [[1, 2], [3, 4], [1, 2]]
    assert [run.words for _, run in executions(resolved)] == [None] * 3
