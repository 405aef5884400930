# SPDX-License-Identifier: Apache-2.0
"""Where packets and messages go: ports, route functions, and the turns that exist at all.

A route function is given a target and the tile's own coordinates, and says of each output whether it is the one.
A switch is built with the turns of its routing alone, so what `octopus_hw.deadlock` proves of a table of turns holds
for every bit that arrives.

::

                 1 north (y - 1)
                     |
    4 west (x - 1) --+-- 2 east (x + 1)      0 local
                     |
                 3 south (y + 1)
"""

from collections.abc import Callable, Sequence
from enum import IntEnum

from amaranth.hdl import Value

from octopus_hw.layout import UNIT_HOME, ControlFlit, Flit, Header

__all__ = [
    "CONTROL_TURNS", "DATA_TURNS", "DIRECTIONS", "HOST_TURNS", "Port", "Route", "Turns",
    "control_route", "data_route", "opposite", "step", "tile_route", "tile_turns",
]  # fmt: skip

#: For each input the outputs that it can reach.
Turns = tuple[tuple[int, ...], ...]
#: Payload, the tile's x, its y -> for each output whether the payload goes there; exactly one is high.
Route = Callable[[Value, Value, Value], Sequence[Value]]


class Port(IntEnum):
    """Ports of a router."""

    LOCAL = 0
    NORTH = 1
    EAST = 2
    SOUTH = 3
    WEST = 4


#: The ports that are links, in the order in which a tile's links are numbered from 0 on.
DIRECTIONS = (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST)

#: x first, then y, then local; what is for its own tile never enters the data router.
DATA_TURNS: Turns = (
    (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST),
    (Port.LOCAL, Port.SOUTH),
    (Port.LOCAL, Port.NORTH, Port.SOUTH, Port.WEST),
    (Port.LOCAL, Port.NORTH),
    (Port.LOCAL, Port.NORTH, Port.EAST, Port.SOUTH),
)

#: Turns that only a message for the host takes, at tile 0,0, out of the mesh.
HOST_TURNS: tuple[tuple[int, int], ...] = ((Port.SOUTH, Port.WEST),)

#: As on the data plane, but a tile's messages to itself pass its router too, and there is the way to the host.
CONTROL_TURNS: Turns = (
    (Port.LOCAL, Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST),
    (Port.LOCAL, Port.SOUTH),
    (Port.LOCAL, Port.NORTH, Port.SOUTH, Port.WEST),
    (Port.LOCAL, Port.NORTH, Port.WEST),
    (Port.LOCAL, Port.NORTH, Port.EAST, Port.SOUTH),
)


def opposite(port: int) -> Port:
    """Return the port at the other end of a port's link."""
    return Port((port + 1) % 4 + 1)


def step(port: int) -> tuple[int, int]:
    """Return what x and y grow by on the way through a port."""
    return ((0, 0), (0, -1), (1, 0), (0, 1), (-1, 0))[port]


def data_route(flit: Value, x: Value, y: Value) -> Sequence[Value]:
    """Find the data router's output for a packet's first flit."""
    header = Header(Flit(flit).data)
    return _xy(header.x, header.y, x, y)


def control_route(message: Value, x: Value, y: Value) -> Sequence[Value]:
    """Find the control router's output; a message for the host leaves tile 0,0 by west."""
    flit = ControlFlit(message)
    local, north, east, south, west = _xy(flit.x, flit.y, x, y)
    return local & ~flit.host, north, east, south, west | local & flit.host


def tile_route(tbus: int, flit: Value, x: Value, y: Value) -> Sequence[Value]:
    """Find the tile switch's output: a TBU, the home or the data router. `functools.partial` binds ``tbus``."""
    header = Header(Flit(flit).data)
    here = (header.x == x) & (header.y == y)
    return [*(here & (header.unit == unit) for unit in range(tbus)), here & (header.unit == UNIT_HOME), ~here]


def tile_turns(tbus: int) -> Turns:
    """List the tile switch's turns: what enters a tile stays in it; what a unit sends can go anywhere."""
    return ((*range(tbus + 2),),) * (tbus + 1) + ((*range(tbus + 1),),)


def _xy(target_x: Value, target_y: Value, x: Value, y: Value) -> tuple[Value, Value, Value, Value, Value]:
    east, west = target_x > x, target_x < x
    column = target_x == x
    south, north = column & (target_y > y), column & (target_y < y)
    return column & (target_y == y), north, east, south, west
