# SPDX-License-Identifier: Apache-2.0
"""The twin's parts that pools and balancing need, from docs/timing.md, section 5."""

from collections import deque
from typing import Any

from octopus_hw.contract.codes import Pool

MOST = 4095


def worth(weight: int) -> int:
    return [0, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384][weight]


def pick(pool: int, seat: int, loads: dict[int, int], live: list[int], own: int | None) -> tuple[int | None, bool]:
    """Return which TBU, of those in `loads`, takes a token, and whether one of them has a gap."""
    gaps = {tbu: load for tbu, load in loads.items() if load < live[tbu]}

    def lowest(sign: int, among: dict[int, int]) -> int:
        return min(among, key=lambda tbu: (sign * among[tbu], tbu != own, tbu))

    if not loads:
        return None, False
    if pool == Pool.STAY and seat in gaps:
        return seat, True
    if pool == Pool.FILL and gaps:
        return lowest(-1, gaps), True
    return lowest(1, loads), bool(gaps)


def partner_at(x: int, y: int, partner: int) -> tuple[int, int]:
    """Return the tile that x, y calls by this number."""
    distance, direction = 1 << partner // 4, partner % 4
    dx, dy = [(0, -1), (1, 0), (0, 1), (-1, 0)][direction]
    return x + dx * distance, y + dy * distance


class Grants:
    """Grants, oldest first, and how many of them are old and stale."""

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
        if self.taken:
            self.queue.popleft()
            self.old, self.stale = max(0, self.old - 1), max(0, self.stale - 1)
        if tick:
            self.stale, self.old = self.old, len(self.queue)
        if self.pushed is not None:
            self.queue.append(self.pushed)
        assert len(self.queue) <= 16
        self.pushed, self.taken = None, 0


class HomeWork:
    """Work at home."""

    def __init__(self, mode: dict[str, int]) -> None:
        self.counts = bool(mode["balance"]) and not mode["static"]
        self.announces = self.counts and bool(mode["announce"])
        self.units = self.change = 0

    def stall(self, weight: int) -> None:
        self.change += worth(weight) * self.counts

    def retry(self, weight: int) -> None:
        self.change -= worth(weight) * self.counts

    def announce(self, children: int, weight: int) -> None:
        self.change += children * worth(weight) * self.announces

    def set_out(self, weight: int) -> None:
        self.change -= worth(weight) * self.announces

    def end_cycle(self) -> None:
        self.units = (self.units + self.change) % 2**24
        self.change = 0

    def tile(self, tbus: list[int]) -> int:
        return min(MOST, self.units + sum(tbus))


def message_of(grant: dict[str, Any], returned: int) -> dict[str, Any]:
    """The TAKEN that answers a grant."""
    return grant | {"message": "TAKEN", "returned": returned}
