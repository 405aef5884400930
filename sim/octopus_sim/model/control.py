# SPDX-License-Identifier: Apache-2.0
"""The control plane of a tile: its router, and the arbiters beside it (docs/timing.md#control-plane)."""

from octopus_hw.contract.codes import Message
from octopus_sim.model.fields import packer, reader
from octopus_sim.model.kernel import kernel
from octopus_sim.model.link_stalls import stalled_control
from octopus_sim.model.queues import can_push, has, next_head, next_room, occupied, peek, push, round_robin, take, wake
from octopus_sim.model.state import NEVER, PORT_RESULTS, PORT_ROWS, TOTAL_DONE, UNIT_ENGINE, Mesh, Record
from octopus_sim.model.widest import WIDEST
from octopus_sim.model.wormhole import route

PLACE, CONFIG, ANSWER, DONE = int(Message.PLACE), int(Message.CONFIG), int(Message.ANSWER), int(Message.DONE)
GRANT, TAKEN = int(Message.GRANT), int(Message.TAKEN)
ROW, RESULT, SEND = int(Message.ROW), int(Message.RESULT), int(Message.SEND)
_WEST = 4

_FLIT = WIDEST.control_flit
_pack_message = packer(_FLIT)
_destination = reader(_FLIT, "x", "y")
_for_host = reader(_FLIT, "host")
#: Which message it is, ``(x, y)`` of the tile that sent it, and what it says.
message_kind = reader(_FLIT, "message")
message_source = reader(_FLIT, "source_x", "source_y")
message_payload = reader(_FLIT, "payload")
#: Which configuration a CONFIG asks for.
asked_block = reader(WIDEST.config_request, "block")


@kernel
def message(x: int, y: int, kind: int, source_x: int, source_y: int, payload: int) -> int:
    """Pack a message from tile to tile."""
    return _pack_message(x=x, y=y, message=kind, source_x=source_x, source_y=source_y, payload=payload)


@kernel
def to_host(kind: int, source_x: int, source_y: int, payload: int) -> int:
    """Pack a message from a tile to the host."""
    return _pack_message(host=1, message=kind, source_x=source_x, source_y=source_y, payload=payload)


@kernel
def _leave(s: Mesh, word: int, now: int) -> None:
    """Let a message leave for the host, whose port keeps a ROW or RESULT."""
    p = s.params[0]
    kind = message_kind(word)
    if kind == ROW:
        push(s, p.tiles * p.queues + PORT_ROWS, now, word)
    elif kind == RESULT:
        push(s, p.tiles * p.queues + PORT_RESULTS, now, word)
    else:
        s.total[TOTAL_DONE] = now


@kernel
def _output(control: Record, word: int) -> int:
    x, y = _destination(word)
    to = route(control.x, control.y, x, y)
    return _WEST if to == 0 and _for_host(word) else to


@kernel
def _accepts(s: Mesh, control: Record, to: int, kind: int, stalled: int, now: int) -> int:
    """Return `now` if an output can accept a message of a class, else when it may; the host always can."""
    if stalled >> to & 1:
        return now + 1
    out = control.out[2 * to + kind]
    host = to == _WEST and control.x == 0
    return now if host or can_push(s, out, now) else next_room(s, out)


@kernel
def control_step(s: Mesh, tile: int, now: int) -> int:
    """One cycle of the control router; return when to look again."""
    c = s.control[tile]
    stalled = stalled_control(s, c.x, c.y, now)
    offers = 0  # one byte for each output: who offers it a message
    kinds = 0  # bit i: input i offers a reply
    due = NEVER
    for i in range(5):
        for kind in (1, 0):
            k = c.first + 2 * i + kind
            at = next_head(s, k, now - 1)
            if at == now:
                to = _output(c, peek(s, k))
                at = _accepts(s, c, to, kind, stalled, now)
                if at == now:
                    offers |= 1 << (8 * to + i)
                    kinds |= kind << i
                    break
            due = min(due, at)
    if offers:
        due = now + 1
        for to in range(5):
            asking = offers >> (8 * to) & 255
            if asking:
                kind = int(asking & kinds != 0)
                i = round_robin(asking & kinds if kind else asking, c.pointer[2 * to + kind], 5)
                c.pointer[2 * to + kind] = i + 1 if i < 4 else 0
                word = take(s, c.first + 2 * i + kind, now)
                if to == _WEST and c.x == 0:
                    _leave(s, word, now)
                else:
                    push(s, c.out[2 * to + kind], now, word)
                    if to == 0:
                        wake(s, tile * s.params[0].units + UNIT_ENGINE, now + 1)
    return due


