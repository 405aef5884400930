# SPDX-License-Identifier: Apache-2.0
"""Where a message of the control plane goes from each port, with no more comparisons than can matter there.

What comes from the north or south is in its column already, what comes from the west has not passed it. So only the
coordinate that can still differ is looked at, and only in the direction in which it can.
"""

from amaranth.hdl import Cat, Const, Value

from octopus_hw.noc.route import CONTROL_TURNS, Port

__all__ = ["control_way"]


def control_way(port: int, to_x: Value, to_y: Value, host: Value, x: Value, y: Value) -> Value:
    """Find a message's output.

    Parameters
    ----------
    port
        Where the message comes from. What is for the host comes from neither the north nor the west.
    to_x, to_y, host
        Its destination; a message for the host goes to tile 0,0 and leaves it by west, whatever `to_x` and `to_y` are.
    x, y
        The tile.

    Returns
    -------
    One bit for each turn of the port in `CONTROL_TURNS`, of which exactly one is high.
    """
    below, row = _compare(to_y, y)
    ways: dict[int, Value]
    if port in (Port.NORTH, Port.SOUTH):
        ways = {Port.LOCAL: row, Port.NORTH: ~row, Port.SOUTH: ~row, Port.WEST: Const(0)}
    else:
        east, column = _compare(to_x, x)
        ways = {Port.LOCAL: column & row, Port.NORTH: column & ~row & ~below, Port.SOUTH: column & below}
        ways |= {Port.EAST: ~column & east, Port.WEST: ~column & ~east}
        if port != Port.LOCAL:
            ways |= {Port.EAST: ~column, Port.WEST: ~column}
    if port in (Port.LOCAL, Port.EAST, Port.SOUTH):
        up = y.any() & (Const(1) if port == Port.SOUTH else ~x.any())
        to_host = {Port.NORTH: up, Port.WEST: ~up}
        ways = {output: way & ~host | to_host.get(Port(output), Const(0)) & host for output, way in ways.items()}
    return Cat(ways[output] for output in CONTROL_TURNS[port])


def _compare(a: Value, b: Value) -> tuple[Value, Value]:
    """Return a > b and a == b, as a tree: a carry chain would be slower and larger."""
    if len(a) == 1:
        return a & ~b, ~(a ^ b)
    low, high = (_compare(a[part], b[part]) for part in (slice(len(a) // 2), slice(len(a) // 2, None)))
    return high[0] | high[1] & low[0], high[1] & low[1]
