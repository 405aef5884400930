# SPDX-License-Identifier: Apache-2.0
"""The words that go through the host port: a RESET, every table of an image, then the start; and READs of counters.

::

    RESET, IDENTITY ─▶ LOADs ─▶ SEAL ─▶ START

    BootWord     each LOAD goes to every tile of a rectangle,
    LoadPlace    or to those in it that lie 2^step tiles apart
    count
    count words of data

What all tiles share goes to the whole mesh at once; owners to each region; lists, streams and dead parts to each tile.
Configurations go to the tiles at the same place in all library regions of one shape at once, so no more than four times
in all; which tile has which goes to each of these regions. If tables are short, words that do nothing follow until the
RESET has had its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.bits import Layout
from octopus_hw.contract.codes import BootOp, LoadTarget, Register
from octopus_hw.contract.config import Config
from octopus_hw.contract.identity import configuration_hash
from octopus_hw.contract.layout import LOADED, Balance, BootWord, LoadPlace, Mode, ReadWord
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import Image, Library, TileImage
from octopus_hw.image.mapping import regions

__all__ = [
    "MAX_LOAD", "Rectangle", "boot_words", "identity_words", "load_words", "pack_rows", "read_words", "reset_words",
    "seal_words", "silence_words", "start_words", "status_words",
]  # fmt: skip

#: Most words of one LOAD.
MAX_LOAD = (1 << LOADED) - 1

Words = NDArray[np.uint32]


class Rectangle(NamedTuple):
    """Tiles from column x0 to x1 and row y0 to y1, both included."""

    x0: int
    y0: int
    x1: int
    y1: int

    def header(self, op: BootOp) -> int:
        """Return the header word of an operation on these tiles."""
        header: int = BootWord.pack(op=op, **self._asdict())
        return header


def pack_rows(layout: Layout, rows: NDArray[np.void]) -> Words:
    """Return rows of a table as words, each row padded to a power of two of them.

    Raises
    ------
    ValueError
        A number does not fit its field.
    """
    words = np.zeros((len(rows), layout.columns), np.uint32)
    for column, word in enumerate(layout.pack_words({name: rows[name] for name in layout.spans})):
        words[:, column] = word
    return words.reshape(-1)


def reset_words(config: Config) -> Words:
    """Return the words of a RESET, as many as it takes cycles: what follows them finds a chip that never ran."""
    words = np.zeros(config.reset_cycles, np.uint32)
    words[0] = Rectangle(0, 0, 0, 0).header(BootOp.RESET)
    return words


def silence_words() -> Words:
    """Return words behind which a RESET is one, whatever was sent before."""
    return np.zeros(MAX_LOAD + 1, np.uint32)


def identity_words(columns: int, rows: int, config: Config) -> Words:
    """Return the words that say what chip an image is for."""
    mesh = Rectangle(0, 0, columns - 1, rows - 1)
    return np.array([mesh.header(BootOp.IDENTITY), configuration_hash(config)], np.uint32)


def load_words(
    where: Rectangle, memory: LoadTarget, words: Sequence[int] | Words, address: int = 0, step: int = 0
) -> Words:
    """Return the words of one LOAD, to all tiles of a rectangle or to those 2^step apart."""
    payload = np.asarray(words, np.uint32)
    place = LoadPlace.pack(memory=memory, address=address, step=step)
    header = [where.header(BootOp.LOAD), place, len(payload)]
    return np.concatenate([np.array(header, np.uint32), payload])


def seal_words(words: Words) -> Words:
    """Return the SEAL of all words that were sent since the RESET, which is not among them."""
    sealed = np.concatenate([words, np.array([Rectangle(0, 0, 0, 0).header(BootOp.SEAL), len(words) + 1], np.uint32)])
    return np.array([*sealed[-2:], crc32(sealed.astype("<u4").tobytes())], np.uint32)


def start_words(columns: int, rows: int, start: int = 0) -> Words:
    """Return the words that start a mesh; when it may be late, says docs/timing.md#a-late-start."""
    return np.array([Rectangle(0, 0, columns - 1, rows - 1).header(BootOp.START), start], np.uint32)


def status_words() -> Words:
    """Return the word that asks the port for its state."""
    return np.array([Rectangle(0, 0, 0, 0).header(BootOp.STATUS)], np.uint32)


