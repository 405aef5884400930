# SPDX-License-Identifier: Apache-2.0
"""Items that are messages: about places that are promised, granted, used, given back, and about rows and results."""

from typing import Any

from amaranth.hdl import Const, Module, Mux, Value

from octopus_hw.cbu.engine import TokenEngine
from octopus_hw.contract.codes import Message
from octopus_hw.contract.layout import Partner
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.payload import payload_as

__all__ = ["ask_for_row", "give_up", "grant", "message_fields", "reply", "request"]


def message_fields(m: Module, e: TokenEngine) -> None:
    """Drive what a message says, whether it is taken or not: what decides comes late in the cycle."""
    message = e.cbu.answer.payload
    answer, taken = payload_as(layouts(e.config).answer, message), _grant(e, message)
    queued, places = e.holders.to_ready.payload, e.config.places
    home = answer.holder >= places
    m.d.comb += [
        queued.holder.home.eq(home),
        queued.holder.index.eq(Mux(home, answer.holder - places, answer.holder)),
        queued.place.eq(answer.place),
        queued.granted.eq(answer.granted),
        e.free.give_tbu.eq(taken.tbu),
        e.free.give_place.eq(taken.place),
    ]


def reply(m: Module, e: TokenEngine) -> None:
    """Take an ANSWER, a GRANT, a TAKEN or a SEND."""
    answer = e.cbu.answer
    m.d.comb += answer.ready.eq(1)
    with m.Switch(answer.payload.message):
        with m.Case(Message.GRANT):
            m.d.comb += e.grants.i.valid.eq(1)
        with m.Case(Message.TAKEN):
            m.d.comb += [e.cbu.taken.eq(1), e.free.give.eq(_grant(e, answer.payload).returned)]
        with m.Case(Message.SEND):
            _send(m, e)
        with m.Default():
            m.d.comb += e.holders.to_ready.valid.eq(1)


def request(m: Module, e: TokenEngine) -> None:
    """Answer a PLACE."""
    asked, widths = e.cbu.asked.payload, layouts(e.config)
    answer = payload_as(widths.answer, e.replies.i.payload)
    _say(m, e, Message.ANSWER, asked.source_x, asked.source_y)
    m.d.comb += [
        e.cbu.asked.ready.eq(1),
        e.free.take.eq(e.some_place),
        answer.holder.eq(payload_as(widths.place_request, asked).holder),
        answer.place.eq(e.lowest_place),
        answer.granted.eq(e.some_place),
    ]


def grant(m: Module, e: TokenEngine) -> None:
    """Grant the wanted partner a place."""
    payload = _grant(e, e.replies.i.payload)
    _say(m, e, Message.GRANT, *_partner(e))
    m.d.comb += [
        e.cbu.granted.eq(1),
        e.free.grant.eq(1),
        payload.place.eq(e.free.least_place),
        payload.tbu.eq(e.free.least),
        payload.partner.eq(e.cbu.wanted),
    ]


def give_up(m: Module, e: TokenEngine, *, returned: bool) -> None:
    """Take the oldest grant, and tell the tile that it came from."""
    oldest = e.grants.o.payload
    payload = _grant(e, e.replies.i.payload)
    _say(m, e, Message.TAKEN, oldest.x, oldest.y)
    m.d.comb += [e.grants.o.ready.eq(1), payload.eq(oldest.grant), payload.returned.eq(returned)]


def ask_for_row(m: Module, e: TokenEngine) -> None:
    """Reserve a slot, and ask the host for the row of a stream's next instance (docs/timing.md#rows)."""
    inject, payload = e.inject, e.replies.i.payload
    _say(m, e, Message.ROW, Const(0), Const(0))
    m.d.comb += [
        inject.reserve.eq(1),
        e.slots.address.eq(inject.slot),
        payload.host.eq(1),
        payload.payload.eq(inject.instance),
    ]


def _send(m: Module, e: TokenEngine) -> None:
    """Take up the oldest result (docs/timing.md#results)."""
    m.d.comb += [
        e.results.pop.eq(1),
        e.holders.read.eq(1),
        e.holders.read_ref.index.eq(e.results.head),
        e.holders.read_ref.home.eq(1),
    ]
    m.d.sync += e.reporting.eq(1)
    m.next = "HOLD"


def _grant(e: TokenEngine, message: Any) -> Any:
    """Return the payload of a GRANT or TAKEN, to be read or driven."""
    return payload_as(layouts(e.config).grant, message)


def _say(m: Module, e: TokenEngine, message: Message, x: Value, y: Value) -> None:
    """Push a message into the reply queue."""
    queue = e.replies.i
    m.d.comb += [queue.valid.eq(1), queue.payload.message.eq(message), queue.payload.x.eq(x), queue.payload.y.eq(y)]


def _partner(e: TokenEngine) -> tuple[Value, Value]:
    """Return the wanted partner's coordinates: its distance is a power of two, directions go round from north."""
    x, y, partner = e.state.x, e.state.y, struct(Partner)(e.cbu.wanted)
    direction, distance = partner.direction, 1 << partner.stride
    away = [Mux(direction[1] == low, at - distance, at + distance)[: len(at)] for low, at in ((1, x), (0, y))]
    return Mux(direction[0], away[0], x), Mux(direction[0], y, away[1])
