# SPDX-License-Identifier: Apache-2.0
"""A routing policy that no chip has: y first, then x."""

from collections.abc import Sequence

from amaranth.hdl import Value

from octopus_hw.noc.route import Port, Routing

__all__ = ["YX"]


class _YFirst(Routing):
    def route(self, to_x: Value, to_y: Value, x: Value, y: Value, outputs: Sequence[int]) -> Sequence[Value]:
        in_row = to_y == y
        routes = {
            Port.LOCAL: in_row & (to_x == x),
            Port.NORTH: to_y < y,
            Port.EAST: in_row & (to_x > x),
            Port.SOUTH: to_y > y,
            Port.WEST: in_row & (to_x < x),
        }
        return [routes[Port(output)] for output in outputs]


YX = _YFirst(
    name="yx",
    enters=Port.NORTH,
    leaves=Port.WEST,
    turns=(
        (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST),
        (Port.LOCAL, Port.EAST, Port.SOUTH, Port.WEST),
        (Port.LOCAL, Port.WEST),
        (Port.LOCAL, Port.NORTH, Port.EAST, Port.WEST),
        (Port.LOCAL, Port.EAST),
    ),
)
