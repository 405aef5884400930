# SPDX-License-Identifier: Apache-2.0
"""States in which a token finds its way: FLOW, DECIDE, CHOSEN, OWN, TRY (docs/timing.md#flow)."""

from amaranth.hdl import Module, Mux, Value

from octopus_hw.cbu import reservations
from octopus_hw.cbu.engine import Target, TokenEngine
from octopus_hw.cbu.records import HolderKind, ProbeStatus
from octopus_hw.contract.codes import Event, Kind, Message, Pool
from octopus_hw.contract.layout import ASKED
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.payload import payload_of
from octopus_hw.parts.onehot import one_of

__all__ = ["chosen", "decide", "flow", "own", "try_"]


def flow(m: Module, e: TokenEngine) -> None:
    """SourceArbiter to where the token's row leads; it is seen."""
    row, item, where = e.flows.row, e.item, e.home_addresses
    sets_out = e.state.mode.announce & (item.kind == HolderKind.SPAWN) & (item.flow == item.cursor)
    m.d.comb += [e.holders.save.eq(~e.arriving), e.holders.save_record.known.eq(1)]
    m.d.comb += [
        e.work.leaves.eq(e.retried | sets_out),
        e.joins.address.eq(where.join),
        e.owners.block.eq(row.dest),
        e.owners.read.eq(1),
    ]
    m.d.sync += [
        e.kept.eq(row),
        e.record_at.eq(where.record),
        e.join_at.eq(where.join),
        e.area_at.eq(where.area),
        item.last.eq(e.last_now),
        item.known.eq(1),
        item.source.eq(e.holders.save_record.source),
        e.ref.eq(e.holders.save_ref),
        e.entering.eq(0),
        e.retried.eq(0),
    ]
    # Without a mapping no owner has been asked: it is the tile that a grant came from.
    oldest, owner = e.grants.o.payload, item.owner
    with m.If(~e.state.mode.static):
        m.d.sync += [owner.x.eq(oldest.x), owner.y.eq(oldest.y), owner.tbu.eq(oldest.grant.tbu)]
    with m.If(e.arriving):
        m.next = "ARRIVE"
    with m.Elif(item.status == ProbeStatus.GRANTED):
        m.d.sync += e.target.eq(Target.REMOTE)
        m.next = "ACT"
    with m.Elif(item.status == ProbeStatus.DENIED):
        m.next = "OWN"
    with m.Elif(row.kind == Kind.BRANCH):
        m.d.comb += [e.draw.request.valid.eq(1), e.draw.request.payload.block.eq(row.dest)]
        m.next = "DECIDE"
    with m.Elif(row.kind != Kind.TASK):
        e.home(m, row)
    with m.Elif(e.state.mode.static):
        m.next = "OWN"
    with m.Else():
        _here_or_there(m, e)


def decide(m: Module, e: TokenEngine) -> None:
    """Wait for the draw; then look at the flow it chooses."""
    kept = e.kept
    candidate = kept.next + Mux(e.drawn < kept.count, e.drawn, kept.count - 1)
    m.d.comb += e.flows.address.eq(candidate)
    with m.If(e.is_drawn):
        m.d.sync += e.item.flow.eq(candidate)
        m.next = "CHOSEN"


def chosen(m: Module, e: TokenEngine) -> None:
    """Take the chosen flow, unless it is a loop that has run often enough; its row is seen."""
    row, kept, body = e.flows.row, e.kept, e.item.body
    e.emit_event(m, Event.DECIDE, kept.dest, body.index, body.round)
    closed = row.loop & (body.round >= row.max_rounds)
    following = Mux(closed, kept.next + kept.aux, e.item.flow)
    m.d.sync += [e.item.flow.eq(following), body.round.eq(body.round + (row.loop & ~closed))]
    m.d.comb += e.flows.address.eq(following)
    m.next = "FLOW"


