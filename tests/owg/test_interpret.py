# SPDX-License-Identifier: Apache-2.0
"""The timeless execution: worked examples, and that order does not matter."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.builder import WorkflowBuilder, affine, quantiles, replay, scenes, thresholds
from octopus_hw.owg.check import check
from octopus_hw.owg.data import EMPTY
from octopus_hw.owg.draw import draw, pick
from octopus_hw.owg.interpret import Decision, Fired, Invocation, _Run, fastest, interpret
from octopus_hw.owg.sources import Point
from tests.owg.samples import parse, well_formed


def run(workflow, instance=0, **keys):
    return interpret(workflow, seed=1, instance=instance, **keys)


def test_a_chain():
    b = WorkflowBuilder("w")
    b.path(b.task("a", affine(10, 1), value=7), b.task("b", affine(10, 1)), b.task("c", "value"), b.end())
    done = run(b.build(), base=100)
    assert done.invocations == [
        Invocation(100, 0, 0, 10, 0, 7),
        Invocation(101, 0, 0, 17, 7, 7),
        Invocation(102, 0, 0, 7, 7, 7),
    ]
    assert (done.work, done.chain, done.value, done.decisions, done.joins) == (34, 34, 7, [], [])


def test_only_an_end():
    b = WorkflowBuilder("w")
    b.end()
    done = run(b.build())
    assert (done.invocations, done.work, done.chain, done.value) == ([], 0, 0, 0)


def test_cycles_of_zero_count_as_one():
    b = WorkflowBuilder("w")
    b.path(b.task("a", "value"), b.end())
    assert run(b.build()).invocations == [Invocation(0, 0, 0, 1, 0, 0)]


def test_draws_use_the_key_of_the_token():
    b = WorkflowBuilder("w")
    b.path(b.spawn("s", 3), b.task("a", quantiles(*range(1, 17)), value=quantiles(*range(16))))
    b.path("a", b.join("j", of="s", value="sum"), b.end())
    done = run(b.build(), instance=77, base=40)
    drawn = [[pick(draw(1, 77, 41, index, 0, field), 16) for field in (0, 1)] for index in range(3)]
    assert done.invocations == [Invocation(41, n, 0, drawn[n][0] + 1, n, drawn[n][1]) for n in range(3)]
    assert done.joins == [Fired(42, 0, 0, sum(value for _, value in drawn))]


def forked(value=None):
    b = WorkflowBuilder("w")
    b.path(b.task("a", 10, value=5), b.task("b", 3, value=60000), b.join("j", value=value), b.end())
    b.path("a", b.task("c", 20, value=50000), "j")
    return b.build()


@pytest.mark.parametrize(("mode", "value"), [(None, 60000), ("sum", 65535), ("max", 60000), ("count", 2)])
def test_join_of_all(mode, value):
    done = run(forked(mode))
    assert done.joins == [Fired(2, 0, 0, value)]
    assert (done.work, done.chain, done.value) == (33, 30, value)


def test_join_of_all_takes_the_value_of_its_first_flow_in_file_order():
    b = WorkflowBuilder("w")
    b.task("a", 1)
    b.task("b", 1, value=1)
    b.task("c", 1, value=2)
    b.join("j")
    b.end()
    b.flow("c", "j")
    b.path("a", "b", "j", "end")
    b.flow("a", "c")
    assert run(b.build()).value == 2


def spawned(count, *, keep=False, value=None):
    b = WorkflowBuilder("w")
    b.path(b.task("a", 10, value=count), b.spawn("s", "value", keep_value=keep), b.task("t", affine(1, 2)))
    b.path("t", b.join("j", of="s", value=value), b.end())
    return b.build()


def test_children_have_their_index_as_value():
    done = run(spawned(3))
    assert done.decisions == [Decision(1, 0, 0, 3)]
    assert done.invocations[1:] == [Invocation(2, n, 0, 1 + 2 * n, n, n) for n in range(3)]
    assert done.joins == [Fired(3, 0, 0, 3)]
    assert (done.work, done.chain) == (10 + 1 + 3 + 5, 15)


def test_children_may_keep_the_value():
    assert [t.value_in for t in run(spawned(3, keep=True)).invocations[1:]] == [3, 3, 3]


@pytest.mark.parametrize(("mode", "value"), [(None, 4), ("sum", 6), ("max", 3), ("count", 4)])
def test_join_of_a_spawn(mode, value):
    assert run(spawned(4, value=mode)).value == value


@pytest.mark.parametrize("mode", [None, "sum", "max", "count"])
def test_empty_spawn_fires_its_join_at_once(mode):
    done = run(spawned(0, value=mode))
    assert done.joins == [Fired(3, 0, 0, 0)]
    assert (len(done.invocations), done.chain) == (1, 10)


def looped(choose, max_rounds=3):
    b = WorkflowBuilder("w")
    b.path(b.task("a", 10, value=affine(1, 1)), b.branch("b", choose), b.end())
    b.flow("b", "a", loop=True, max_rounds=max_rounds)
    return b.build()


def test_loops_close():
    done = run(looped(1))
    assert [t.round for t in done.invocations] == [0, 1, 2, 3]
    assert done.decisions == [Decision(1, 0, 0, 1), Decision(1, 0, 1, 1), Decision(1, 0, 2, 1), Decision(1, 0, 3, 0)]
    assert done.value == 4


def test_longest_loop():
    assert len(run(looped(1, max_rounds=255)).invocations) == 256


def test_choice_too_large_picks_the_last_flow():
    assert len(run(looped(9)).invocations) == 4


def test_thresholds_choose():
    b = WorkflowBuilder("w")
    b.path(b.task("a", 10, value=affine(1, 1)), b.branch("b", thresholds(3)))
    b.flow("b", "a", loop=True)
    b.path("b", b.end())
    assert [d.choice for d in run(b.build()).decisions] == [0, 0, 1]


def test_rounds_of_joins():
    """A loop in one child of two; the join has the highest round, and the loop after it sees it."""
    b = WorkflowBuilder("w")
    b.path(b.spawn("s", 2), b.task("t", 1), b.branch("b", thresholds(1)))
    b.path("b", b.join("j", of="s"), b.branch("c", 1), b.end())
    b.flow("b", "t", loop=True, max_rounds=2)
    b.flow("c", "s", loop=True, max_rounds=5)
    done = run(b.build())
    assert [(j.round, j.index) for j in done.joins] == [(2, 0), (3, 0), (4, 0), (5, 0)]
    later = [(round, index) for round in (3, 4, 5) for index in (0, 1)]
    assert sorted((t.round, t.index) for t in done.invocations) == [(0, 0), (0, 1), (1, 1), (2, 1), *later]


def test_closed_branch_takes_its_first_flow_that_is_no_loop():
    b = WorkflowBuilder("w")
    b.task("a", 1)
    b.branch("b", 0)
    b.task("x", 2)
    b.task("y", 3)
    b.end()
    b.flow("b", "a", loop=True, max_rounds=1)
    b.path("a", "b", "y", "end")
    b.path("b", "x", "end")
    done = run(b.build())
    assert [d.choice for d in done.decisions] == [0, 1]
    assert [t.block for t in done.invocations] == [0, 0, 3]


def test_scenes_and_replay():
    b = WorkflowBuilder("w")
    b.path(b.task("a", scenes(quiet=1, crowd=2)), b.task("b", replay([[[7]], [[8]]])), b.end())
    workflow = b.build()
    assert [t.cycles for t in run(workflow).invocations] == [1, 7]
    assert [t.cycles for t in run(workflow, k=3, scene="crowd").invocations] == [2, 8]


def test_splits_count_in_the_chain_alone():
    b = WorkflowBuilder("w")
    b.path(b.task("a", 100, parallel=4), b.task("b", 100, parallel=2), b.task("c", 1, parallel=4), b.end())
    done = run(b.build())
    assert (done.work, done.chain) == (201, 28 + 56 + 1)
    assert [fastest(16, k) for k in (1, 2, 4)] == [16, 9, 5]


def test_kernels_are_refused():
    b = WorkflowBuilder("w")
    b.path(b.task("a", kernel="dot"), b.end())
    with pytest.raises(InputError) as caught:
        run(b.build())
    message = "task 'a' has a kernel, which this version does not compute; give it 'cycles'"
    assert str(caught.value) == f"workflow 'w': blocks[0].kernel: {message}"


class Shuffled(list):
    """A list that gives away its elements in any order."""

    def __init__(self, elements, seed):
        super().__init__(elements)
        self.random = Random(seed)

    def pop(self):
        return super().pop(self.random.randrange(len(self)))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_order_does_not_matter(seed):
    workflow = check(parse(well_formed(Random(seed).randint, size=20, slices=True)))
    for instance in range(3):
        one = run(workflow, instance, row=EMPTY)
        other = _Run(workflow, Point(1, instance, 0, 0, 0, 0), 0, EMPTY)
        other.tokens = Shuffled(other.tokens, seed)
        again = other.execute()
        assert again == one
        assert again.words.tolist() == one.words.tolist()
        assert one.work == sum(t.cycles for t in one.invocations) >= one.chain


def test_work_of_an_instance_without_forks_is_its_chain():
    for instance in range(20):
        done = run(looped(quantiles(0, 1)), instance)
        assert done.work == done.chain