def boot_words(image: Image, start: int = 0) -> Words:
    """Return all words that load an image into a mesh, whatever run it ends, and start it."""
    boot = _Boot(image)
    reset = reset_words(image.config)
    boot.parts.append(identity_words(image.columns, image.rows, image.config))
    boot.common()
    for library in image.libraries:
        boot.library(library)
    for region, tiles in enumerate(regions(image.columns, image.rows)):
        boot.region(region, Rectangle(*tiles[0], *tiles[-1]))
    for tile in image.tiles:
        boot.tile(tile)
    loads = np.concatenate(boot.parts)
    loads = np.concatenate([loads, reset[1 + len(loads) :]])
    return np.concatenate([reset[:1], loads, seal_words(loads), start_words(image.columns, image.rows, start)])


def read_words(where: Rectangle, count: int, first: int = 0) -> Words:
    """Return the words that ask a tile for counters, or all tiles of a rectangle for one: a DATA message for each."""
    return np.array([where.header(BootOp.READ), ReadWord.pack(first=first, count=count)], np.uint32)


class _Boot:
    def __init__(self, image: Image) -> None:
        self.image = image
        self.layouts = layouts(image.config)
        self.step = image.config.library_region.bit_length() - 1
        self.mesh = Rectangle(0, 0, image.columns - 1, image.rows - 1)
        self.parts: list[Words] = []

    def load(
        self, where: Rectangle, memory: LoadTarget, words: Sequence[int] | Words, address: int = 0, step: int = 0
    ) -> None:
        """Add the words of LOADs to consecutive addresses, as many as it takes."""
        payload = np.asarray(words, np.uint32)
        for first in range(0, len(payload), MAX_LOAD):
            self.parts.append(load_words(where, memory, payload[first : first + MAX_LOAD], address + first, step))

    def common(self) -> None:
        image, mesh, rows = self.image, self.mesh, self.layouts
        self.load(mesh, LoadTarget.REGISTER, [image.seed, Mode.pack(**image.mode)], Register.SEED)
        self.load(mesh, LoadTarget.REGISTER, [Balance.pack(**image.balance), image.watchdog], Register.BALANCE)
        self.load(mesh, LoadTarget.REGISTER, [0, 0, image.stream_mask], Register.DEAD)
        self.load(mesh, LoadTarget.FLOW, pack_rows(rows.flow_row, image.flows))
        self.load(mesh, LoadTarget.NUMBER, image.numbers)
        self.load(mesh, LoadTarget.SLOT, pack_rows(rows.slot_row, image.slots))

    def library(self, library: Library) -> None:
        rows = self.layouts
        for tile, words in enumerate(library.stores):
            y, x = divmod(tile, library.columns)
            self.load(Rectangle(library.x + x, library.y + y, *library.last), LoadTarget.STORE, words, step=self.step)
        regions = Rectangle(library.x, library.y, *library.last)
        self.load(regions, LoadTarget.LIBRARY, pack_rows(rows.library_row, library.table))
        for x, y in library.corners:
            region = Rectangle(x, y, x + library.columns - 1, y + library.rows - 1)
            self.load(region, LoadTarget.LIBRARY_TILE, pack_rows(rows.library_tile, library.tiles(x, y)))

    def region(self, region: int, where: Rectangle) -> None:
        image, rows = self.image, self.layouts
        self.load(where, LoadTarget.OWN_HEAD, pack_rows(rows.own_head, image.own_heads[region]))
        self.load(where, LoadTarget.OWNER, pack_rows(rows.owner, image.owners[region]))

    def tile(self, tile: TileImage) -> None:
        where, rows = Rectangle(tile.x, tile.y, tile.x, tile.y), self.layouts
        # Never last: what is injected first is looked up early (octopus_hw/cbu/injector.py).
        self.load(where, LoadTarget.STREAM, pack_rows(rows.stream_row, tile.streams))
        self.load(where, LoadTarget.LIST, pack_rows(rows.list_row, tile.list))
        if tile.dead:
            self.load(where, LoadTarget.REGISTER, [tile.dead & 0xFFFFFFFF, tile.dead >> 32], Register.DEAD)
        self.load(where, LoadTarget.REGISTER, [tile.expected], Register.EXPECTED)
