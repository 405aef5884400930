# SPDX-License-Identifier: Apache-2.0
"""The tally unit by the page, word by word and cycle by cycle (docs/timing.md#tally)."""

from collections import deque
from dataclasses import dataclass, field

MASK = 0xFFFFFFFF


@dataclass
class Result:
    """A token's result: of `size` words, the first of which are its `words` operands."""

    place: int
    words: int
    size: int
    key: int
    accepted: int
    keyed: int = -1  #: when its key is drawn
    expected: list[int] = field(default_factory=list)

    @property
    def needs_key(self) -> bool:
        return self.size > self.words

    def define(self, operands: list[int]) -> None:
        made = [self.key + j * 0x9E3779B9 & MASK for j in range(self.size)]
        self.expected = [operands[j] if j < self.words else x ^ x >> 16 for j, x in enumerate(made)]

    @property
    def sum(self) -> int:
        return sum((self.size - j) * word for j, word in enumerate(self.expected)) & MASK


class Twin:
    """The unit's cycles; `w` words lie in a row."""

    def __init__(self, w: int) -> None:
        self.w = w
        self.queue: deque[Result] = deque()
        self.result: Result | None = None
        self.taken = 0
        self.read: list[int] = []  #: in which cycles
        self.done = 0
        self.last: tuple[int, Result] | None = None  #: the last one that was done, and when
        self.sums: dict[int, tuple[int, int]] = {}  #: of each place, and from which cycle on it is visible

    def rows(self, words: int) -> int:
        return -(-words // self.w)

    def accept(self, result: Result) -> None:
        self.queue.append(result)
        self.sums.pop(result.place, None)

    def sum(self, place: int, now: int) -> int | None:
        """Return a place's sum, if it is visible."""
        since, sum_ = self.sums.get(place, (now + 1, 0))
        return sum_ if since <= now else None

    def step(self, now: int, sender_reads: bool, receiver_writes: bool) -> tuple[int | None, int | None]:
        """Go through one cycle; return which row is read, and which written."""
        if self.result is None:
            if self.queue and self.queue[0].accepted < now and self.has_key(now):
                self.result, self.taken, self.read, self.done = self.queue.popleft(), now, [], 0
            return None, None
        result, read, written = self.result, None, None
        rows, held = self.rows(result.size), self.rows(min(result.words, result.size))
        if len(self.read) < held and not sender_reads:
            read = len(self.read)
        if self.done < rows and self.may_be_done(now, held):
            beyond = min(result.size, (self.done + 1) * self.w) > result.words
            if not (beyond and receiver_writes):
                written = self.done if beyond else None
                self.done += 1
        if read is not None:
            self.read.append(now)
        if self.done == rows:
            self.last, self.result = (now, result), None
            self.sums[result.place] = now + 2, result.sum
        return read, written

    def has_key(self, now: int) -> bool:
        return not self.queue[0].needs_key or 0 <= self.queue[0].keyed < now

    def may_be_done(self, now: int, held: int) -> bool:
        if self.done < held:
            return self.done < len(self.read) and self.read[self.done] <= now - 2
        return now >= self.taken + 2