@kernel
def request_waits(s: Mesh, tile: int, kind: int, now: int) -> bool:
    """Whether a request of this kind is the head in cycle `now`: two units take from this queue, but one in a cycle."""
    k = tile * s.params[0].queues + s.params[0].q_eject
    return s.control[tile].ejected != now and has(s, k, now) and message_kind(peek(s, k)) == kind


@kernel
def _look_up(s: Mesh, tile: int, now: int) -> bool:
    """One cycle of the library lookup, whose queue of one holds the CONFIG; whether a loader asks."""
    p, c, e = s.params[0], s.control[tile], s.engine[tile]
    asks, held = tile * p.queues + p.q_ask, tile * p.queues + p.q_request + 1
    left, asking = False, 0
    for i in range(p.tbus):
        if occupied(s, asks + i):
            left = True
            asking |= int(has(s, asks + i, now)) << i
    if asking and can_push(s, held, now):
        i = round_robin(asking, c.lookup_pointer, p.tbus)
        c.lookup_pointer = i + 1 if i + 1 < p.tbus else 0
        asked = take(s, asks + i, now)
        holder = s.placed[e.shape * p.blocks + asked_block(asked)]
        x, y = e.library_x + holder.x, e.library_y + holder.y
        push(s, held, now, message(x, y, CONFIG, c.x, c.y, asked))
    return left


@kernel
def _reply(s: Mesh, tile: int, now: int) -> bool:
    """Let the engine's reply, DONE or RESULT move into the network; whether there is one."""
    p, c = s.params[0], s.control[tile]
    replies = tile * p.queues + p.q_reply
    left = occupied(s, replies) or c.done_at > 0 or c.result_at > 0
    asking = int(has(s, replies, now)) | int(0 < c.done_at <= now) << 1 | int(0 < c.result_at <= now) << 2
    if asking and can_push(s, c.first + 1, now):
        i = round_robin(asking, c.reply_pointer, 3)
        c.reply_pointer = i + 1 if i < 2 else 0
        if i == 0:
            push(s, c.first + 1, now, take(s, replies, now))
        elif i == 1:
            c.done_at = -1
            push(s, c.first + 1, now, to_host(DONE, c.x, c.y, 0))
        else:
            c.result_at = -1
            push(s, c.first + 1, now, to_host(RESULT, c.x, c.y, 0))
    return left


@kernel
def ports_step(s: Mesh, tile: int, now: int) -> int:
    """One cycle of the arbiters: requests and replies in, CONFIG out; return when to look again."""
    p = s.params[0]
    c = s.control[tile]
    own = tile * p.queues
    asking = int(has(s, own + p.q_request, now)) | int(has(s, own + p.q_request + 1, now)) << 1
    left = occupied(s, own + p.q_request) or occupied(s, own + p.q_request + 1)
    if asking and can_push(s, c.first, now):
        i = round_robin(asking, c.request_pointer, 2)
        c.request_pointer = 1 - i
        push(s, c.first, now, take(s, own + p.q_request + i, now))
    left |= _look_up(s, tile, now)
    left |= _reply(s, tile, now)
    if occupied(s, own + p.q_eject):
        left = True
        if request_waits(s, tile, CONFIG, now):
            c.ejected = now
            push(s, own + p.q_library, now, take(s, own + p.q_eject, now))
            wake(s, tile * p.units + UNIT_ENGINE, now + 1)
    return now + 1 if left else NEVER
