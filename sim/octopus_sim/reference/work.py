# SPDX-License-Identifier: Apache-2.0
"""How much work there is in a tile (docs/timing.md#work, docs/timing.md#work-at-home)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["WORTH", "HomeWork"]

#: Units of work, by weight: (2 + m) << e.
WORTH = (0, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)
#: Where a tile's work is cut off.
MOST = 4095


class HomeWork:
    """Work at home: a counter of 24 bits (docs/timing.md#work-at-home)."""

    def __init__(self, mode: Mapping[str, int]) -> None:
        self.counts = bool(mode["balance"]) and not mode["static"]
        self.announces = self.counts and bool(mode["announce"])
        self.units = self.change = 0

    def stall(self, weight: int) -> None:
        """Add the token of a holder that failed and is pushed to stalled."""
        self.change += WORTH[weight] * self.counts

    def retry(self, weight: int) -> None:
        """Subtract the token of a holder that was taken from stalled."""
        self.change -= WORTH[weight] * self.counts

    def announce(self, children: int, weight: int) -> None:
        """Add all children of a spawn."""
        self.change += children * WORTH[weight] * self.announces

    def set_out(self, weight: int) -> None:
        """Subtract a child that sets out."""
        self.change -= WORTH[weight] * self.announces

    def end_cycle(self) -> None:
        """Make what was added and subtracted visible."""
        self.units = (self.units + self.change) % 2**24
        self.change = 0

    def tile(self, tbus: Iterable[int]) -> int:
        """Return the tile's work, given its TBUs'."""
        return min(MOST, self.units + sum(tbus))
