# SPDX-License-Identifier: Apache-2.0
"""Work that moves towards tiles that ask for it (docs/timing.md#balancing)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from octopus_sim.reference.work import WORTH

__all__ = ["Exchange", "Grants", "partner_at"]

DISTANCES = (1, 2, 4, 8)


def partner_at(x: int, y: int, partner: int) -> tuple[int, int]:
    """Return the tile that x, y calls by this number (docs/timing.md#balancing)."""
    distance, direction = DISTANCES[partner // 4], partner % 4
    dx, dy = ((0, -1), (1, 0), (0, 1), (-1, 0))[direction]
    return x + dx * distance, y + dy * distance


class Exchange:
    """A tile's part in the exchange of work, and what it decides (docs/timing.md#exchange).

    Parameters
    ----------
    period : int
        `tick`, in cycles.
    hop : int
        H, in cycles.
    strides, hysteresis, shift, nominal : int
        The fields of `Balance`.
    """

    def __init__(self, period: int, hop: int, strides: int, hysteresis: int, shift: int, nominal: int) -> None:
        self.period, self.hop, self.strides, self.hysteresis = period, hop, strides, hysteresis
        self.worth, self.rate = WORTH[nominal], WORTH[nominal] << shift
        self.promised: set[int] = set()
        self.since: int | None = None  # cycles since the last tick
        self.best, self.partner = 0, 0
        self.allowance = 0
        self.wants: int | None = None  # the partner

    def is_tick(self, cycle: int, running: bool) -> bool:
        """Whether the tile ticks."""
        return running and cycle % self.period == 0

    def step(
        self, cycle: int, running: bool, work: int, come: Sequence[int], granted: bool, taken: int | None
    ) -> list[int]:
        """Return what is sent in each direction; `come` is what has come from each in this cycle."""
        wants, send = self.wants, [0] * 4
        if self.is_tick(cycle, running):
            self.since, self.best, self.wants = 0, 0, None
            send = [work] * 4
        elif self.since is not None:
            self.since += 1
            hops, rest = divmod(self.since, self.hop)
            if rest == 0 and 1 <= hops <= 7:
                send = [come[(direction + 2) % 4] for direction in range(4)]
            if rest == 0 and hops in DISTANCES:
                self.look(DISTANCES.index(hops), come)
            if self.since == 8 * self.hop + 1:
                self.decide(work)
        if granted:
            assert wants is not None
            self.promised.add(wants)
            self.allowance -= self.rate
            self.wants = None
        if taken is not None:
            self.promised.remove(taken)
        return send

    def look(self, log: int, come: Sequence[int]) -> None:
        """Keep the best of what has come from the partners at a distance."""
        if self.strides >> log & 1:
            seen = [(work, -way) for way, work in enumerate(come) if 4 * log + way not in self.promised]
            work, way = max(seen, default=(0, 0))
            if work > self.best:
                self.best, self.partner = work, 4 * log - way

    def decide(self, work: int) -> None:
        """Decide whether the tile wants the best partner's work."""
        ahead = self.best - (work + len(self.promised) * self.worth)
        if ahead <= self.hysteresis:
            self.allowance = 0
            return
        self.allowance = min(self.allowance + ahead, 2 * self.rate)
        if self.allowance >= self.rate:
            self.wants = self.partner


class Grants:
    """Grants, oldest first, and how many of them are old and stale (docs/timing.md#grants)."""

    def __init__(self) -> None:
        self.queue: deque[dict[str, int]] = deque()
        self.old = self.stale = 0
        self.pushed: dict[str, int] | None = None
        self.taken = 0

    def take(self) -> dict[str, int]:
        """Take the oldest; it is gone in the next cycle."""
        self.taken = 1
        return self.queue[0]

    def end_cycle(self, tick: bool) -> None:
        """Do what was pushed and taken, and age them in a tick."""
        if self.taken:
            self.queue.popleft()
            self.old, self.stale = max(0, self.old - 1), max(0, self.stale - 1)
        if tick:
            self.stale, self.old = self.old, len(self.queue)
        if self.pushed is not None:
            self.queue.append(self.pushed)
        assert len(self.queue) <= 16
        self.pushed, self.taken = None, 0
