# SPDX-License-Identifier: Apache-2.0
"""The words of every token: worked examples, and random workflows against a naive executor."""

from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octopus_hw.owg.builder import WorkflowBuilder, affine
from octopus_hw.owg.check import check
from octopus_hw.owg.data import EMPTY, extended, gathered, generated, hash_of, slice_of
from octopus_hw.owg.draw import key_of
from octopus_hw.owg.interpret import interpret
from octopus_hw.owg.objects import Flow
from tests.owg.naive_words import NaiveWords
from tests.owg.samples import parse, well_formed


def words(*numbers):
    return np.array(numbers, np.uint32)


def own(task, size, first=0, index=0, round=0):
    """The words that a task of the first instance makes by itself."""
    return generated(key_of(1, 0, task, index, round), first, size).tolist()


def run(workflow, row=EMPTY):
    return interpret(workflow, seed=1, instance=0, row=row)


def output(workflow, row=EMPTY):
    return run(workflow, row).words.tolist()


def test_generated_words_by_hand():
    assert generated(0, 0, 2).tolist() == [0, 0x9E3779B9 ^ 0x9E37]
    assert generated(0x80000001, 2, 3).tolist() == [0xBC6EF373 ^ 0xBC6E]


def test_largest_result():
    assert len(extended(EMPTY, 16380 + 16383, 7)) == 16380 + 16383
    assert hash_of(np.ones(16380 + 16383, np.uint32), 0) == 32763 * 32764 // 2


def test_hash_by_hand():
    assert hash_of(words(5, 7, 11), 2) == 3 * 5 + 2 * 7 + 11 + 2 * 65537
    assert hash_of(words(2**32 - 1, 2**31), 65535) == (2 * (2**32 - 1) + 2**31 + 65535 * 65537) % 2**32
    assert hash_of(EMPTY, 0) == 0


def test_slices_and_gaps_by_hand():
    flow = Flow(source="a", target="b", words=3, first=4, stride=4)
    data = words(*range(10))
    assert [slice_of(data, flow, index).tolist() for index in range(3)] == [[4, 5, 6], [8, 9], []]
    assert gathered(8, [(0, words(1)), (4, words(2, 3))]).tolist() == [1, 0, 0, 0, 2, 3, 0, 0]


def test_a_task_hands_on_its_operand_and_goes_on_by_itself():
    b = WorkflowBuilder("w")
    b.flow(b.task("a", 1), b.task("b", 1), words=2)
    b.flow("b", b.end(), words=4)
    assert output(b.build()) == own(0, 2) + own(1, 4, first=2)


def test_a_chain_hands_on_no_more_than_its_flow_carries():
    """The first task's result has 8 words; the second one, in the same place, is given two of them."""
    b = WorkflowBuilder("w")
    b.task("a", 1)
    b.flow("a", b.task("b", 1), words=2)
    b.flow("a", b.task("c", 1), words=8)
    b.join("j")
    b.flow("b", "j", words=4)
    b.flow("c", "j", words=4)
    b.flow("j", b.end(), words=8)
    assert output(b.build()) == own(0, 2) + own(1, 4, first=2) + own(0, 4)


def test_every_invocation_has_a_hash_and_none_where_words_are_not_followed():
    b = WorkflowBuilder("w")
    b.flow(b.task("a", 1, value=3), b.task("b", 1), words=2)
    b.flow("b", b.end())
    followed, bare = run(b.build()), interpret(b.build(), seed=1, instance=0)
    assert [task.hash for task in followed.invocations] == [hash_of(words(*own(0, 2)), 3), 3 * 65537]
    assert [task.hash for task in bare.invocations] == [None, None]
    assert (bare.words, bare.value, followed.words.tolist()) == (None, 3, [])


def test_an_instance_starts_with_its_row():
    b = WorkflowBuilder("w")
    b.end()
    assert output(b.build(), words(1, 2, 3)) == [1, 2, 3]
    b = WorkflowBuilder("w")
    b.flow(b.task("a", 1), b.end(), words=3)
    assert output(b.build(), words(1, 2, 3, 4)) == [1, 2, 3]
    assert output(b.build(), words(1)) == [1, *own(0, 3, first=1)]


