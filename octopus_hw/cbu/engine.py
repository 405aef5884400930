# SPDX-License-Identifier: Apache-2.0
"""The engine of the Control Block Unit: its registers, and the moves that several of its states share.

::

    IDLE ─▶ HOLD ─▶ CLAIM ─▶ FLOW ─▶ ACT ─▶ (FLOW, CLAIM or IDLE)          one state each cycle,
      └──────────┼─────────▶  │ ▲ └▶ OWN ─▶ TRY ─▶ (ACT, IDLE)            DECIDE and COUNT wait for the draw
                              │ └── CHOSEN ◀─ DECIDE ◀─ FLOW
                 └▶ REPORT    └▶ ARRIVE ─▶ (IDLE, NEXT), COUNT ─▶ FIRE
      item_selection.py: IDLE HOLD CLAIM    token_routing.py: FLOW DECIDE CHOSEN OWN TRY    dispatch.py: ACT NEXT REPORT
      arrive.py: ARRIVE COUNT FIRE    reservations.py: IDLE's messages about places

The row that FLOW sees is kept in a register: later states compute with it, and no memory is read and multiplied in the
same cycle. What a state does to a memory does not wait for what it decides, which comes late: in each cycle a flow, a
slot and a join record are read, wanted or not, and the record of the holder at work is written, needed again or not.
What counts is whether the next state looks, or a queue gets the holder.
"""

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from amaranth.hdl import Array, Cat, Module, Mux, Signal, Value

from octopus_hw.cbu.parts import Parts
from octopus_hw.cbu.records import HolderKind, ProbeStatus, data_in_tbu, holder_ref, record
from octopus_hw.contract.codes import Event
from octopus_hw.contract.layout import NUMBER
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct

if TYPE_CHECKING:
    from octopus_hw.cbu.cbu import Cbu

__all__ = ["Target", "TokenEngine"]


class Target(IntEnum):
    """Where the token goes in ACT."""

    LOCAL = 0  #: a place in this tile
    REMOTE = 1  #: a place in another tile
    HOME = 2
    HOST = 3  #: beyond the mesh: a result


