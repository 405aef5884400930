# SPDX-License-Identifier: Apache-2.0
"""The configuration library: shared out over the home stores of a region's tiles, from address 0 on.

The mesh is cut in squares of `library_region` tiles a side, cut off at the right and at the bottom::

    ┌───────┬───────┬───┐
    │ whole │ whole │ r │     The tiles of such a region, those that compute nothing too, have each configuration once.
    ├───────┼───────┼───┤     Regions of one shape share them out alike: the longest first, each to the tile that has
    │ bottom│ bottom│ c │     the fewest words so far. A tile's lie one after the other in quads, by block.
    └───────┴───────┴───┘

A timed Task Block's configuration has no meaning, so its words are a pattern that tells block and position apart:
word i of block b is ``(b << 16 | i) x 0x9E3779B1 mod 2^32``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heapify, heapreplace

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import Library, row_type
from octopus_hw.image.limits import require_configuration
from octopus_hw.owg.objects import ALIGN, Task, aligned
from octopus_hw.owg.workload import Workload

__all__ = ["libraries", "library_words"]

_PATTERN = np.uint64(0x9E3779B1)


def library_words(workload: Workload, config: Config, columns: int, rows: int) -> int:
    """Return the words of the home store that configurations take in the tile that has most.

    Raises
    ------
    InputError
        A configuration is longer than the longest can be.
    """
    for stream in workload.streams:
        for number in stream.workflow.tasks:
            require_configuration(stream.workflow, number, config)
    lengths, side = _lengths(workload), config.library_region
    return max(_fullest(lengths, wide * high) for _, _, wide in _cut(columns, side) for _, _, high in _cut(rows, side))


def libraries(workload: Workload, config: Config, columns: int, rows: int) -> tuple[Library, ...]:
    """Share the configurations out, in the regions of each shape that a mesh has."""
    side = config.library_region
    return tuple(
        _library(workload, config, (x, across, wide), (y, down, high))
        for y, down, high in _cut(rows, side)
        for x, across, wide in _cut(columns, side)
    )


def _cut(length: int, side: int) -> Iterator[tuple[int, int, int]]:
    """Cut a row or column of tiles: yield where parts of one length begin, how many they are, and their length."""
    whole, rest = divmod(length, side)
    if whole:
        yield 0, whole, side
    if rest:
        yield whole * side, 1, rest


def _lengths(workload: Workload) -> list[int]:
    """Return the words of each block's configuration."""
    blocks = [block for stream in workload.streams for block in stream.workflow.blocks]
    return [block.config if isinstance(block, Task) else 0 for block in blocks]


def _shared(lengths: Sequence[int], tiles: int) -> list[int]:
    """Return for each configuration which of so many tiles has it."""
    filled = [(0, tile) for tile in range(tiles)]
    heapify(filled)
    holders = [0] * len(lengths)
    for block in sorted(range(len(lengths)), key=lambda block: -aligned(lengths[block])):
        words, holders[block] = filled[0]
        heapreplace(filled, (words + aligned(lengths[block]), holders[block]))
    return holders


def _fullest(lengths: Sequence[int], tiles: int) -> int:
    """Return the words of the tile that has most, if so many tiles share configurations of these lengths."""
    words = [0] * tiles
    for length, tile in zip(lengths, _shared(lengths, tiles), strict=True):
        words[tile] += aligned(length)
    return max(words)


def _library(
    workload: Workload, config: Config, horizontal: tuple[int, int, int], vertical: tuple[int, int, int]
) -> Library:
    """Share the configurations out in regions of one shape: see `_cut`."""
    (x, across, columns), (y, down, rows) = horizontal, vertical
    lengths = _lengths(workload)
    tiles = _shared(lengths, columns * rows)
    table = np.zeros(len(lengths), row_type(layouts(config).library_row))
    holders = np.zeros(len(lengths), row_type(layouts(config).library_tile))
    stores: list[list[NDArray[np.uint32]]] = [[] for _ in range(columns * rows)]
    filled = [0] * len(stores)
    for block, (length, tile) in enumerate(zip(lengths, tiles, strict=True)):
        if length:
            table[block]["address"] = filled[tile] // ALIGN
            filled[tile] += aligned(length)
            stores[tile].append(_configuration(block, length))
    table["words"] = lengths
    table["parallel"] = _parallel(workload)
    holders["y"], holders["x"] = np.divmod(tiles, columns)
    words = tuple(np.concatenate([np.zeros(0, np.uint32), *store]) for store in stores)
    return Library(x=x, y=y, columns=columns, rows=rows, across=across, down=down,
                   table=table, holders=holders, stores=words)  # fmt: skip


def _parallel(workload: Workload) -> list[int]:
    """Return log2 of the PEAs that an invocation of each block may be split over."""
    blocks = [block for stream in workload.streams for block in stream.workflow.blocks]
    return [block.parallel.bit_length() - 1 if isinstance(block, Task) else 0 for block in blocks]


def _configuration(block: int, length: int) -> NDArray[np.uint32]:
    """Return a configuration's words, with 0 up to whole quads."""
    words = np.zeros(aligned(length), np.uint32)
    words[:length] = (np.uint64(block << 16) + np.arange(length, dtype=np.uint64)) * _PATTERN & np.uint64(0xFFFFFFFF)
    return words
