# SPDX-License-Identifier: Apache-2.0
"""Where packets and messages go: ports, route functions, and the turns that exist at all.

A route function is given a target and the tile's own coordinates, and says of each output whether it is the one.
A switch is built with the turns of its routing alone, so what `octopus_hw.chip.deadlock` proves of a table of turns
holds for every bit that arrives.

::

                 1 north (y - 1)
                     |
    4 west (x - 1) --+-- 2 east (x + 1)      0 local
                     |
                 3 south (y + 1)
"""

from collections.abc import Sequence
from enum import IntEnum

from amaranth.hdl import Cat, Const, Value

from octopus_hw.contract.layout import UNIT_HOME
from octopus_hw.interfaces.layouts import Header

__all__ = [
    "CONTROL_TURNS", "DATA_TURNS", "DIRECTIONS", "HOST_TURNS", "Port", "Turns",
    "data_class", "data_inputs", "data_way", "opposite", "step", "tile_turns", "tile_way",
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


def data_inputs(classes: int, turns: Turns = DATA_TURNS) -> list[tuple[Port, int, tuple[int, ...]]]:
    """List the data router's inputs: port, class of the link's queue, outputs.

    With two classes, a link's queue of class 0 holds what goes straight on, that of class 1 what turns or ends here.
    """
    if classes == 1:
        return [(port, 0, turns[port]) for port in Port]
    straight = [(port, 0, tuple(out for out in turns[port] if out == opposite(port))) for port in DIRECTIONS]
    others = [(port, 1, tuple(out for out in turns[port] if out != opposite(port))) for port in DIRECTIONS]
    return [(Port.LOCAL, 0, turns[Port.LOCAL]), *straight, *others]


def data_way(word: Value, x: Value, y: Value, turns: tuple[int, ...]) -> Sequence[Value]:
    """Find the data router's output by a packet's header.

    A dimension in which an input cannot turn is not looked at: the packet has come where it wants to be in it.
    """
    header = Header(word)
    chosen: dict[int, Value] = {}
    here: Value = Const(1)
    for more, less, there, place in _dimensions(header, x, y):
        same, below = _compare(there, place)
        both = more in turns and less in turns
        chosen[more] = here & ~same & (~below if both else 1)
        chosen[less] = here & (below if both else ~same)
        if more in turns or less in turns:
            here = here & same
    return [chosen.get(output, here) for output in turns]


def data_class(word: Value, x: Value, y: Value, turns: tuple[int, ...]) -> Value:
    """Find a packet's class at the data router's output: whether it turns or ends in the next tile."""
    header = Header(word)
    way = data_way(word, x, y, turns)
    near: dict[int, Value] = {}
    for more, less, there, place in _dimensions(header, x, y):
        near |= {more: _is_next(there, place), less: _is_next(place, there)}
    return Cat(chosen & near[port] for port, chosen in zip(turns, way, strict=True) if port in near).any()


def tile_way(tbus: int, word: Value, x: Value, y: Value, turns: tuple[int, ...]) -> Sequence[Value]:
    """Find the tile switch's output: a TBU, the home or the data router. `functools.partial` binds ``tbus``."""
    header = Header(word)
    here = (header.x == x) & (header.y == y) if tbus + 1 in turns else Const(1)
    ways = [*(here & (header.unit == unit) for unit in range(tbus)), here & (header.unit == UNIT_HOME), ~here]
    return [ways[output] for output in turns]


def tile_turns(tbus: int) -> Turns:
    """List the tile switch's turns: what enters a tile stays in it; what a unit sends can go anywhere."""
    return ((*range(tbus + 2),),) * (tbus + 1) + ((*range(tbus + 1),),)


def _dimensions(header: Header, x: Value, y: Value) -> tuple[tuple[Port, Port, Value, Value], ...]:
    """List in the order of routing the ports to greater and to lesser coordinates, the target's and the tile's."""
    return (Port.EAST, Port.WEST, header.x, x), (Port.SOUTH, Port.NORTH, header.y, y)


def _compare(a: Value, b: Value) -> tuple[Value, Value]:
    """Whether a is equal to and whether it is less than b: a tree, less deep than a carry chain."""
    if len(a) == 1:
        return a == b, ~a & b
    half = len(a) // 2
    (low_same, low_below), (same, below) = _compare(a[:half], b[:half]), _compare(a[half:], b[half:])
    return same & low_same, below | same & low_below


def _is_next(there: Value, here: Value) -> Value:
    """Whether a coordinate is another one plus 1, without a carry: each bit follows from two bits of both."""
    return (there ^ ~here) == ((there | ~here) << 1)[: len(here)]
