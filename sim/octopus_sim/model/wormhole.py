# SPDX-License-Identifier: Apache-2.0
"""The wormhole switch: data router and tile switch (docs/timing.md, section 2). A flit is data[31:0] last[32]."""

from octopus_hw.layout import UNIT_HOME
from octopus_sim.model.kernel import kernel
from octopus_sim.model.pauses import paused_data
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
def data_class(x: int, y: int, to_x: int, to_y: int) -> int:
    """Return a packet's class on the link by which it leaves tile x,y: 1 if it turns or ends in the next tile."""
    return int(abs(to_x - x if to_x != x else to_y - y) == 1)


@kernel
def route_header(switch: Record, word: int) -> int:
    """Return the lane that a header asks for: output << wide | class."""
    to_x, to_y, unit = word & 127, word >> 7 & 127, word >> 14 & 7
    if switch.router:
        to = route(switch.x, switch.y, to_x, to_y)
        return to << 1 | data_class(switch.x, switch.y, to_x, to_y) if switch.wide else to
    if to_x != switch.x or to_y != switch.y:
        return switch.n - 1
    return switch.n - 2 if unit == _HOME else unit


@kernel
def asked_lane(s: Mesh, w: Record, i: int, paused: int, now: int) -> int:
    """Return the lane that an input with a head asks for; -1 if it is in use, cannot accept or its link pauses."""
    lane = w.wanted[i]
    if lane < 0:
        lane = route_header(w, peek(s, w.first + i))
        w.wanted[i] = lane
    holder = w.owner[lane]
    if (holder >= 0 and holder != i) or paused >> (lane >> w.wide) & 1 or not can_push(s, w.out[lane], now):
        return -1
    return lane


@kernel
def move_flit(s: Mesh, w: Record, i: int, lane: int, now: int) -> None:
    """Move the head of an input to a lane, which it then uses, but for a last flit."""
    flit = take(s, w.first + i, now)
    push(s, w.out[lane], now, flit)
    w.owner[lane] = i
    if flit & LAST:
        w.owner[lane] = w.wanted[i] = -1


@kernel
def wormhole_step(s: Mesh, number: int, now: int) -> bool:
    """One cycle of a switch; return whether a flit is left in its input queues."""
    w = s.switch[number]
    paused = paused_data(s, w.x, w.y, now) if w.router else 0
    asks = 0  # n bits for each output: who asks
    lanes = 0  # four bits for each input: the lane it asks for
    left = False
    for i in range(w.n):
        if has(s, w.first + i, now):
            left = True
            lane = asked_lane(s, w, i, paused, now)
            if lane >= 0:
                asks |= 1 << (w.n * (lane >> w.wide) + i)
                lanes |= lane << 4 * i
        elif occupied(s, w.first + i):
            left = True
    if asks:
        for to in range(w.outputs):
            asking = asks >> (w.n * to) & (1 << w.n) - 1
            if asking:
                i = round_robin(asking, w.pointer[to], w.n)
                w.pointer[to] = i + 1 if i + 1 < w.n else 0
                move_flit(s, w, i, lanes >> 4 * i & 15, now)
    return left
