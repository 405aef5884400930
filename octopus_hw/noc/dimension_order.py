# SPDX-License-Identifier: Apache-2.0
"""The routing policy of both planes: x first, then y."""

from collections.abc import Sequence

from amaranth.hdl import Cat, Const, Value

from octopus_hw.noc.route import Port, Routing
from octopus_hw.parts.compare import compare

__all__ = ["XY"]


class _XFirst(Routing):
    """A dimension in which an input cannot turn is not looked at: the packet has come where it wants to be in it."""

    def route(self, to_x: Value, to_y: Value, x: Value, y: Value, outputs: Sequence[int]) -> Sequence[Value]:
        """Find the output that leads to a tile."""
        chosen: dict[int, Value] = {}
        here: Value = Const(1)
        for more, less, there, place in _dimensions(to_x, to_y, x, y):
            same, below = compare(there, place)
            both = more in outputs and less in outputs
            chosen[more] = here & ~same & (~below if both else 1)
            chosen[less] = here & (below if both else ~same)
            if more in outputs or less in outputs:
                here = here & same
        return [chosen.get(output, here) for output in outputs]

    def ends_or_turns(self, to_x: Value, to_y: Value, x: Value, y: Value, outputs: Sequence[int]) -> Value:
        """Find the VC: it turns or ends in the next tile if that is as far as it goes in this dimension."""
        route = self.route(to_x, to_y, x, y, outputs)
        near: dict[int, Value] = {}
        for more, less, there, place in _dimensions(to_x, to_y, x, y):
            near |= {more: _is_next(there, place), less: _is_next(place, there)}
        return Cat(chosen & near[port] for port, chosen in zip(outputs, route, strict=True) if port in near).any()


#: What comes from the north or south has come to its column.
XY = _XFirst(
    name="xy",
    enters=Port.WEST,
    leaves=Port.NORTH,
    turns=(
        (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST),
        (Port.LOCAL, Port.SOUTH),
        (Port.LOCAL, Port.NORTH, Port.SOUTH, Port.WEST),
        (Port.LOCAL, Port.NORTH),
        (Port.LOCAL, Port.NORTH, Port.EAST, Port.SOUTH),
    ),
)


def _dimensions(to_x: Value, to_y: Value, x: Value, y: Value) -> tuple[tuple[Port, Port, Value, Value], ...]:
    """List in the order of routing the ports to greater and to lesser coordinates, the target's and the tile's."""
    return (Port.EAST, Port.WEST, to_x, x), (Port.SOUTH, Port.NORTH, to_y, y)


def _is_next(there: Value, here: Value) -> Value:
    """Whether a coordinate is another one plus 1, without a carry: each bit follows from two bits of both."""
    return (there ^ ~here) == ((there | ~here) << 1)[: len(here)]
