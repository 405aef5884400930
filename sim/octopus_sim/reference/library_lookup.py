# SPDX-License-Identifier: Apache-2.0
"""Where a tile's loaders ask for configurations (docs/timing.md#local-messages)."""

from __future__ import annotations

from collections.abc import Sequence

from octopus_sim.reference.conventions import RoundRobin

__all__ = ["LibraryLookup"]


class LibraryLookup:
    """The lookup between two cycles: `offered` is the tile that has the configuration, the block and the TBU, or None.

    `tiles` is the table, by block.
    """

    def __init__(self, tiles: Sequence[tuple[int, int]], tbus: int) -> None:
        self.tiles = tiles
        self.turns = RoundRobin(tbus)
        self.offered: tuple[tuple[int, int], int, int] | None = None

    def step(self, asks: Sequence[int | None], room: bool) -> int | None:
        """Pass a cycle: what each TBU asks for, and whether what is offered can move; return whose head is taken."""
        if self.offered is not None:
            self.offered = None if room else self.offered
            return None
        tbu = self.turns.pick([block is not None for block in asks])
        self.turns.move(tbu)
        if tbu is not None:
            block = asks[tbu]
            assert block is not None
            self.offered = self.tiles[block], block, tbu
        return tbu
