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
        cbu.finished.eq(e.log.finished & ~e.results.some),
    ]
    connect(m, e.log.counters, flipped(cbu.counters))
    _host(m, e)
    _balance(m, e)
    _choice(m, e)


def _host(m: Module, e: TokenEngine) -> None:
    """Connect what comes from the host and goes to it."""
    cbu, inject, results = e.cbu, e.inject, e.results
    connect(m, results.o, flipped(cbu.result))
    connect(m, flipped(cbu.left), inject.left)
    m.d.comb += [
        inject.data.eq(e.slots.row.data),
        inject.come_words.eq(cbu.arrival.payload.token.words),
        cbu.row_at.eq(inject.row_at),
        inject.retire.slot.eq(e.item.body.slot),
        results.record.eq(e.record_at),
        results.left.eq(cbu.left.valid),
    ]


def _choice(m: Module, e: TokenEngine) -> None:
    """Connect the choice of a TBU: for a token that can inherit its holder's place, and not."""
    for choose in (e.choose, e.choose_with_own):
        m.d.comb += [
            choose.available.eq(e.free.available),
            choose.pool.eq(e.flows.row.pool),
            choose.pinned_tbu.eq(e.flows.row.pinned_tbu),
        ]
        for tbu in range(e.config.tbus):
            m.d.comb += [choose.load[tbu].eq(e.free.load[tbu]), choose.live[tbu].eq(e.free.live[tbu])]
            m.d.comb += choose.own[tbu].eq(e.is_place & (e.own_tbu == tbu))
    m.d.comb += e.choose_with_own.inherit.eq(1)


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
