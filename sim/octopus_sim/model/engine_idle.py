# SPDX-License-Identifier: Apache-2.0
"""The engine's state IDLE: who asks, and what is taken (docs/timing.md#idle)."""

from octopus_sim.model.control import PLACE, SEND, message_kind, request_waits
from octopus_sim.model.engine_common import room
from octopus_sim.model.engine_host import row_asks
from octopus_sim.model.engine_take import (
    take_arrival,
    take_completion,
    take_holder,
    take_instance,
    take_reply,
    take_request,
)
from octopus_sim.model.grants import can_grant, give_grant, grants_look, use_grant
from octopus_sim.model.kernel import kernel
from octopus_sim.model.queues import can_push, has, occupied, peek, was_empty
from octopus_sim.model.slots import free_slots
from octopus_sim.model.state import NEVER, Mesh, Record

#: Sources of the engine; the last six come after the T completion queues, from FINISHED on.
ARRIVAL, REPLY, REQUEST, FINISHED = range(4)
RESUMED, READY, STALLED, INJECT, GRANTING, RETURNING = range(6)
SOURCES = 9


@kernel
def stream_asks(s: Mesh, tile: int, now: int) -> bool:
    """Whether the stream that cycle `now` visits can inject, or ask for a row."""
    p = s.params[0]
    t = s.stream[tile * p.streams + (now & p.stream_mask)]
    if t.next == t.count:
        return False
    if t.rows and not t.there:
        return row_asks(s, tile, t, now)
    if not t.there and free_slots(t, now) == 0:
        return False
    return s.entry[t.first + t.next].due <= now and room(s, tile, p.tbus * p.places, now)


@kernel
def stream_look(s: Mesh, tile: int, t: Record, now: int) -> int:
    """Return from when on a stream may inject, or ask for a row."""
    if t.next == t.count or not (t.there or t.free):
        return NEVER
    if t.rows and not t.there:
        return NEVER if s.engine[tile].asked else now + 1
    return max(s.entry[t.first + t.next].due, now + 1)


@kernel
def asks(s: Mesh, tile: int, source: int, now: int) -> bool:
    """Whether a source asks in cycle `now`, if there is room for it."""
    p = s.params[0]
    own = tile * p.queues
    e = s.engine[tile]
    if source == ARRIVAL:
        return has(s, own + p.q_arrival, now)
    if source == REPLY:
        replies = own + p.q_eject + 1
        if not has(s, replies, now):
            return False
        return message_kind(peek(s, replies)) != SEND or can_push(s, own + p.q_command + p.tbus, now)
    if source == REQUEST:
        return request_waits(s, tile, PLACE, now) and was_empty(s, own + p.q_reply, now)
    if source < FINISHED + p.tbus:
        return has(s, own + p.q_completion + source - FINISHED, now)
    if source == FINISHED + p.tbus + RESUMED:
        return e.resumed_count > 0
    if source == FINISHED + p.tbus + READY:
        return e.ready_count > 0
    if source == FINISHED + p.tbus + STALLED:
        return e.stalled_count > 0 and e.budget > 0
    if source == FINISHED + p.tbus + INJECT:
        return stream_asks(s, tile, now)
    if source == FINISHED + p.tbus + GRANTING:
        return can_grant(s, tile, now) and was_empty(s, own + p.q_reply, now)
    return e.stale > 0 and was_empty(s, own + p.q_reply, now)


@kernel
def needs_room(s: Mesh, source: int) -> bool:
    """Whether a source offers a token that leaves its holder; injecting and replies see to it by themselves."""
    return FINISHED <= source < FINISHED + s.params[0].tbus + INJECT


@kernel
def holder_of(s: Mesh, tile: int, source: int) -> int:
    """Return the holder, or any of its sender, that a source from FINISHED on offers."""
    p, e = s.params[0], s.engine[tile]
    if source < FINISHED + p.tbus:
        return (source - FINISHED) * p.places
    if source == FINISHED + p.tbus + RESUMED:
        return s.resumed[tile * p.tbus * p.places + e.resumed_head]
    return p.tbus * p.places


@kernel
def choose_source(s: Mesh, tile: int, now: int) -> int:
    """Return the source that is granted in cycle `now`; -1 if none."""
    n = s.params[0].tbus + SOURCES
    source = s.engine[tile].pointer
    for _ in range(n):
        if asks(s, tile, source, now) and (not needs_room(s, source) or room(s, tile, holder_of(s, tile, source), now)):
            return source
        source = 0 if source + 1 == n else source + 1
    return -1


@kernel
def take_source(s: Mesh, tile: int, source: int, now: int) -> None:
    """Take what a granted source offers."""
    p, e = s.params[0], s.engine[tile]
    e.inline = 0
    if source == ARRIVAL:
        take_arrival(s, tile, now)
    elif source == REPLY:
        take_reply(s, tile, now)
    elif source == REQUEST:
        take_request(s, tile, now)
    elif source < FINISHED + p.tbus:
        take_completion(s, tile, source - FINISHED, now)
    elif source == FINISHED + p.tbus + RESUMED:
        places = p.tbus * p.places
        number = s.resumed[tile * places + e.resumed_head]
        e.resumed_head, e.resumed_count = (e.resumed_head + 1) % places, e.resumed_count - 1
        take_holder(s, tile, number, 0)
    elif source == FINISHED + p.tbus + READY:
        number = s.ready[tile * p.holders + e.ready_head]
        e.ready_head, e.ready_count = (e.ready_head + 1) % p.holders, e.ready_count - 1
        take_holder(s, tile, number, 0)
    elif source == FINISHED + p.tbus + STALLED:
        number = s.stalled[tile * p.holders + e.stalled_head]
        e.stalled_head, e.stalled_count = (e.stalled_head + 1) % p.holders, e.stalled_count - 1
        e.taken = 1
        take_holder(s, tile, number, 1)
    elif source == FINISHED + p.tbus + INJECT:
        take_instance(s, tile, now)
    elif source == FINISHED + p.tbus + GRANTING:
        give_grant(s, tile, now)
    else:
        use_grant(s, tile, 1, now)


@kernel
def idle_look(s: Mesh, tile: int, now: int) -> int:
    """Return when an engine that took nothing in `now` has to be looked at again, unless something is pushed before."""
    p, e = s.params[0], s.engine[tile]
    own = tile * p.queues
    if (
        e.resumed_count
        or e.ready_count
        or occupied(s, own + p.q_arrival)
        or occupied(s, own + p.q_eject)
        or occupied(s, own + p.q_eject + 1)
    ):
        return now + 1
    for i in range(p.tbus):
        if occupied(s, own + p.q_completion + i):
            return now + 1
    due = NEVER
    if e.stalled_count:
        if e.budget > 0 or e.pending:
            return now + 1
        if p.static:
            due = (now // p.retry + (1 if now % p.retry else 0)) * p.retry + 1
    if p.balance:
        due = min(due, grants_look(s, tile, now))
    for i in range(p.streams):
        at = stream_look(s, tile, s.stream[tile * p.streams + i], now)
        if at < NEVER:
            due = min(due, at + (i - at & p.stream_mask))
    return due


@kernel
def idle_step(s: Mesh, tile: int, now: int) -> int:
    """One cycle of IDLE; return when to look again."""
    source = choose_source(s, tile, now)
    if source < 0:
        return idle_look(s, tile, now)
    e = s.engine[tile]
    e.pointer = (source + 1) % (s.params[0].tbus + SOURCES)
    take_source(s, tile, source, now)
    return now + 1