class TokenEngine(Parts):
    """Registers and shared moves, beside the parts that it works with.

    Parameters
    ----------
    cbu
        The unit whose engine it is.
    parts
        The unit's parts.

    Attributes
    ----------
    cbu, config, state
        The unit, for its ports; its sizes; its port `state`.
    ref : holder_ref
        The holder at work.
    item : record
        Its record, and the token under way; also the token that arrives.
    arriving : 1
        The token came from another tile or a sender and has no holder.
    entering : 1
        The token was injected in the cycle before: its holder and data follow from the slot's row.
    retried : 1
        The holder was just taken from stalled, and has not been in FLOW since.
    reporting : 1
        The record that is read is that of a result, taken by a SEND.
    kept : flow row
        The row that FLOW saw last; `record_at`, `join_at`, `area_at` are where it leads at home.
    target, target_tbu, target_place, inherited
        For ACT.
    drawn, is_drawn : 16, 1
        The CBU's last draw, once it is visible.
    """

    def __init__(self, cbu: "Cbu", parts: Parts) -> None:
        super().__init__(**vars(parts))
        self.cbu, self.config, self.state = cbu, cbu.config, cbu.state
        widths, item = layouts(cbu.config), record(cbu.config)
        self.ref = Signal(holder_ref(cbu.config))
        self.item = Signal(item)
        self.arriving, self.entering, self.retried, self.reporting = Signal(), Signal(), Signal(), Signal()
        self.kept = Signal(struct(widths.flow_row))
        self.record_at, self.join_at = Signal(widths.record), Signal(widths.join)
        self.area_at = Signal(widths.quad)
        self.target, self.inherited = Signal(range(len(Target))), Signal()
        self.target_tbu, self.target_place = Signal(widths.tbu), Signal(widths.place)
        self.granted = Signal()
        self.drawn, self.is_drawn = Signal(NUMBER), Signal()
        # Combinational.
        self.credit, self.sends = Signal(cbu.config.tbus + 1), Signal()
        self.last_now = Signal()
        self.after = Signal(item)
        self.new_record = Signal(item)
        self.some_place, self.some_tbu = Signal(), Signal(widths.tbu)
        self.lowest_place = Signal(widths.place)

    @property
    def is_place(self) -> Value:
        """The holder is a place in a TBU."""
        return self.item.kind == HolderKind.PLACE

    @property
    def own(self) -> Any:
        """The place and the TBU of a holder that is a place."""
        where = data_in_tbu(self.config)
        return where(self.item.source[: where.description.size])

    @property
    def own_tbu(self) -> Value:
        """The TBU of a holder that is a place."""
        return self.own.tbu

    @property
    def own_credit(self) -> Value:
        """There is room for the holder."""
        return Mux(self.is_place, self.credit.bit_select(self.own_tbu, 1), self.credit[-1])

    @property
    def at_home(self) -> Value:
        """The token's home is this tile."""
        body = self.item.body
        return (body.home_x == self.state.x) & (body.home_y == self.state.y)

    def defaults(self, m: Module) -> None:
        """Drive what no state drives, and what is the same in all of them."""
        item, after, slots = self.item, self.after, self.slots.row
        m.d.comb += [
            self.credit.eq(Cat(port.ready & self.requests.i.ready & self.replies.i.ready for port in self.cbu.command)),
            self.last_now.eq(Mux(item.known, item.last, self.flows.row.last)),
            self.flows.address.eq(item.flow),
            self.slots.address.eq(item.body.slot),
            self.flows.read.eq(1),
            self.slots.read.eq(1),
            self.holders.save_ref.home.eq(self.ref.home | self.entering),
            self.holders.save_ref.index.eq(Mux(self.entering, slots.record, self.ref.index)),
            self.holders.save_record.eq(item),
            self.holders.save_record.status.eq(ProbeStatus.FRESH),
            self.holders.save_record.last.eq(self.last_now),
            self.holders.save_record.source.eq(Mux(self.entering, slots.data, item.source)),
            self.holders.to_ready.payload.holder.eq(self.ref),
            self.holders.to_stalled.payload.eq(self.holders.save_ref),
            self.joins.address.eq(item.join),
            self.joins.write_address.eq(self.join_at),
            self.joins.write_data.eq(self.joins.record),
            self.free.tbu.eq(self.some_tbu),
            self.free.give_tbu.eq(self.own_tbu),
            self.free.give_place.eq(self.own.place),
            self.work.weight.eq(self.flows.row.weight),
            self.work.children.eq(self.drawn),
            self.work.ahead.eq(self.kept.weight),
            self.some_place.eq(self.free.available.bit_select(self.some_tbu, 1)),
            self.lowest_place.eq(Array(self.free.lowest)[self.some_tbu]),
        ]
        m.d.comb += [
            after.eq(item),
            after.status.eq(ProbeStatus.FRESH),
            after.sent.eq(item.sent | self.sends),
            after.body.round.eq(item.cround),
        ]
        with m.If(item.kind == HolderKind.SPAWN):
            m.d.comb += [after.flow.eq(item.cursor), after.claimed.eq(0), after.body.index.eq(item.body.index + 1)]
            with m.If(~item.keep):
                m.d.comb += after.body.value.eq(item.body.index + 1)
        with m.Else():
            m.d.comb += [after.cursor.eq(item.cursor + 1), after.flow.eq(item.cursor + 1), after.known.eq(0)]
        self._draws(m)

    def _draws(self, m: Module) -> None:
        request, body = self.draw.request, self.item.body
        token = request.payload
        m.d.comb += [
            token.block.eq(self.kept.dest),
            token.index.eq(body.index),
            token.value.eq(body.value),
            token.instance.eq(body.instance),
            token.round.eq(body.round),
            token.variant.eq(body.variant),
        ]
        with m.If(request.valid):
            m.d.sync += self.is_drawn.eq(0)
        with m.If(self.draw.valid):
            m.d.sync += [self.is_drawn.eq(1), self.drawn.eq(self.draw.result)]

    def emit_event(self, m: Module, event: Event, block: Value, index: Value, round_: Value) -> None:
        """Tell of an event in this cycle."""
        emitted = self.log.emitted
        m.d.comb += [
            self.log.emits.eq(1),
            emitted.event.eq(event),
            emitted.block.eq(block),
            emitted.index.eq(index),
            emitted.round.eq(round_),
        ]

    def can_inherit(self, last: Value, row: Any) -> Value:
        """Whether the token can take over the place of a holder of the right TBU (docs/timing.md#inherit)."""
        return self.is_place & ~self.item.sent & last & (row.begin == 0)

    def home(self, m: Module, row: Any) -> None:
        """Send the token home: inline, if that is this tile and nothing travels. The join record is being read."""
        with m.If(self.at_home & ~Cat(row.words, row.room).any()):
            m.next = "ARRIVE"
        with m.Else():
            m.d.sync += self.target.eq(Target.HOME)
            m.next = "ACT"

    def fail(self, m: Module, row: Any) -> None:
        """No place for the token: a place parks it at home, any other holder stalls."""
        with m.If(self.is_place):
            self.home(m, row)
        with m.Else():
            m.d.comb += [self.holders.to_stalled.valid.eq(1), self.work.joins.eq(1)]
            m.next = "IDLE"

    def target_local(self, m: Module, tbu: Value, inherits: Value) -> None:
        """Target a place of this tile: the holder's own, or the lowest free one of a TBU, which is allocated."""
        m.d.comb += self.free.take.eq(~inherits)
        m.d.sync += [
            self.target.eq(Target.LOCAL),
            self.target_tbu.eq(tbu),
            self.target_place.eq(Mux(inherits, self.own.place, self.lowest_place)),
            self.inherited.eq(inherits),
        ]
        m.next = "ACT"
