# SPDX-License-Identifier: Apache-2.0
"""What connects the parts of the Control Block Unit whatever state its engine is in."""

from amaranth.hdl import Module
from amaranth.lib.wiring import connect, flipped

from octopus_hw.cbu.engine import TokenEngine
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.payload import payload_as

__all__ = ["wire"]


def wire(m: Module, e: TokenEngine) -> None:
    """Connect what does not depend on the engine's state."""
    cbu, state, body = e.cbu, e.state, e.item.body
    connect(m, e.requests.o, flipped(cbu.request))
    connect(m, e.replies.o, flipped(cbu.reply))
    for queue in (e.requests, e.replies):
        m.d.comb += [queue.i.payload.source_x.eq(state.x), queue.i.payload.source_y.eq(state.y)]
    for number, release in enumerate(cbu.release):
        connect(m, flipped(release), e.free.release[number])
    m.d.comb += [
        e.holders.freed.eq(e.free.released),
        e.holders.another.eq(e.free.give | e.grants.i.valid),
        e.home_addresses.row.eq(e.flows.row),
        e.home_addresses.slot.eq(e.slots.row),
        e.home_addresses.lane.eq(body.index),
        e.claims.record.eq(e.joins.record),
        e.claims.index.eq(body.index),
        e.claims.spawn.eq(e.ref.index),
        e.arrival_at_join.record.eq(e.joins.record),
        e.arrival_at_join.row.eq(e.kept),
        e.arrival_at_join.body.eq(body),
        e.log.entry_block.eq(e.flows.row.dest),
        e.log.instance.eq(body.instance),
        cbu.finished.eq(e.log.finished),
    ]
    connect(m, e.log.counters, flipped(cbu.counters))
    _balance(m, e)
    _choice(m, e)


def _choice(m: Module, e: TokenEngine) -> None:
    """Connect the choice of a TBU: with the holder at its last flow, and not."""
    for choose in (e.choose, e.choose_last):
        m.d.comb += [
            choose.available.eq(e.free.available),
            choose.pool.eq(e.flows.row.pool),
            choose.pinned_tbu.eq(e.flows.row.pinned_tbu),
        ]
        for tbu in range(e.config.tbus):
            m.d.comb += [choose.load[tbu].eq(e.free.load[tbu]), choose.live[tbu].eq(e.free.live[tbu])]
            m.d.comb += choose.own[tbu].eq(e.is_place & (e.own_tbu == tbu))
    m.d.comb += e.choose_last.inherit.eq(e.is_place & ~e.item.sent)


def _balance(m: Module, e: TokenEngine) -> None:
    """Connect what has to do with the work of other tiles."""
    cbu, answer = e.cbu, e.cbu.answer.payload
    grant = payload_as(layouts(e.config).grant, answer)
    m.d.comb += [
        e.grants.tick.eq(cbu.tick),
        e.grants.i.payload.x.eq(answer.source_x),
        e.grants.i.payload.y.eq(answer.source_y),
        e.grants.i.payload.grant.eq(grant),
        cbu.taken_partner.eq(grant.partner),
        cbu.work.eq(e.work.work),
    ]
    for ours, theirs in zip(cbu.tbu_work, e.work.tbu_work, strict=True):
        m.d.comb += theirs.eq(ours)
