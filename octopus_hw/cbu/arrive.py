# SPDX-License-Identifier: Apache-2.0
"""States in which a token has come home: ARRIVE, COUNT, FIRE (docs/timing.md#arrive)."""

from amaranth.hdl import Module, Mux, Value

from octopus_hw.cbu.engine import TokenEngine
from octopus_hw.cbu.home_addresses import offset_in_area
from octopus_hw.cbu.records import HolderKind, ProbeStatus
from octopus_hw.contract.codes import Event, Kind

__all__ = ["arrive", "count", "fire", "new_records"]


def new_records(m: Module, e: TokenEngine) -> None:
    """Drive what home records have in common when they are written."""
    new_record, kept, item = e.new_record, e.kept, e.item
    of_spawn = (kept.kind == Kind.JOIN) & ~kept.all
    m.d.comb += [
        new_record.kind.eq(HolderKind.LIST),
        new_record.status.eq(ProbeStatus.FRESH),
        new_record.keep.eq(kept.keep),
        new_record.cursor.eq(kept.next),
        new_record.flow.eq(kept.next),
        new_record.cround.eq(item.body.round),
        new_record.body.eq(item.body),
        new_record.source.eq(e.area_at + Mux(of_spawn, 0, offset_in_area(kept, item.body.index))),
        new_record.length.eq(Mux(e.arriving, item.length, 0)),
        new_record.join.eq(e.join_at),
    ]


def arrive(m: Module, e: TokenEngine) -> None:
    """Take in the token; the destination's join record is seen."""
    kept, item, body = e.kept, e.item, e.item.body
    _offer_record(m, e, e.record_at)
    with m.Switch(kept.kind):
        with m.Case(Kind.TASK):
            new_record = e.new_record
            m.d.comb += [new_record.kind.eq(HolderKind.SINGLE), new_record.known.eq(1), new_record.last.eq(1)]
            m.d.comb += [new_record.cursor.eq(item.flow), new_record.flow.eq(item.flow)]
            _write(m, e)
            _leave(m, e)
        with m.Case(Kind.FORK):
            _write(m, e)
            _leave(m, e)
        with m.Case(Kind.JOIN):
            _join(m, e)
            _leave(m, e)
        with m.Case(Kind.SPAWN):
            m.d.comb += e.draw.request.valid.eq(1)
            m.next = "COUNT"
        with m.Case(Kind.END):
            # A result keeps its slot until it has left.
            m.d.comb += [e.inject.retire.valid.eq(~kept.keep), e.results.push.eq(kept.keep)]
            m.d.comb += e.holders.save.eq(kept.keep)
            e.emit_event(m, Event.RETIRE, kept.dest, body.index, body.round)
            _leave(m, e)


def count(m: Module, e: TokenEngine) -> None:
    """Wait for the draw: that many children."""
    kept, body, new_record, started = e.kept, e.item.body, e.new_record, e.joins.write_data
    _offer_record(m, e, e.record_at)
    m.d.comb += e.flows.address.eq(kept.aux)
    with m.If(e.is_drawn):
        e.emit_event(m, Event.DECIDE, kept.dest, body.index, body.round)
        m.d.comb += [
            e.joins.write.eq(1),
            started.eq(0),
            started.total.eq(e.drawn),
            started.missing.eq(e.drawn),
            started.some.eq(e.drawn != 0),
            started.one.eq(e.drawn == 1),
            started.index.eq(body.index),
            started.value.eq(body.value),
            started.round.eq(body.round),
            e.work.announces.eq(1),
        ]
        with m.If(e.drawn == 0):
            m.next = "FIRE"
        with m.Else():
            m.d.comb += [new_record.kind.eq(HolderKind.SPAWN), new_record.known.eq(1), new_record.body.index.eq(0)]
            with m.If(~kept.keep):
                m.d.comb += new_record.body.value.eq(0)
            _write(m, e)
            _leave(m, e)


def fire(m: Module, e: TokenEngine) -> None:
    """Fire the join of a spawn without children; its row is seen."""
    row, body, new_record = e.flows.row, e.item.body, e.new_record
    e.emit_event(m, Event.JOIN, row.dest, body.index, body.round)
    m.d.comb += [
        new_record.cursor.eq(row.next),
        new_record.flow.eq(row.next),
        new_record.source.eq(e.home_addresses.area),
        new_record.length.eq(0),
    ]
    m.d.comb += new_record.body.value.eq(Mux(row.mode == 0, body.value, 0))
    _offer_record(m, e, e.home_addresses.record)
    _write(m, e)
    _leave(m, e)


def _join(m: Module, e: TokenEngine) -> None:
    arrival, new_record = e.arrival_at_join, e.new_record
    ready = e.holders.to_ready
    m.d.comb += [e.joins.write.eq(1), e.joins.write_data.eq(arrival.after)]
    with m.If(arrival.wakes):
        m.d.comb += [ready.valid.eq(1), ready.payload.holder.index.eq(e.joins.record.spawn)]
    m.d.comb += [
        new_record.length.eq(arrival.after.quads << 2),
        new_record.cround.eq(arrival.round),
        new_record.body.index.eq(arrival.index),
        new_record.body.round.eq(arrival.round),
        new_record.body.value.eq(arrival.value),
    ]
    with m.If(arrival.fires):
        e.emit_event(m, Event.JOIN, e.kept.dest, arrival.index, arrival.round)
        _write(m, e)


def _offer_record(m: Module, e: TokenEngine, record: Value) -> None:
    """Offer a new home record to be written, whether it will be or not: what decides comes late in the cycle."""
    holders = e.holders
    m.d.comb += [
        holders.save_ref.index.eq(record),
        holders.save_ref.home.eq(1),
        holders.save_record.eq(e.new_record),
        holders.to_ready.payload.holder.index.eq(record),
        holders.to_ready.payload.holder.home.eq(1),
    ]


def _write(m: Module, e: TokenEngine) -> None:
    """Write the new home record; its holder is ready."""
    m.d.comb += [e.holders.save.eq(1), e.holders.to_ready.valid.eq(1)]


def _leave(m: Module, e: TokenEngine) -> None:
    m.next = "NEXT"
    with m.If(e.arriving):
        m.next = "IDLE"
