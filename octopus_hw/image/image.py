# SPDX-License-Identifier: Apache-2.0
"""A compiled run: every table that the chip is loaded with, as numbers.

The model reads it as it is; `boot.py` turns it into words.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.bits import Layout
from octopus_hw.contract.config import REGION, Config

__all__ = ["Image", "Inputs", "Library", "TileImage", "row_type"]


def row_type(layout: Layout) -> np.dtype:
    """Return the NumPy record with a layout's fields (64-bit integers, without the padding)."""
    return np.dtype([(name, np.int64) for name in layout.spans])


@dataclass(frozen=True, kw_only=True)
class TileImage:
    """What differs from tile to tile."""

    x: int
    y: int
    dead: int  #: bit TBU * 8 + PEA
    expected: int  #: instances to inject
    #: rows of `Layouts.stream_row`, as many as `stream_mask` lets a tile visit; those that no stream has are empty
    streams: NDArray[np.void]
    list: NDArray[np.void]  #: rows of `Layouts.list_row`


@dataclass(frozen=True, kw_only=True)
class Library:
    """The configurations in the library regions of one shape, which are alike and lie side by side."""

    x: int  #: of the first region's first tile
    y: int
    columns: int  #: tiles of a region
    rows: int
    across: int  #: regions
    down: int
    table: NDArray[np.void]  #: rows of `Layouts.library_row` by block, of each tile
    holders: NDArray[np.void]  #: rows of `Layouts.library_tile` by block: who has it, from a region's first tile on
    stores: tuple[NDArray[np.uint32], ...]  #: for each tile of a region, row by row: its home store, from address 0 on

    @property
    def corners(self) -> Iterator[tuple[int, int]]:
        """The first tile of each region, row by row."""
        for down in range(self.down):
            for across in range(self.across):
                yield self.x + across * self.columns, self.y + down * self.rows

    @property
    def last(self) -> tuple[int, int]:
        """The last region's last tile."""
        return self.x + self.across * self.columns - 1, self.y + self.down * self.rows - 1

    def has(self, x: int, y: int) -> bool:
        """Say whether tile x, y lies in one of the regions."""
        return self.x <= x <= self.last[0] and self.y <= y <= self.last[1]

    def corner(self, x: int, y: int) -> tuple[int, int]:
        """Return the first tile of the region that x, y lies in."""
        return x - (x - self.x) % self.columns, y - (y - self.y) % self.rows

    def tiles(self, x: int, y: int) -> NDArray[np.void]:
        """Return rows of `Layouts.library_tile` by block, the same for each tile of the region that x, y lies in."""
        tiles, (first_x, first_y) = self.holders.copy(), self.corner(x, y)
        tiles["x"] += first_x
        tiles["y"] += first_y
        return tiles


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the host sends the instances of one stream."""

    first: int  #: the stream's first instance
    instances: int
    rows: NDArray[np.uint32]  #: shape (rows, words): used again from the start if there are more instances


@dataclass(frozen=True, kw_only=True)
class Image:
    """One workload, compiled for one mesh, configuration and strategy.

    Rows hold the fields of the configuration's layouts as they are stored: addresses and lengths of quads in quads.
    """

    config: Config
    columns: int
    rows: int
    seed: int
    mode: dict[str, int]  #: the bits of Mode
    balance: dict[str, int]  #: the fields of Balance
    stream_mask: int  #: a power of two minus 1, at least 1
    watchdog: int  #: after how many times 4,096 cycles without progress a tile reports
    flows: NDArray[np.void]  #: rows of `Layouts.flow_row`
    numbers: NDArray[np.uint32]  #: the number table: descriptors of field 0, 1 at 2 * block, then what they point to
    slots: NDArray[np.void]  #: rows of `Layouts.slot_row`
    libraries: tuple[
        Library, ...
    ]  #: for each shape of library regions: whole ones, at the right, at the bottom, corner
    own_heads: tuple[NDArray[np.void], ...]  #: for each region, row by row: rows of `Layouts.own_head` by block
    owners: tuple[NDArray[np.void], ...]  #: for each region: rows of `Layouts.owner`
    tiles: tuple[TileImage, ...]  #: row by row
    inputs: tuple[Inputs, ...] = ()  #: of each stream that has some, in their order

    @property
    def regions_across(self) -> int:
        """Regions in a row of regions."""
        return -(-self.columns // REGION)

    def row(self, instance: int) -> NDArray[np.uint32]:
        """Return the words that the host sends an instance whose stream has inputs."""
        its = next(inputs for inputs in self.inputs if 0 <= instance - inputs.first < inputs.instances)
        row: NDArray[np.uint32] = its.rows[(instance - its.first) % len(its.rows)]
        return row

    @property
    def last_due(self) -> int:
        """The last cycle in which an instance is due."""
        return max(int(tile.list["due"].max(initial=0)) for tile in self.tiles)

    def library(self, x: int, y: int) -> Library:
        """Return what is in the library region that tile x, y lies in."""
        return next(library for library in self.libraries if library.has(x, y))

    def region(self, x: int, y: int) -> int:
        """Return the number of the region that tile x, y lies in."""
        return y // REGION * self.regions_across + x // REGION
