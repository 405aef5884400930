# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw.contract.config import Config
from octopus_hw.owg.data import extended, generated, hash_of
from octopus_sim.reference.tally import Tally, tally
from octopus_sim.reference.tally import generated as word_of

KEY = 0xFEDC_BA98
OPERANDS = [0xFFFF_FFFF, 7, 0x8000_0001, 3, 9, 1, 2, 5]
#: Rows of two words: the first is read; of the second one word; the third is written only.
TOKEN = {"words": 3, "result": 5}


def run(token: dict[str, int], reads: set[int] = frozenset(), data: set[int] = frozenset(), seen: int = 0) -> Tally:
    """A token accepted in cycle 0, whose key is visible from a cycle on; the sender reads, and data come, in some."""
    unit = Tally(Config(data_width=64), lambda place, now: KEY if now >= seen else None, {0: [*OPERANDS, *[99] * 40]})
    unit.accept(0, token)
    for now in range(1, 40):
        unit.step(now, now in reads, now in data)
    return unit


def test_a_row_is_done_in_each_cycle() -> None:
    unit = run(TOKEN)
    result = extended(OPERANDS[:3], 5, KEY).tolist()
    # Taken in 1; two rows read in 2 and 3; done in 4, 5, and the one that is not read in 6.
    assert unit.sums == {0: (hash_of(extended(OPERANDS[:3], 5, KEY), 0), 6)}
    assert unit.buffers[0][:5] == result


@pytest.mark.parametrize(
    ("reads", "data", "end"),
    [
        ({2}, set(), 7),  # row 0 is read in 3
        ({2, 3}, set(), 8),
        ({3}, set(), 7),  # row 1 has an operand: read in 4
        ({4, 5, 6}, set(), 6),  # row 2 need not be read
        (set(), {4}, 6),  # row 0 is not written
        (set(), {5}, 7),  # row 1 is, in 6
        (set(), {6, 7, 8}, 9),
        ({3}, {6, 7}, 9),  # row 1 is read in 4, written in 8
        ({2, 4, 6}, {3, 5, 7}, 9),  # row 0 is read in 3, done in 5; row 1 in 5, written in 8
    ],
)
def test_reading_and_writing_wait_for_sender_and_receiver(reads: set[int], data: set[int], end: int) -> None:
    assert run(TOKEN, reads, data).sums == {0: (hash_of(extended(OPERANDS[:3], 5, KEY), 0), end)}


def test_no_rows_take_a_cycle() -> None:
    assert run({"words": 3, "result": 0}).sums == {0: (0, 2)}


def test_only_what_needs_the_key_waits_for_it() -> None:
    assert run({"words": 5, "result": 5}, seen=20).sums[0][1] == 6
    assert run({"words": 4, "result": 5}, seen=20).sums[0][1] == 20 + 5


def test_words_beyond_the_result_do_not_count() -> None:
    assert run({"words": 8, "result": 3}).sums[0][0] == tally(OPERANDS[:3]) == hash_of(extended(OPERANDS[:3], 3, 0), 0)


def test_generated_words_are_the_interpreters() -> None:
    assert [word_of(KEY, j) for j in range(100)] == generated(KEY, 0, 100).tolist()


def test_one_goes_after_the_other() -> None:
    unit = Tally(Config(data_width=64), lambda place, now: KEY, {0: [0] * 20, 1: [0] * 20})
    for place in range(2):
        unit.accept(place, {"words": 0, "result": 4})
    for now in range(1, 20):
        unit.step(now, False, False)
    # Taken in 1, done in 3 and 4; taken in 5.
    assert [unit.sums[place][1] for place in range(2)] == [4, 8]
