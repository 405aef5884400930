# SPDX-License-Identifier: Apache-2.0
"""The wormhole switch: data router and tile switch (docs/timing.md, section 2). A flit is data[31:0] last[32]."""

from octopus_hw.layout import UNIT_HOME
from octopus_sim.model.kernel import kernel
from octopus_sim.model.queues import can_push, has, occupied, peek, push, round_robin, take
from octopus_sim.model.state import Mesh, Record

LAST = 1 << 32
_HOME = int(UNIT_HOME)


@kernel
def header(x: int, y: int, unit: int, config: int, arg: int) -> int:
    """Pack the header of a packet."""
    return x | y << 7 | unit << 14 | config << 17 | arg << 18


@kernel
def route(x: int, y: int, to_x: int, to_y: int) -> int:
    """Return the port that leads to a tile: 0 local, 1 north, 2 east, 3 south, 4 west; x first."""
    if to_x != x:
        return 2 if to_x > x else 4
    if to_y != y:
        return 3 if to_y > y else 1
    return 0


@kernel
def route_header(switch: Record, word: int) -> int:
    """Return the output that a header asks for."""
    to_x, to_y, unit = word & 127, word >> 7 & 127, word >> 14 & 7
    if switch.router:
        return route(switch.x, switch.y, to_x, to_y)
    if to_x != switch.x or to_y != switch.y:
        return switch.n - 1
    return switch.n - 2 if unit == _HOME else unit


@kernel
def wormhole_step(s: Mesh, number: int, now: int) -> bool:
    """One cycle of a switch; return whether a flit is left in its input queues."""
    w = s.switch[number]
    wants = 0  # one byte for each output: who wants it
    left = False
    for i in range(w.n):
        if has(s, w.first + i, now):
            to = w.wanted[i]
            if to < 0:
                to = route_header(w, peek(s, w.first + i))
            wants |= 1 << (8 * to + i)
        elif occupied(s, w.first + i):
            left = True
    if wants:
        left = True
        for to in range(w.n):
            asking = wants >> (8 * to) & 255
            if asking and can_push(s, w.out[to], now):
                holder = w.owner[to]
                if holder < 0:
                    holder = round_robin(asking, w.pointer[to], w.n)
                    w.pointer[to] = holder + 1 if holder + 1 < w.n else 0
                elif not asking >> holder & 1:
                    continue
                flit = take(s, w.first + holder, now)
                push(s, w.out[to], now, flit)
                last = flit & LAST
                w.owner[to] = -1 if last else holder
                w.wanted[holder] = -1 if last else to
    return left
