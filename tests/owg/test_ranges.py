# SPDX-License-Identifier: Apache-2.0
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octopus_hw.owg.builder import WorkflowBuilder, affine, quantiles
from octopus_hw.owg.check import check
from octopus_hw.owg.interpret import interpret
from octopus_hw.owg.load import load_workflow
from octopus_hw.owg.ranges import child_bounds, value_bounds
from tests.owg.samples import EXAMPLES, parse, well_formed


def test_face_recognition():
    workflow = load_workflow(EXAMPLES / "face_recognition.owg.json")
    assert child_bounds(workflow) == {1: (0, 8)}
    assert value_bounds(workflow) == [(0, 0), (0, 8), (0, 7), (0, 7), (0, 7), (0, 7), (0, 8), (0, 8)]


def test_loops_grow_until_they_close():
    b = WorkflowBuilder("w")
    b.path(b.task("a", 1, value=affine(3, 1)), b.branch("b", 0), b.spawn("s", "value"))
    b.path("s", b.join("j", of="s"), b.end())
    b.flow("b", "a", loop=True)
    workflow = b.build()
    assert child_bounds(workflow) == {2: (3, 3 * 256)}


def test_blocks_that_only_a_loop_enters():
    b = WorkflowBuilder("w")
    b.path(b.branch("b", quantiles(0, 1)), b.end())
    b.flow("b", b.task("a", 1, value=7), loop=True)
    b.flow("a", "b")
    assert value_bounds(b.build()) == [(0, 7), (0, 7), (0, 7)]


def test_kernels_may_say_anything():
    b = WorkflowBuilder("w")
    b.path(b.task("a", kernel="dot"), b.end())
    assert value_bounds(b.build()) == [(0, 0), (0, 65535)]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_bounds_hold(seed):
    workflow = check(parse(well_formed(Random(seed).randint, size=20)))
    values, children = value_bounds(workflow), child_bounds(workflow)
    for instance in range(4):
        run = interpret(workflow, seed=seed, instance=instance)
        for task in run.invocations:
            assert values[task.block][0] <= task.value_in <= values[task.block][1]
        for decision in run.decisions:
            if decision.block in children:
                assert children[decision.block][0] <= decision.choice <= children[decision.block][1]
