# SPDX-License-Identifier: Apache-2.0
"""The parts of the Control Block Unit, and what connects them whatever state its engine is in."""

from typing import Any

from amaranth.hdl import Module
from amaranth.lib.wiring import connect, flipped

from octopus_hw.cbu.choose import Choose
from octopus_hw.cbu.engine import Engine
from octopus_hw.cbu.events import Log
from octopus_hw.cbu.free_places import FreePlaces
from octopus_hw.cbu.grants import Grants
from octopus_hw.cbu.holders import Holders
from octopus_hw.cbu.inject import Inject
from octopus_hw.cbu.joins import Arrival, Claim, JoinTable
from octopus_hw.cbu.locate import Locate
from octopus_hw.cbu.owners import Owners
from octopus_hw.cbu.table import Table
from octopus_hw.cbu.take import DONE
from octopus_hw.cbu.turn import Turn
from octopus_hw.cbu.work import Work
from octopus_hw.contract.codes import Memory
from octopus_hw.contract.config import Config
from octopus_hw.interfaces.layouts import ControlFlit, FlowRow, Grant, SlotRow
from octopus_hw.parts.draw import Draw
from octopus_hw.parts.queue import Queue

__all__ = ["make", "wire"]


def make(config: Config, events: bool) -> dict[str, Any]:
    """Make the parts, by name."""
    return {
        "flows": Table(FlowRow, config.max_flows, Memory.FLOW),
        "slots": Table(SlotRow, config.max_instances, Memory.SLOT),
        "owners": Owners(config),
        "inject": Inject(config),
        "free": FreePlaces(config),
        "holders": Holders(config),
        "grants": Grants(),
        "work": Work(config),
        "joins": JoinTable(config),
        "claims": Claim(),
        "arrival_at_join": Arrival(),
        "locate": Locate(),
        "choose": Choose(config),
        "choose_last": Choose(config),
        "draw": Draw(config, 1),
        "log": Log(events),
        "requests": Queue(ControlFlit, 2),
        "replies": Queue(ControlFlit, 2),
        "turn": Turn(config.tbus + 9, first=2, group=(DONE, DONE + config.tbus)),
    }


def wire(m: Module, cbu: Any, e: Engine) -> None:
    """Connect what does not depend on the engine's state."""
    state, body = cbu.state, e.item.body
    connect(m, e.requests.o, flipped(cbu.request))
    connect(m, e.replies.o, flipped(cbu.reply))
    for queue in (e.requests, e.replies):
        m.d.comb += [queue.i.payload.source_x.eq(state.x), queue.i.payload.source_y.eq(state.y)]
    for number, release in enumerate(cbu.release):
        connect(m, flipped(release), e.free.release[number])
    m.d.comb += [
        e.holders.freed.eq(e.free.released),
        e.holders.another.eq(e.free.give | e.grants.i.valid),
        e.locate.row.eq(e.flows.row),
        e.locate.slot.eq(e.slots.row),
        e.locate.lane.eq(body.index),
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
    _balance(m, cbu, e)
    _choice(m, e)


def _choice(m: Module, e: Engine) -> None:
    """Connect the choice of a TBU: with the holder at its last flow, and not."""
    for choose in (e.choose, e.choose_last):
        m.d.comb += [
            choose.available.eq(e.free.available),
            choose.pool.eq(e.flows.row.pool),
            choose.seat.eq(e.flows.row.seat),
        ]
        for tbu in range(e.config.tbus):
            m.d.comb += [choose.load[tbu].eq(e.free.load[tbu]), choose.live[tbu].eq(e.free.live[tbu])]
            m.d.comb += choose.own[tbu].eq(e.is_place & (e.own_tbu == tbu))
    m.d.comb += e.choose_last.inherit.eq(e.is_place & ~e.item.sent)


def _balance(m: Module, cbu: Any, e: Engine) -> None:
    """Connect what has to do with the work of other tiles."""
    answer = cbu.answer.payload
    grant = Grant(answer.payload[: Grant.as_shape().size])
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
