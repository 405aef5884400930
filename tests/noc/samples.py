# SPDX-License-Identifier: Apache-2.0
"""Packets and messages for tests of the fabric."""

import random
from dataclasses import dataclass

from amaranth.lib import data

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_sim.reference.switches import xy_port

CONFIG = Config()


@dataclass(frozen=True)
class Word:
    """A flit of `width` bits and its mark."""

    data: int
    last: bool
    width: int = CONFIG.data_width

    def __int__(self) -> int:
        return self.data | self.last << self.width

    @property
    def header(self) -> data.Const:
        header = layouts(CONFIG).header
        return struct(header).from_bits(self.data & (1 << header.size) - 1)


@dataclass(frozen=True)
class Note:
    """A message: `bits` are a ControlFlit's of a configuration."""

    bits: int
    config: Config = CONFIG

    def __int__(self) -> int:
        return self.bits

    @property
    def flit(self) -> data.Const:
        return struct(layouts(self.config).control_flit).from_bits(self.bits)


def packet(
    rng: random.Random,
    x: int,
    y: int,
    unit: int = 0,
    count: int | None = None,
    width: int = CONFIG.data_width,
    host: int = 0,
) -> list[Word]:
    """Make a packet of 1 to 5 flits, or of as many as told, with random bits behind the header."""
    header = layouts(CONFIG).header
    behind = rng.getrandbits(width - header.size) << header.size
    more = rng.randint(0, 4) if count is None else count - 1
    body = [header.pack(x=x, y=y, unit=unit, host=host) | behind, *(rng.getrandbits(width) for _ in range(more))]
    return [Word(flit, number == more, width) for number, flit in enumerate(body)]


def note(rng: random.Random, x: int, y: int, host: bool = False) -> Note:
    """Make a message with a random payload."""
    fields = {"x": x, "y": y, "host": host, "payload": rng.getrandbits(32), "source_x": rng.getrandbits(7)}
    return Note(layouts(CONFIG).control_flit.pack(**fields))


def data_route(word: Word, x: int, y: int, vcs: int = 1) -> tuple[int, int]:
    """Port by which a packet leaves a tile, and its VC there: with two of them 0 if it goes straight on."""
    to = word.header.x, word.header.y
    port = xy_port(*to, x, y)
    across, down = ((0, 0), (0, -1), (1, 0), (0, 1), (-1, 0))[port]
    return port, int(vcs == 2 and port != 0 and xy_port(*to, x + across, y + down) != port)


def control_port(message: Note, x: int, y: int) -> int:
    port = xy_port(message.flit.x, message.flit.y, x, y)
    return 4 if port == 0 and message.flit.host else port


def target(
    rng: random.Random, port: int, size: int, x: int, y: int, turns: tuple[tuple[int, ...], ...]
) -> tuple[int, int]:
    """TbuSelect a target for what comes in by a port of tile x, y."""
    while True:
        to = rng.randrange(size), rng.randrange(size)
        if xy_port(*to, x, y) in turns[port]:
            return to
