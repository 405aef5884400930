# SPDX-License-Identifier: Apache-2.0
"""Where packets and messages go: the ports of a router, and what a routing policy says of them.

A policy is an object that the routers of both planes, the proof that nobody waits for himself
(`octopus_hw.chip.deadlock`) and the traffic chip are given. A switch is built with the turns of its policy alone, so
what is proved of them holds for every bit that arrives.

::

                 1 north (y - 1)
                     |
    4 west (x - 1) --+-- 2 east (x + 1)      0 local
                     |
                 3 south (y + 1)
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from amaranth.hdl import Cat, Const, Value

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import UNIT_ROW
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct

__all__ = [
    "DIRECTIONS", "INWARD", "Port", "Routing", "Turns",
    "header_of", "opposite", "step", "tile_route", "tile_turns",
]  # fmt: skip

#: For each input the outputs that it can reach.
Turns = tuple[tuple[int, ...], ...]


class Port(IntEnum):
    """Ports of a router."""

    LOCAL = 0
    NORTH = 1
    EAST = 2
    SOUTH = 3
    WEST = 4


#: The ports that are links, in the order in which a tile's links are numbered from 0 on.
DIRECTIONS = (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST)
#: Where what is for the host comes from: it goes to tile 0,0.
INWARD = (Port.LOCAL, Port.EAST, Port.SOUTH)


def opposite(port: int) -> Port:
    """Return the port at the other end of a port's link."""
    return Port((port + 1) % 4 + 1)


def step(port: int) -> tuple[int, int]:
    """Return what x and y grow by on the way through a port."""
    return ((0, 0), (0, -1), (1, 0), (0, 1), (-1, 0))[port]


@dataclass(frozen=True)
class Routing(ABC):
    """A routing policy: one shortest way from each tile to each other one, decided tile by tile.

    A subclass says which of the turns a packet takes. One that is to be fast with two virtual channels says itself,
    too, how a packet's virtual channel is found.

    Attributes
    ----------
    name
        What to call it.
    turns
        For each port the outputs that what comes in by it can take, in order of their numbers. By LOCAL comes only what
        is for another tile, or for the host.
    enters, leaves
        By which ports of tile 0,0 packets of the host come into the mesh and packets for it leave: of NORTH and WEST
        the one that is straight on for what still has to turn, and the one by which what leaves has made no turn of its
        own.
    """

    name: str
    turns: Turns
    enters: Port
    leaves: Port

    def __post_init__(self) -> None:
        """Refuse a policy by which what is for the host could not leave."""
        if missing := [port.name.lower() for port in INWARD if self.leaves not in self.turns[port]]:
            raise ValueError(f"{self.name}: no turn from {', '.join(missing)} to the {self.leaves.name.lower()}")

    @abstractmethod
    def route(self, to_x: Value, to_y: Value, x: Value, y: Value, outputs: Sequence[int]) -> Sequence[Value]:
        """Find the output that leads to a tile.

        Parameters
        ----------
        to_x, to_y
            The tile where it is to go.
        x, y
            The tile where it is.
        outputs
            Those that can be reached from where it came in.

        Returns
        -------
        One bit for each of `outputs`, of which exactly one is high.
        """

    def ends_or_turns(self, to_x: Value, to_y: Value, x: Value, y: Value, outputs: Sequence[int]) -> Value:
        """Find the VC on a link of two: whether a packet turns or ends in the next tile, or goes straight on.

        Parameters are those of `route`. What ends in this tile has virtual channel 0.
        """
        found: Value = Const(0)
        for output, chosen in zip(outputs, self.route(to_x, to_y, x, y, outputs), strict=True):
            if output != Port.LOCAL:
                (across, down), beyond = step(output), self.turns[opposite(output)]
                routes = self.route(to_x, to_y, (x + across)[: len(x)], (y + down)[: len(y)], beyond)
                straight = dict(zip(beyond, routes, strict=True)).get(output, Const(0))
                found = found | (chosen & ~straight)
        return found

    def out_of_the_mesh(self, host: Value, routes: Sequence[Value], outputs: Sequence[int]) -> Sequence[Value]:
        """Find the output of what may be for the host: from tile 0,0, where it is to go, on.

        Parameters
        ----------
        host
            It is for the host, and comes from where such packets come from (`INWARD`).
        routes, outputs
            What `route` says of its way to tile 0,0, among which outputs.
        """
        if self.leaves not in outputs:
            return routes
        leaves = host & self.is_there(routes, outputs)
        return [
            route | leaves if output == self.leaves else route & ~leaves if output == Port.LOCAL else route
            for output, route in zip(outputs, routes, strict=True)
        ]

    @staticmethod
    def is_there(routes: Sequence[Value], outputs: Sequence[int]) -> Value:
        """Whether `route` says that this is the tile where it is to go: by LOCAL, or by none of the outputs."""
        return routes[list(outputs).index(Port.LOCAL)] if Port.LOCAL in outputs else ~Cat(routes).any()

    def inputs(self, vcs: int) -> list[tuple[Port, int, tuple[int, ...]]]:
        """List the inputs of a router whose links have so many VCs: port, VC of the link's queue, outputs.

        With two virtual channels, a link's queue of virtual channel 0 holds what goes straight on, that of virtual
        channel 1 what turns or ends here.
        """
        turns = self.turns
        if vcs == 1:
            return [(port, 0, turns[port]) for port in Port]
        straight = [(port, 0, tuple(out for out in turns[port] if out == opposite(port))) for port in DIRECTIONS]
        others = [(port, 1, tuple(out for out in turns[port] if out != opposite(port))) for port in DIRECTIONS]
        return [(Port.LOCAL, 0, turns[Port.LOCAL]), *straight, *others]


def header_of(config: Config, word: Value) -> Any:
    """Return the fields of a packet's first word."""
    header = layouts(config).header
    return struct(header)(word[: header.size])


def tile_route(config: Config, word: Value, x: Value, y: Value, turns: tuple[int, ...]) -> Sequence[Value]:
    """Find the tile switch's output: a TBU, the home or the data router. `functools.partial` binds the sizes."""
    header, tbus = header_of(config, word), config.tbus
    here = (header.x == x) & (header.y == y) & ~header.host if tbus + 1 in turns else Const(1)
    routes = [*(here & (header.unit == unit) for unit in range(tbus)), here & (header.unit >= UNIT_ROW), ~here]
    return [routes[output] for output in turns]


def tile_turns(tbus: int) -> Turns:
    """List the tile switch's turns: what enters a tile stays in it; what a unit sends can go anywhere."""
    return ((*range(tbus + 2),),) * (tbus + 1) + ((*range(tbus + 1),),)
