# SPDX-License-Identifier: Apache-2.0
"""The host by itself, in front of a chip that asks at random: what it says and when, whatever the chip does."""

from collections import deque
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.codes import BootOp, Message
from octopus_hw.contract.layout import HostWord
from octopus_sim.pace import Pace
from octopus_sim.server import ServeError, Server

ROW, CREDIT = int(BootOp.ROW) << 28, int(BootOp.CREDIT) << 28
#: Streams of 5 and 7 instances, the first without rows before them.
INPUTS = [(3, 5, [[1, 2, 3], [4, 5, 6]]), (8, 7, [[]])]


def header(message: Message, x: int = 0, y: int = 0) -> int:
    return HostWord.pack(message=message, source_x=x, source_y=y)


def row_of(instance: int) -> list[int]:
    return INPUTS[0][2][(instance - 3) % 2] if instance < 8 else []


class Chip:
    """Asks for the rows of some instances, and sends a result for each credit, at random times."""

    def __init__(self, random: Random, asks: list[int], results: int, homes: int) -> None:
        self.random, self.asks, self.results, self.homes = random, deque(asks), results, homes
        self.wanted = len(asks)
        self.out: deque[int] = deque()
        self.command: list[int] = []
        self.credits = self.given = self.sent = 0
        self.asked: list[int] = []
        self.answers: list[list[int]] = []

    def take(self, word: int) -> None:
        """Take a word of `i`, and check that it is one of a ROW or CREDIT."""
        self.command.append(word)
        op, count, *words = [*self.command, 0] if len(self.command) == 1 else self.command
        assert op in (ROW, CREDIT)
        if len(self.command) > 1 and op == CREDIT:
            assert 0 < count <= 0xFFFF
            self.credits += count
            self.given += count
            assert self.credits <= self.results - self.sent
            self.command = []
        elif len(self.command) > 1 and len(words) == count:
            self.answers.append(words)
            assert len(self.answers) <= len(self.asked)
            self.command = []

    def say(self) -> int | None:
        """Return the next word of `o`, if there is one in this cycle."""
        if not self.out:
            self._begin()
        return self.out.popleft() if self.out and self.random.random() < 0.7 else None

    def _begin(self) -> None:
        what = self.random.randrange(12)
        if what == 0 and self.asks:
            self.asked.append(self.asks.popleft())
            self.out.extend((header(Message.ROW, 1), self.asked[-1]))
        elif what == 1 and self.credits and self.sent < self.results:
            data = [self.random.getrandbits(WORD) for _ in range(self.random.randrange(4))]
            self.credits, self.sent = self.credits - 1, self.sent + 1
            self.out.extend((header(Message.RESULT, 2), self.sent, 9 | len(data) << 16, *data))
        elif what == 2 and self.homes and len(self.answers) == self.wanted and self.sent == self.results:
            self.homes -= 1
            self.out.extend((header(Message.DONE), 5))


def run(server: Server, chip: Chip, cycles: int = 400_000) -> list[int]:
    """Let them talk until the server has all; return the cycles in which it sent a word."""
    sent = []
    for now in range(cycles):
        wake = server.wake
        word = server.word(now)
        if word is not None:
            assert wake is not None and wake <= now
            chip.take(word)
            sent.append(now)
        else:
            assert wake is None or wake > now
        said = chip.say()
        if said is not None:
            server.hear(said, now + 1)
        if server.ended:
            break
    assert server.ended
    return sent


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32),
    host=st.none() | st.integers(0, 2**32),
    every=st.sampled_from([1, 1, 7]),
    asks=st.lists(st.integers(3, 14), max_size=20),
    results=st.integers(0, 20),
    homes=st.integers(1, 3),
)
def test_every_row_is_answered_once_in_order_and_no_more_credits_are_given_than_results_come(
    seed: int, host: int | None, every: int, asks: list[int], results: int, homes: int
) -> None:
    pace = Pace(host)
    pace.every, pace.serving = every, True
    server, chip = Server(INPUTS, homes, results, pace, 0), Chip(Random(seed), asks, results, homes)
    sent = run(server, chip)
    assert chip.asked == asks and chip.answers[: len(asks)] == [row_of(instance) for instance in asks]
    assert len(chip.answers) == len(asks) and not chip.command
    assert chip.given == results == server.came and chip.credits == 0
    assert server.replies == [header(Message.DONE), 5] * homes
    assert all(later - sooner >= every for sooner, later in pairwise(sent))


def test_a_host_that_is_always_ready_answers_in_the_cycle_in_which_it_has_heard() -> None:
    server = Server(INPUTS, 1, 2, Pace(), 10)
    assert [server.word(10), server.word(11), server.word(12)] == [CREDIT, 2, None]
    assert server.wake is None
    for word in (header(Message.ROW), 4):
        server.hear(word, 20)
    assert server.wake == 20
    assert [server.word(cycle) for cycle in range(20, 26)] == [ROW, 3, 4, 5, 6, None]


def test_credits_are_topped_up_when_half_are_used() -> None:
    server = Server((), 1, 100_000, Pace(), 0)
    assert [server.word(0), server.word(1), server.word(2)] == [CREDIT, 0xFFFF, None]
    for came in range(1, 0xFFFF):
        for word in (header(Message.RESULT), came, 1):
            server.hear(word, 9)
        if server.wake is not None:
            break
    assert 0xFFFF - came == 0xFFFF // 2
    assert [server.word(9), server.word(10)] == [CREDIT, min(came, 100_000 - 0xFFFF)]


def test_what_the_chip_may_not_ask() -> None:
    server = Server(INPUTS, 1, 0, Pace(), 0)
    server.hear(header(Message.ROW), 1)
    with pytest.raises(ServeError, match="a row of instance 2, which has none"):
        server.hear(2, 2)
    for word in (header(Message.RESULT), 7):
        server.hear(word, 3)
    with pytest.raises(ServeError, match="a result of instance 7 came that nobody waits for"):
        server.hear(3, 4)


def test_what_is_missing_is_told() -> None:
    server = Server((), 2, 3, Pace(), 0)
    for word in (header(Message.DONE), 7, header(Message.STALLED, 1), 9):
        server.hear(word, 3)
    assert server.missing(50) == "1 of 2 DONEs and 0 of 3 results came within 50 cycles"
    assert server.replies == [header(Message.DONE), 7, header(Message.STALLED, 1), 9]