def halos(count, taken):
    """Children of a spawn that overlap, each given 8 words, 4 words apart; their results are 5 words."""
    b = WorkflowBuilder("w")
    b.task("a", 1)
    b.spawn("s", count)
    b.task("t", 1)
    b.join("j", of="s")
    b.flow("a", "s", words=20)
    b.flow("s", "t", words=8, first=4, stride=4)
    b.flow("t", "j", words=5)
    b.flow("j", b.end(), words=taken)
    return b.build()


def test_children_get_overlapping_slices_and_lie_at_multiples_of_four():
    made = own(0, 20)
    expected = [word for first in (4, 8, 12, 16) for word in (made[first : first + 5] + [0] * 8)[:8]]
    expected[24:32] = made[16:20] + own(2, 5, first=4, index=3) + [0] * 3
    assert output(halos(4, 40)) == expected


def test_nothing_is_behind_the_children_that_there_are():
    assert len(output(halos(2, 40))) == 16
    assert output(halos(0, 40)) == []


def test_slices_go_through_forks_and_spawns():
    b = WorkflowBuilder("w")
    b.fork("f")
    b.spawn("s", 2)
    b.join("j", of="s")
    b.join("k")
    b.flow("f", "s", words=12, first=4)
    b.flow("s", "j", words=2, first=4, stride=4)
    b.flow("j", "k", words=8)
    b.flow("f", "k", words=3)
    b.flow("k", b.end(), words=12)
    assert output(b.build(), words(*range(100, 116))) == [108, 109, 0, 0, 112, 113, 0, 0, 100, 101, 102, 0]


def test_joins_of_all_lie_in_file_order():
    b = WorkflowBuilder("w")
    b.fork("f")
    b.task("a", 1)
    b.join("j")
    b.flow("a", "j", words=2)
    b.flow("f", "j", words=1, first=4)
    b.flow("f", "a", words=1)
    b.flow("j", b.end(), words=9)
    assert output(b.build(), words(*range(6))) == [0, *own(1, 2, first=1), 0, 0, 4, 0, 0, 0]


@pytest.mark.parametrize(("value", "size"), [(0, 6), (1, 3)])
def test_branches_pass_on_what_their_last_flow_carries(value, size):
    """Words on the flows into branches carry nothing, and the result is as long as the longest way asks for."""
    b = WorkflowBuilder("w")
    b.task("a", 1, value=value)
    b.branch("b")
    b.branch("c", "value")
    b.end()
    b.flow("a", "b", words=99)
    b.flow("b", "c")
    b.flow("c", "end", words=6)
    b.flow("c", "end", words=3)
    done = run(b.build())
    assert done.words.tolist() == own(0, size)
    assert done.invocations[0].hash == hash_of(words(*own(0, 6)), value)


def test_loops_carry_words_back():
    b = WorkflowBuilder("w")
    b.path(b.task("a", 1, value=affine(1, 1)), b.branch("b", {"thresholds": [2]}))
    b.flow("b", "a", words=1, loop=True)
    b.flow("b", b.end(), words=2)
    assert output(b.build()) == [own(0, 1)[0], own(0, 2, round=1)[1]]


def test_a_task_with_several_flows_gets_the_words_of_each_token_at_word_0():
    b = WorkflowBuilder("w")
    b.fork("f")
    b.task("t", 1)
    b.branch("b", 1)
    b.flow("f", "b")
    b.flow("b", "t", words=1)
    b.flow("b", b.fork("g"), words=4)
    b.flow("g", "t", words=2, first=0)
    b.flow("t", b.end(), words=2)
    assert output(b.build(), words(7, 8, 9)) == [7, 8]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_random_workflows_as_the_naive_executor(seed):
    random = Random(seed)
    workflow = check(parse(well_formed(random.randint, size=20, slices=True)))
    row = [random.getrandbits(32) for _ in range(random.randint(0, 30))]
    for instance in range(2):
        done = interpret(workflow, seed=1, instance=instance, row=np.array(row, np.uint32))
        naive = NaiveWords(workflow, done, 1, instance, row)
        assert {task[:3]: task.hash for task in done.invocations} == naive.hashes
        assert done.words.tolist() == naive.output


def test_random_workflows_have_slices_of_every_kind():
    flows = [flow for seed in range(120) for flow in well_formed(Random(seed).randint, size=20, slices=True)["flows"]]
    assert sum(flow.get("first", 0) > 0 for flow in flows) > 50
    assert sum(flow.get("stride", 0) > 0 for flow in flows) > 5
