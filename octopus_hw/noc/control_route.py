# SPDX-License-Identifier: Apache-2.0
"""Where a message of the control plane goes: as its routing policy says, and for the host out of the mesh.

A message for the host goes to tile 0,0 and leaves it by west. So it only ever goes north and west, and comes from the
south, the east or the tile itself. A tile's messages to itself pass its router, too.
"""

from amaranth.hdl import Cat, Const, Value

from octopus_hw.noc.route import INWARD, Port, Routing, Turns

__all__ = ["control_route", "control_turns", "host_turns"]

#: Where what is for the host goes.
_TO = (Port.LOCAL, Port.NORTH, Port.WEST)


def host_turns(routing: Routing) -> tuple[tuple[int, int], ...]:
    """List the turns that only a message for the host takes, at tile 0,0."""
    return tuple((port, Port.WEST) for port in INWARD if Port.WEST not in routing.turns[port])


def control_turns(routing: Routing) -> Turns:
    """List the control router's turns."""
    added = ((Port.LOCAL, Port.LOCAL), *host_turns(routing))
    return tuple(
        tuple(sorted({*outputs, *(output for source, output in added if source == port)}))
        for port, outputs in enumerate(routing.turns)
    )


def control_route(routing: Routing, port: int, to_x: Value, to_y: Value, host: Value, x: Value, y: Value) -> Value:
    """Find a message's output.

    Parameters
    ----------
    routing
        The policy.
    port
        Where the message comes from.
    to_x, to_y, host
        Its destination; `to_x` and `to_y` of a message for the host do not count.
    x, y
        The tile.

    Returns
    -------
    One bit for each turn of the port in `control_turns`, of which exactly one is high.
    """
    turns = control_turns(routing)[port]
    outputs = [output for output in turns if (port, output) not in host_turns(routing)]
    routes = dict(zip(outputs, routing.route(to_x, to_y, x, y, outputs), strict=True))
    if port in INWARD:
        nearer = [output for output in outputs if output in _TO]
        origin = Const(0, len(x)), Const(0, len(y))
        north = dict(zip(nearer, routing.route(*origin, x, y, nearer), strict=True)).get(Port.NORTH, Const(0))
        to_host: dict[int, Value] = {Port.NORTH: north, Port.WEST: ~north}
        routes = {
            output: routes.get(output, Const(0)) & ~host | to_host.get(output, Const(0)) & host for output in turns
        }
    return Cat(routes[output] for output in turns)
