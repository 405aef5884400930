# SPDX-License-Identifier: Apache-2.0
"""What the engine's state IDLE does with what it takes (docs/timing.md#idle)."""

from octopus_sim.model.control import ANSWER, message, message_kind, message_payload, message_source
from octopus_sim.model.engine_common import push_ready
from octopus_sim.model.fields import packer, reader
from octopus_sim.model.grants import hear_of_grant
from octopus_sim.model.kernel import kernel
from octopus_sim.model.places import allocate
from octopus_sim.model.queues import push, take, take_token
from octopus_sim.model.record import INJECT, record
from octopus_sim.model.state import FLOW_SEEN, FRESH, HOLD, HOLD_PLACE, HOLD_SINGLE, Mesh, Record
from octopus_sim.model.token import (
    token_home,
    token_index,
    token_instance,
    token_next,
    token_round,
    token_value,
    token_variant,
)
from octopus_sim.model.widest import WIDEST

_pack_answer = packer(WIDEST.answer)
_answer = reader(WIDEST.answer, "holder", "place", "granted")
_place_request = reader(WIDEST.place_request, "holder", "tbu")


@kernel
def _load_token(c: Record, token: Record) -> None:
    c.home_x, c.home_y, c.slot = token_home(token)
    c.index, c.value = token_index(token), token_value(token)
    c.instance, c.round, c.variant = token_instance(token), token_round(token), token_variant(token)


@kernel
def _fresh(c: Record, number: int, kind: int, flow: int, round_: int) -> None:
    c.number, c.kind, c.status = number, kind, FRESH
    c.cursor, c.flow = flow, flow
    c.round, c.cround = round_, round_
    c.last, c.seen, c.sent, c.claimed, c.child = 0, 0, 0, 0, 0


@kernel
def take_arrival(s: Mesh, tile: int, now: int) -> None:
    """Take a token that has come home."""
    p, e, c = s.params[0], s.engine[tile], s.current[tile]
    _, token = take_token(s, tile * p.queues + p.q_arrival, now)
    _fresh(c, 0, HOLD_SINGLE, token_next(token), token_round(token))
    _load_token(c, token)
    e.arriving, e.row, e.state = 1, token_next(token), FLOW_SEEN


@kernel
def take_reply(s: Mesh, tile: int, now: int) -> None:
    """Take a message: an answer is stored for its holder, which is ready then."""
    p = s.params[0]
    word = take(s, tile * p.queues + p.q_eject + 1, now)
    if message_kind(word) != ANSWER:
        hear_of_grant(s, tile, word, now)
        return
    number, place, granted = _answer(message_payload(word))
    h = s.holder[tile * p.holders + number]
    h.place, h.granted = place, granted
    push_ready(s, tile, number)


@kernel
def take_request(s: Mesh, tile: int, now: int) -> None:
    """Answer a PLACE with the lowest free place of that TBU, if any."""
    p, e = s.params[0], s.engine[tile]
    word = take(s, tile * p.queues + p.q_eject, now)
    s.control[tile].ejected = now
    x, y = message_source(word)
    holder, number = _place_request(message_payload(word))
    place = allocate(s.tbu[tile * p.tbus + number], now)
    payload = _pack_answer(holder=holder, place=max(place, 0), granted=int(place >= 0))
    push(s, tile * p.queues + p.q_reply, now, message(x, y, ANSWER, e.x, e.y, payload))


@kernel
def take_completion(s: Mesh, tile: int, number: int, now: int) -> None:
    """Take a finished task of TBU `number`."""
    p, e, c = s.params[0], s.engine[tile], s.current[tile]
    place = take(s, tile * p.queues + p.q_completion + number, now)
    at = s.place[(tile * p.tbus + number) * p.places + place]
    _fresh(c, number * p.places + place, HOLD_PLACE, token_next(at.token), token_round(at.token))
    _load_token(c, at.token)
    e.arriving, e.row, e.state = 0, c.flow, FLOW_SEEN


@kernel
def take_holder(s: Mesh, tile: int, number: int, fresh: int) -> None:
    """Read a holder from the ready or the stalled queue."""
    e = s.engine[tile]
    s.current[tile] = s.holder[tile * s.params[0].holders + number]
    e.arriving, e.fresh, e.state = 0, fresh, HOLD


@kernel
def take_instance(s: Mesh, tile: int, now: int) -> None:
    """Inject the next instance of the stream that this cycle visits."""
    p, e, c = s.params[0], s.engine[tile], s.current[tile]
    t = s.stream[tile * p.streams + (now & p.stream_mask)]
    i = 0
    while t.busy >> i & 1:
        i += 1
    t.busy |= 1 << i
    t.free -= 1
    instance = s.entry[t.first + t.next]
    t.next += 1
    c.home_x, c.home_y, c.slot = e.x, e.y, t.slot + i
    c.index, c.value, c.instance, c.variant = 0, 0, instance.instance, instance.variant
    _fresh(c, p.tbus * p.places + s.space[c.slot].record, HOLD_SINGLE, t.entry, 0)
    e.arriving, e.row, e.state = 0, t.entry, FLOW_SEEN
    record(s, tile, now, 0, INJECT, c.instance, s.flow[t.entry].dest, 0, 0)
