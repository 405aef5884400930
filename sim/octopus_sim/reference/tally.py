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
        The row that was looked at and read, or written, in the cycle before: place and number.
    """

    config: Config
    key: Callable[[int, int], int | None]
    buffers: dict[int, list[int]]
    queue: deque[tuple[int, Token]] = field(default_factory=deque)
    sums: dict[int, tuple[int, int]] = field(default_factory=dict)
    task: tuple[int, Token] | None = None
    next: int = 0  #: the row to look at
    looked: int | None = None  #: the row that was looked at and is not done
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
        if self.looked is not None and not self.waits(token, self.looked, data):
            self.do(place, token, self.looked)
            self.looked = None
        if self.looked is None:
            self.look(place, token, reads, now)

    def take(self, now: int) -> None:
        """Take the head, if it needs no key or its key is visible."""
        if self.queue:
            place, token = self.queue[0]
            if token["result"] <= token["words"] or self.key(place, now) is not None:
                self.queue.popleft()
                self.task, self.next = (place, token), 0

    def made(self, token: Token, row: int) -> range:
        """Return the words of a row that are not operands."""
        first, last = self.width * row, min(self.width * (row + 1), token["result"])
        return range(max(first, token["words"]), last)

    def waits(self, token: Token, row: int, data: bool) -> bool:
        """Whether a row cannot be done in a cycle in which the receiver takes data."""
        return data and len(self.made(token, row)) > 0

    def do(self, place: int, token: Token, row: int) -> None:
        """Let a row be done: its words that are no operands are written."""
        buffer = self.buffers[place]
        for j in self.made(token, row):
            key = self.key(place, 1 << WORD)
            assert key is not None
            buffer[j] = generated(key, j)
            self.written = place, row

    def look(self, place: int, token: Token, reads: bool, now: int) -> None:
        """Look at the next row, if there is one and it need not be read while the sender reads; or come to the end."""
        if self.width * self.next >= token["result"]:
            self.sums[place] = tally(self.buffers[place][: token["result"]]), now
            self.task = None
            return
        operands = self.width * self.next < token["words"]
        if not (operands and reads):
            self.looked, self.next = self.next, self.next + 1
            self.read = (place, self.looked) if operands else None
