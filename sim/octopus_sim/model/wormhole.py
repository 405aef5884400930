# SPDX-License-Identifier: Apache-2.0
"""The wormhole switch: data router and tile switch (docs/timing.md#wormhole-switch)."""

from octopus_hw.contract.bits import Field, Layout
from octopus_hw.contract.layout import COORD, PARALLEL, TBU, UNIT_ROW
from octopus_sim.model.fields import packer, reader
from octopus_sim.model.kernel import kernel
from octopus_sim.model.link_stalls import stalled_data
from octopus_sim.model.queues import can_push, next_head, next_room, peek, push, round_robin, take
from octopus_sim.model.state import NEVER, Mesh, Record

_FLIT = Layout.of(
    "Flit",
    "Each flit of a packet says where it goes and what it is; words do not travel here.",
    Field("x", COORD),
    Field("y", COORD),
    Field("unit", TBU),
    Field("config", 1, "a chunk of a configuration, not a token"),
    Field("parallel", PARALLEL, "of a chunk"),
    Field("complete", 1, "of a chunk: the last one"),
    Field("packet", 40, "of a token: where it stands in `State.packet`"),
    Field("last", 1, "the last flit"),
    Field("host", 1, "leaves tile 0,0 for the host"),
)
LAST = 1 << _FLIT["last"].offset
_ROW = int(UNIT_ROW)

pack_flit = packer(_FLIT)
flit_packet = reader(_FLIT, "packet")
flit_chunk = reader(_FLIT, "parallel", "complete")
is_config = reader(_FLIT, "config")
flit_unit = reader(_FLIT, "unit")
_destination = reader(_FLIT, "x", "y", "unit", "host")


@kernel
def route(x: int, y: int, to_x: int, to_y: int) -> int:
    """Return the port that leads to a tile: 0 local, 1 north, 2 east, 3 south, 4 west; x first."""
    if to_x != x:
        return 2 if to_x > x else 4
    if to_y != y:
        return 3 if to_y > y else 1
    return 0


@kernel
def vc_of(x: int, y: int, to_x: int, to_y: int) -> int:
    """Return the virtual channel of a packet that leaves tile x,y: 1 if it turns or ends in the next tile."""
    return int(abs(to_x - x if to_x != x else to_y - y) == 1)


@kernel
def route_flit(switch: Record, flit: int) -> int:
    """Return the lane that a flit asks for: output << wide | virtual channel; the host lies beyond tile 0,0."""
    to_x, to_y, unit, host = _destination(flit)
    if switch.router:
        to_y -= host
        to = route(switch.x, switch.y, to_x, to_y)
        return to << 1 | vc_of(switch.x, switch.y, to_x, to_y) if switch.wide else to
    if to_x != switch.x or to_y != switch.y or host:
        return switch.n - 1
    return switch.n - 2 if unit >= _ROW else unit


@kernel
def wanted_lane(s: Mesh, w: Record, i: int) -> int:
    """Return the lane that the packet at the head of an input wants."""
    lane = w.wanted[i]
    if lane < 0:
        lane = route_flit(w, peek(s, w.first + i))
        w.wanted[i] = lane
    return lane


@kernel
def lane_accepts(s: Mesh, w: Record, lane: int, stalled: int, now: int) -> int:
    """Return `now` if a lane can accept a flit, else when it may: NEVER, if that depends on who takes from it."""
    if stalled >> (lane >> w.wide) & 1:
        return now + 1
    return now if can_push(s, w.out[lane], now) else next_room(s, w.out[lane])


@kernel
def move_flit(s: Mesh, w: Record, i: int, now: int) -> None:
    """Move the head of an input to its lane, which it then uses, but for a last flit."""
    lane = w.wanted[i]
    flit = take(s, w.first + i, now)
    push(s, w.out[lane], now, flit)
    w.owner[lane] = i
    if flit & LAST:
        w.owner[lane] = w.wanted[i] = -1


@kernel
def wormhole_step(s: Mesh, number: int, now: int) -> int:
    """One cycle of a switch; return when to look again."""
    w = s.switch[number]
    stalled = stalled_data(s, w.x, w.y, now) if w.router else 0
    asks = 0  # n bits for each output: who asks
    due = NEVER
    for i in range(w.n):
        at = next_head(s, w.first + i, now - 1)
        if at == now:
            lane = wanted_lane(s, w, i)
            if w.owner[lane] < 0 or w.owner[lane] == i:
                at = lane_accepts(s, w, lane, stalled, now)
                if at == now:
                    asks |= 1 << (w.n * (lane >> w.wide) + i)
                    at = now + 1
                due = min(due, at)
        else:
            due = min(due, at)
    if asks:
        for to in range(w.outputs):
            asking = asks >> (w.n * to) & (1 << w.n) - 1
            if asking:
                i = round_robin(asking, w.pointer[to], w.n)
                w.pointer[to] = i + 1 if i + 1 < w.n else 0
                move_flit(s, w, i, now)
    return due
