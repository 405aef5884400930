# SPDX-License-Identifier: Apache-2.0
"""A TBU's tally unit, one cycle at a time (docs/timing.md#tally)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.config import Config

__all__ = ["Tally", "generated", "tally"]

_MASK = (1 << WORD) - 1

Token = dict[str, int]


def generated(key: int, j: int) -> int:
    """Return word j of those that come from a key (docs/timing.md#tally)."""
    x = (key + j * 0x9E3779B9) & _MASK
    return x ^ x >> 16


def tally(words: Sequence[int]) -> int:
    """Return the sum of a result's words (docs/timing.md#tally)."""
    return sum((len(words) - j) * word for j, word in enumerate(words)) & _MASK


@dataclass
class Tally:
    """One tally unit.

    Attributes
    ----------
    key
        Returns a place's key if it is visible in a cycle, or None.
    buffers
        By place: the words of its buffer, which become those of the result.
    sums
        By place: the sum, and the cycle in which its last row was done.
    read, written
        The row that was read, or written, in the cycle before: place and number.
    """

    config: Config
    key: Callable[[int, int], int | None]
    buffers: dict[int, list[int]]
    queue: deque[tuple[int, Token]] = field(default_factory=deque)
    sums: dict[int, tuple[int, int]] = field(default_factory=dict)
    task: tuple[int, Token] | None = None
    begun: int = 0  #: the cycle in which the task was taken
    reads_at: list[int] = field(default_factory=list)  #: by row: the cycle in which it was read
    done: int = 0  #: so many rows are
    read: tuple[int, int] | None = None
    written: tuple[int, int] | None = None

    @property
    def width(self) -> int:
        """Words of a row."""
        return self.config.data_width // WORD

    def accept(self, place: int, token: Token) -> None:
        """Push a token that the TBU has accepted."""
        self.sums.pop(place, None)
        self.queue.append((place, token))

    def step(self, now: int, reads: bool, data: bool) -> None:
        """Go through cycle `now`, in which the sender reads, and the receiver takes a data flit for a place."""
        self.read = self.written = None
        if self.task is None:
            self.take(now)
            return
        place, token = self.task
        if self.done < self.rows(token["result"]) and self.may_be_done(token, now, data):
            self.do(place, token, self.done)
            self.done += 1
        if len(self.reads_at) < self.operands(token) and not reads:
            self.read = place, len(self.reads_at)
            self.reads_at.append(now)
        if self.done == self.rows(token["result"]):
            self.sums[place] = tally(self.buffers[place][: token["result"]]), now
            self.task = None

    def rows(self, words: int) -> int:
        """Return the rows of some words."""
        return -(-words // self.width)

    def operands(self, token: Token) -> int:
        """Return the rows that are read."""
        return self.rows(min(token["words"], token["result"]))

    def may_be_done(self, token: Token, now: int, data: bool) -> bool:
        """Whether the next row can be done in cycle `now`."""
        if data and len(self.made(token, self.done)) > 0:
            return False
        if self.done < self.operands(token):
            return self.done < len(self.reads_at) and now >= self.reads_at[self.done] + 2
        return now >= self.begun + 2

    def take(self, now: int) -> None:
        """Take the head, if it needs no key or its key is visible."""
        if self.queue:
            place, token = self.queue[0]
            if token["result"] <= token["words"] or self.key(place, now) is not None:
                self.queue.popleft()
                self.task, self.begun, self.reads_at, self.done = (place, token), now, [], 0

    def made(self, token: Token, row: int) -> range:
        """Return the words of a row that are not operands."""
        first, last = self.width * row, min(self.width * (row + 1), token["result"])
        return range(max(first, token["words"]), last)

    def do(self, place: int, token: Token, row: int) -> None:
        """Let a row be done: its words that are no operands are written."""
        buffer = self.buffers[place]
        for j in self.made(token, row):
            key = self.key(place, 1 << WORD)
            assert key is not None
            buffer[j] = generated(key, j)
            self.written = place, row