def own(m: Module, e: TokenEngine) -> None:
    """Find out which owner is next in turn; the head of the block's owners is seen."""
    owners, head, item = e.owners, e.owners.head, e.item
    following = _look_up_next_owner(m, e)
    with m.If(item.status == ProbeStatus.DENIED):
        with m.If(item.left == 0):
            e.fail(m, e.kept)
        with m.Else():
            _next_owner(m, e, following)
    with m.Else():
        turn = owners.turn
        m.d.comb += [
            owners.bump.eq(1),
            owners.bump_block.eq(e.kept.dest),
            owners.bump_turn.eq(Mux(turn + 1 == head.count, 0, turn + 1)),
            owners.entry.eq(head.base + turn),
        ]
        m.d.sync += [item.own.eq(turn), item.left.eq(Mux(head.count > ASKED, ASKED, head.count) - 1)]
        m.next = "TRY"


def try_(m: Module, e: TokenEngine) -> None:
    """Find out whether the owner has a place; the owner is seen."""
    owner, item = e.owners.owner, e.item
    here = (owner.x == e.state.x) & (owner.y == e.state.y)
    inherits = e.can_inherit(item.last, e.kept) & (e.own_tbu == owner.tbu)
    following = _look_up_next_owner(m, e)
    m.d.comb += e.some_tbu.eq(owner.tbu)
    with m.If(~here):
        _probe(m, e)
    with m.Elif(inherits | e.some_place):
        e.target_local(m, owner.tbu, inherits)
    with m.Elif(item.left == 0):
        e.fail(m, e.kept)
    with m.Else():
        _next_owner(m, e, following)


def _here_or_there(m: Module, e: TokenEngine) -> None:
    """Place a task in this tile, in one that has granted a place, or not at all."""
    row = e.flows.row
    can_inherit = e.can_inherit(e.last_now, row)
    # Both answers are at hand before the row says whether the place can be inherited.
    found, gap, tbu = (
        one_of((can_inherit, getattr(e.choose_with_own, name)), (~can_inherit, getattr(e.choose, name)))
        for name in ("found", "gap", "tbu")
    )
    leaves_early = e.state.mode.early & (row.pool != Pool.STAY) & ~gap
    m.d.comb += e.some_tbu.eq(tbu)
    with m.If(e.grants.o.valid & (leaves_early | ~found)):
        reservations.give_up(m, e, returned=False)
        _go_there(m, e)
    with m.Elif(found):
        e.target_local(m, tbu, can_inherit & (tbu == e.own_tbu))
    with m.Else():
        e.fail(m, row)


def _go_there(m: Module, e: TokenEngine) -> None:
    """Target the place of the oldest grant."""
    m.d.sync += [e.target.eq(Target.REMOTE), e.target_place.eq(e.grants.o.payload.grant.place)]
    m.next = "ACT"


def _look_up_next_owner(m: Module, e: TokenEngine) -> Value:
    """Read the owner after the one tried, and what else may be wanted next; return its number."""
    owners, head, following = e.owners, e.owners.head, e.item.own + 1
    wraps = following == head.count
    m.d.comb += [
        e.holders.save.eq(1),
        e.joins.address.eq(e.join_at),
        owners.next.eq(1),
        owners.entry.eq(Mux(wraps, head.base, head.base + following)),
    ]
    return Mux(wraps, 0, following)


def _next_owner(m: Module, e: TokenEngine, following: Value) -> None:
    """SourceArbiter to the owner after the one tried."""
    m.d.sync += [e.item.own.eq(following), e.item.left.eq(e.item.left - 1)]
    m.next = "TRY"


def _probe(m: Module, e: TokenEngine) -> None:
    """Ask the owner's tile for a place."""
    owner, request, saved = e.owners.owner, e.requests.i, e.holders.save_record
    holder = Mux(e.ref.home, e.ref.index + e.config.places, e.ref.index)
    m.d.comb += [
        request.valid.eq(1),
        request.payload.x.eq(owner.x),
        request.payload.y.eq(owner.y),
        request.payload.message.eq(Message.PLACE),
        request.payload.payload.eq(payload_of(layouts(e.config).place_request, holder=holder, tbu=owner.tbu)),
        saved.status.eq(ProbeStatus.PROBING),
        saved.owner.x.eq(owner.x),
        saved.owner.y.eq(owner.y),
        saved.owner.tbu.eq(owner.tbu),
    ]
    m.next = "IDLE"
