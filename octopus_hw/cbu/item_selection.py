# SPDX-License-Identifier: Apache-2.0
"""States that take an item up: IDLE, HOLD, CLAIM (docs/timing.md#idle)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Value

from octopus_hw.cbu import reservations
from octopus_hw.cbu.engine import Target, TokenEngine
from octopus_hw.cbu.records import HolderKind, ProbeStatus
from octopus_hw.cbu.sources import EngineSource, numbers
from octopus_hw.contract.codes import Event, Message
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.payload import payload_as
from octopus_hw.parts.onehot import encode, pick

__all__ = ["claim", "hold", "idle"]


def idle(m: Module, e: TokenEngine) -> None:
    """Take one item, by round robin over the sources."""
    offers = _offers(e)
    asks = Cat(offers[source][0] for source in EngineSource if source != EngineSource.INJECT)
    m.d.comb += [
        e.arbiter.early.eq(asks & e.state.running.replicate(len(asks))),
        e.arbiter.late.eq((e.inject.offer & e.credit[-1] | e.inject.asks & ~e.replies.o.valid) & e.state.running),
        e.arbiter.take.eq(1),
        e.some_tbu.eq(payload_as(layouts(e.config).place_request, e.cbu.asked.payload).tbu),
    ]
    reservations.message_fields(m, e)
    m.d.sync += [e.arriving.eq(0), e.entering.eq(0), e.retried.eq(0), e.reporting.eq(0)]
    with m.If(e.arbiter.takes_late):
        _inject(m, e)
    with m.Elif(e.arbiter.some):
        with m.Switch(e.arbiter.likely):
            for source, its in numbers(e.config.tbus).items():
                if source != EngineSource.INJECT:
                    with m.Case(*its):
                        offers[source][1](m, e)


def _offers(e: TokenEngine) -> dict[EngineSource, tuple[Value, Callable[[Module, TokenEngine], None]]]:
    """Return of each source, but for the late one, whether it has an item that can be taken, and how it is taken."""
    cbu, credit, holders, grants, may_reply = e.cbu, e.credit, e.holders, e.grants, ~e.replies.o.valid
    # What is in a reply eject queue never waits for the engine's own messages.
    can_send = cbu.command[-1].ready | (cbu.answer.payload.message != Message.SEND)
    can_grant = cbu.wants & holders.none_stalled & e.free.available.any()
    return {
        EngineSource.GRANT: (can_grant & may_reply, reservations.grant),
        EngineSource.STALE: (grants.late & may_reply, partial(reservations.give_up, returned=True)),
        EngineSource.ARRIVAL: (cbu.arrival.valid, _arrival),
        EngineSource.ANSWER: (cbu.answer.valid & can_send, reservations.reply),
        EngineSource.PLACE: (cbu.asked.valid & may_reply, reservations.request),
        EngineSource.DONE: (Cat(done.valid & credit[tbu] for tbu, done in enumerate(cbu.done)), _done),
        EngineSource.RESUMED: (
            holders.resumed.valid & _credit_of_head(e),
            partial(_answered, queue=holders.resumed),
        ),
        EngineSource.READY: (holders.ready.valid & credit[-1], partial(_answered, queue=holders.ready)),
        EngineSource.STALLED: (holders.stalled.valid & credit[-1], _stalled),
    }


def hold(m: Module, e: TokenEngine) -> None:
    """Take the record over; it is seen."""
    record = e.holders.record
    m.d.sync += e.item.eq(record)
    with m.If(record.status == ProbeStatus.PROBING):
        m.d.sync += e.item.status.eq(Mux(e.granted, ProbeStatus.GRANTED, ProbeStatus.DENIED))
    m.d.comb += [
        e.joins.address.eq(record.join),
        e.flows.address.eq(record.flow),
        e.slots.address.eq(record.body.slot),
    ]
    m.next = "FLOW"
    with m.If((record.kind == HolderKind.SPAWN) & ~record.claimed):
        m.next = "CLAIM"
    with m.If(e.reporting):
        m.d.sync += e.target.eq(Target.HOST)
        m.next = "REPORT"


def claim(m: Module, e: TokenEngine) -> None:
    """Take the child's lane, or wait for one; the spawn's join record is seen, its own is as it should be.

    The cursor's row is seen too. With its lane a child gets its part of the data: each after the first a step further.
    """
    item, claims = e.item, e.claims
    step = e.flows.row.step & item.body.index.any().replicate(len(e.flows.row.step))
    m.d.comb += [
        e.joins.write.eq(1),
        e.joins.write_address.eq(item.join),
        e.joins.write_data.eq(claims.after),
    ]
    m.d.sync += [item.last.eq(claims.last), item.claimed.eq(claims.granted)]
    m.next = "IDLE"
    with m.If(claims.granted):
        m.d.sync += [
            item.source.eq(item.source + step),
            item.length.eq(Mux(item.length[2:] < step, 0, item.length - (step << 2))),
        ]
        m.next = "FLOW"


def _credit_of_head(e: TokenEngine) -> Value:
    """There is room for the place at the head of the resumed queue."""
    index, depth, tbus = e.holders.resumed.payload.holder.index, e.config.queue_depth, e.config.tbus
    below = [Const(0, 1), *(index < (tbu + 1) * depth for tbu in range(tbus))]
    return Cat(e.credit[tbu] & ~below[tbu] & below[tbu + 1] for tbu in range(tbus)).any()


def _answered(m: Module, e: TokenEngine, queue: Any) -> None:
    m.d.comb += [queue.ready.eq(1), e.holders.read_ref.eq(queue.payload.holder)]
    m.d.sync += [e.target_place.eq(queue.payload.place), e.granted.eq(queue.payload.granted)]
    _held(m, e)


def _stalled(m: Module, e: TokenEngine) -> None:
    stalled = e.holders.stalled
    m.d.comb += [stalled.ready.eq(1), e.holders.read_ref.eq(stalled.payload)]
    m.d.sync += e.retried.eq(1)
    _held(m, e)


def _held(m: Module, e: TokenEngine) -> None:
    m.d.comb += e.holders.read.eq(1)
    m.d.sync += e.ref.eq(e.holders.read_ref)
    m.next = "HOLD"


def _body(m: Module, e: TokenEngine, token: Value) -> None:
    for name in ("home_x", "home_y", "slot", "index", "value", "instance", "round", "variant"):
        m.d.sync += e.item.body[name].eq(token[name])
    m.d.sync += e.item.length.eq(token.words)


def _start(m: Module, e: TokenEngine, kind: HolderKind, flow: Value, slot: Value) -> None:
    """Walk from a flow on."""
    item, single = e.item, kind == HolderKind.SINGLE
    m.d.sync += [
        item.kind.eq(kind),
        item.status.eq(ProbeStatus.FRESH),
        item.known.eq(single),
        item.last.eq(single),
        item.sent.eq(0),
        item.cursor.eq(flow),
        item.flow.eq(flow),
    ]
    m.d.comb += [e.flows.address.eq(flow), e.slots.address.eq(slot)]
    m.next = "FLOW"


def _arrival(m: Module, e: TokenEngine) -> None:
    arrival = e.cbu.arrival.payload
    token = arrival.token
    m.d.comb += e.cbu.arrival.ready.eq(1)
    _body(m, e, token)
    with m.If(arrival.row):
        m.d.comb += e.inject.come.eq(1)
        m.d.sync += e.item.body.instance.eq(e.inject.asked)
        e.emit_event(m, Event.ARRIVE, 0, 0, 0)
    with m.Else():
        m.d.sync += e.arriving.eq(1)
        _start(m, e, HolderKind.SINGLE, token.next, token.slot)


def _done(m: Module, e: TokenEngine) -> None:
    chosen, heads = e.arbiter.of_group, [done.payload for done in e.cbu.done]
    token: Any = struct(layouts(e.config).token)(pick(chosen, [head.token for head in heads]))
    place = pick(chosen, [head.place for head in heads])
    m.d.comb += Cat(done.ready for done in e.cbu.done).eq(chosen)
    m.d.sync += [
        e.ref.index.eq(pick(chosen, [head.place + tbu * e.config.queue_depth for tbu, head in enumerate(heads)])),
        e.ref.home.eq(0),
        e.item.source.eq(Cat(place, encode(chosen, layouts(e.config).tbu))),
        e.item.cround.eq(token.round),
    ]
    _body(m, e, token)
    _start(m, e, HolderKind.PLACE, token.next, token.slot)


def _inject(m: Module, e: TokenEngine) -> None:
    """Inject the stream's next instance, or ask for its row."""
    with m.If(e.inject.asks):
        reservations.ask_for_row(m, e)
    with m.Else():
        _enter(m, e)


def _enter(m: Module, e: TokenEngine) -> None:
    """Inject the stream's next instance."""
    inject, body = e.inject, e.item.body
    m.d.comb += inject.take.eq(1)
    m.d.sync += [
        e.entering.eq(1),
        e.item.cround.eq(0),
        e.item.length.eq(inject.words),
        body.eq(0),
        body.home_x.eq(e.state.x),
        body.home_y.eq(e.state.y),
        body.slot.eq(inject.slot),
        body.instance.eq(inject.instance),
        body.variant.eq(inject.variant),
    ]
    _start(m, e, HolderKind.SINGLE, inject.entry, inject.slot)
    e.emit_event(m, Event.INJECT, 0, 0, 0)
