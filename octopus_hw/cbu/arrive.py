# SPDX-License-Identifier: Apache-2.0
"""States in which a token has come home: ARRIVE, COUNT, FIRE (docs/timing.md#arrive)."""

from amaranth.hdl import Module, Mux, Value

from octopus_hw.cbu.engine import Engine
from octopus_hw.cbu.locate import offset_in_area
from octopus_hw.cbu.records import HolderKind, Status
from octopus_hw.contract.codes import Event, Kind

__all__ = ["arrive", "count", "fire", "newborn"]


def newborn(m: Module, e: Engine) -> None:
    """Drive what home records have in common when they are written."""
    born, kept, item = e.born, e.kept, e.item
    of_spawn = (kept.kind == Kind.JOIN) & ~kept.all
    m.d.comb += [
        born.kind.eq(HolderKind.LIST),
        born.status.eq(Status.FRESH),
        born.keep.eq(kept.keep),
        born.cursor.eq(kept.next),
        born.flow.eq(kept.next),
        born.cround.eq(item.body.round),
        born.body.eq(item.body),
        born.source.eq(e.area_at + Mux(of_spawn, 0, offset_in_area(kept, item.body.index))),
        born.join.eq(e.join_at),
    ]


def arrive(m: Module, e: Engine) -> None:
    """Take in the token; the destination's join record is seen."""
    kept, item, body = e.kept, e.item, e.item.body
    _aim(m, e, e.record_at)
    with m.Switch(kept.kind):
        with m.Case(Kind.TASK):
            born = e.born
            m.d.comb += [born.kind.eq(HolderKind.SINGLE), born.known.eq(1), born.last.eq(1)]
            m.d.comb += [born.cursor.eq(item.flow), born.flow.eq(item.flow)]
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
            m.d.comb += [e.inject.retire.eq(1), e.inject.retired.eq(body.slot)]
            e.happen(m, Event.RETIRE, kept.dest, body.index, body.round)
            _leave(m, e)


def count(m: Module, e: Engine) -> None:
    """Wait for the draw: that many children."""
    kept, body, born, started = e.kept, e.item.body, e.born, e.joins.write_data
    _aim(m, e, e.record_at)
    m.d.comb += e.flows.address.eq(kept.aux)
    with m.If(e.is_drawn):
        e.happen(m, Event.DECIDE, kept.dest, body.index, body.round)
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
            m.d.comb += [born.kind.eq(HolderKind.SPAWN), born.known.eq(1), born.body.index.eq(0)]
            with m.If(~kept.keep):
                m.d.comb += born.body.value.eq(0)
            _write(m, e)
            _leave(m, e)


def fire(m: Module, e: Engine) -> None:
    """Fire the join of a spawn without children; its row is seen."""
    row, body, born = e.flows.row, e.item.body, e.born
    e.happen(m, Event.JOIN, row.dest, body.index, body.round)
    m.d.comb += [born.cursor.eq(row.next), born.flow.eq(row.next), born.source.eq(e.locate.area)]
    m.d.comb += born.body.value.eq(Mux(row.mode == 0, body.value, 0))
    _aim(m, e, e.locate.record)
    _write(m, e)
    _leave(m, e)


def _join(m: Module, e: Engine) -> None:
    arrival, born = e.arrival_at_join, e.born
    ready = e.holders.to_ready
    m.d.comb += [e.joins.write.eq(1), e.joins.write_data.eq(arrival.after)]
    with m.If(arrival.wakes):
        m.d.comb += [ready.valid.eq(1), ready.payload.holder.index.eq(e.joins.record.spawn)]
    m.d.comb += [
        born.cround.eq(arrival.round),
        born.body.index.eq(arrival.index),
        born.body.round.eq(arrival.round),
        born.body.value.eq(arrival.value),
    ]
    with m.If(arrival.fires):
        e.happen(m, Event.JOIN, e.kept.dest, arrival.index, arrival.round)
        _write(m, e)


def _aim(m: Module, e: Engine, record: Value) -> None:
    """Offer a new home record to be written, whether it will be or not: what decides comes late in the cycle."""
    holders = e.holders
    m.d.comb += [
        holders.save_ref.index.eq(record),
        holders.save_ref.home.eq(1),
        holders.save_record.eq(e.born),
        holders.to_ready.payload.holder.index.eq(record),
        holders.to_ready.payload.holder.home.eq(1),
    ]


def _write(m: Module, e: Engine) -> None:
    """Write the new home record; its holder is ready."""
    m.d.comb += [e.holders.save.eq(1), e.holders.to_ready.valid.eq(1)]


def _leave(m: Module, e: Engine) -> None:
    m.next = "NEXT"
    with m.If(e.arriving):
        m.next = "IDLE"
