# SPDX-License-Identifier: Apache-2.0
"""What the engine's state IDLE does with what it takes (docs/timing.md#idle)."""

from octopus_sim.model.control import ANSWER, SEND, message, message_kind, message_payload, message_source
from octopus_sim.model.engine_common import push_ready
from octopus_sim.model.engine_host import reserve, row_arrives, take_result
from octopus_sim.model.fields import packer, reader
from octopus_sim.model.grants import hear_of_grant
from octopus_sim.model.kernel import kernel
from octopus_sim.model.places import allocate
from octopus_sim.model.queues import push, take, take_token
from octopus_sim.model.record import INJECT, record
from octopus_sim.model.slots import take_slot
from octopus_sim.model.state import FLOW_SEEN, FRESH, HOLD, HOLD_PLACE, HOLD_SINGLE, Mesh, Record
from octopus_sim.model.token import (
    token_home,
    token_index,
    token_instance,
    token_next,
    token_round,
    token_value,
    token_variant,
    token_words,
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
    c.length = token_words(token)


@kernel
def _fresh(c: Record, number: int, kind: int, flow: int, round_: int) -> None:
    c.number, c.kind, c.status = number, kind, FRESH
    c.cursor, c.flow = flow, flow
    c.round, c.cround = round_, round_
    c.last, c.seen, c.sent, c.claimed, c.child = 0, 0, 0, 0, 0


@kernel
def take_arrival(s: Mesh, tile: int, now: int) -> None:
    """Take a token that has come home, or a row."""
    p, e, c = s.params[0], s.engine[tile], s.current[tile]
    row, token = take_token(s, tile * p.queues + p.q_arrival, now)
    if row:
        row_arrives(s, tile, token_words(token), now)
        return
    _fresh(c, 0, HOLD_SINGLE, token_next(token), token_round(token))
    _load_token(c, token)
    e.arriving, e.row, e.state = 1, token_next(token), FLOW_SEEN


@kernel
def take_reply(s: Mesh, tile: int, now: int) -> None:
    """Take a message: an answer is stored for its holder, which is ready then."""
    p = s.params[0]
    word = take(s, tile * p.queues + p.q_eject + 1, now)
    if message_kind(word) == SEND:
        take_result(s, tile, now)
        return
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
    e.arriving, e.fresh, e.reporting, e.state = 0, fresh, 0, HOLD


@kernel
def take_instance(s: Mesh, tile: int, now: int) -> None:
    """Inject the next instance of the stream that this cycle visits, or ask for its row."""
    p, e, c = s.params[0], s.engine[tile], s.current[tile]
    number = now & p.stream_mask
    t = s.stream[tile * p.streams + number]
    if t.rows and not t.there:
        reserve(s, tile, number, now)
        return
    c.slot = t.reserved if t.there else take_slot(t, now)
    c.length = t.words if t.there else 0
    t.there = 0
    instance = s.entry[t.first + t.next]
    t.next += 1
    c.home_x, c.home_y = e.x, e.y
    c.index, c.value, c.instance, c.variant = 0, 0, instance.instance, instance.variant
    _fresh(c, p.tbus * p.places + s.space[c.slot].record, HOLD_SINGLE, t.entry, 0)
    e.arriving, e.row, e.state = 0, t.entry, FLOW_SEEN
    record(s, tile, now, 0, INJECT, c.instance, s.flow[t.entry].dest, 0, 0)
