# SPDX-License-Identifier: Apache-2.0
"""The adaptive dispatcher: binds a waiting token to idle PEAs, at most one in a cycle (docs/timing.md#dispatcher).

::

    entries ──▶ [ eligible ] ─▶ [ on a configured PEA, else resident ] ─▶ oldest ─▶ entry ─▶ slot ─┐
    idle PEAs' contexts ──────────────▲                                     team ◀── lowest PEA ◀──┘

Combinational from registers, but for `passed`, which counts how often the oldest token was passed over. What is bound
in cycle t is visible in t + 1.
"""

from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import Mode
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.onehot import lowest, pick
from octopus_hw.tbu.team import TEAM, Team
from octopus_hw.tbu.waiting import Entries
from octopus_hw.verilog.unit import Unit

__all__ = ["PATIENCE", "Dispatcher"]

#: So often younger tokens may pass the oldest one before it must be next, if its block is resident.
PATIENCE = 7


class Dispatcher(Unit):
    """Chooses a token, a PEA and a slot.

    Parameters
    ----------
    config
        P = `peas`, Q = `queue_depth`, R = `config_slots`.

    Attributes
    ----------
    mode : In(Mode)
        `adaptive`: any waiting token may be bound, else the oldest only; `affinity`; `split`.
    entries : In(Entries)
        The waiting list.
    idle : In(P)
        PEAs that are idle.
    contexts : In(P x R)
        Each PEA's context, one-hot by slot, or 0; contexts are resident slots.
    in_two, in_four : In(R)
        Slots whose block may be split over at least 2, over 4 PEAs.
    remove : Out(Q)
        One-hot: the entry that is bound in this cycle, or none.
    bind : Out(P)
        One-hot: the PEA that takes it.
    team, join : Out(2), Out(P)
        The logarithm of how many PEAs take it together, and which: `bind` and its helpers.
    slot : Out(R)
        One-hot: the slot that has its block; 0 without a binding.
    place : Out(place)
        The token's place.
    switch : Out(1)
        Not all of them have the slot as their context: that takes the switch time. Meaningful with a binding.
    impatient : Out(1)
        `passed` is 7.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "mode": In(struct(Mode)),
                "entries": In(Entries(config)),
                "idle": In(config.peas),
                "contexts": In(data.ArrayLayout(config.config_slots, config.peas)),
                "in_two": In(config.config_slots),
                "in_four": In(config.config_slots),
                "remove": Out(config.queue_depth),
                "bind": Out(config.peas),
                "slot": Out(config.config_slots),
                "place": Out(config.place_bits),
                "team": Out(TEAM),
                "join": Out(config.peas),
                "switch": Out(1),
                "impatient": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        depth, slots, peas = self.config.queue_depth, self.config.config_slots, range(self.config.peas)
        configured, on_configured, on_any = Signal(slots), Signal(depth), Signal(depth)
        suited, passed = Signal(self.config.peas), Signal(range(PATIENCE + 1))
        other, has, favoured = Signal(), Signal(self.config.peas), Signal(depth)
        eligible = self._eligible()
        m.d.comb += [
            configured.eq(reduce(or_, (Mux(self.idle[p], self.contexts[p], 0) for p in peas))),
            # `affinity` is put where time is left: whether there is a PEA with the context is known later.
            favoured.eq(Mux(self.mode.affinity, eligible, 0)),
            on_configured.eq(lowest(favoured & Cat((entry.match & configured).any() for entry in self.entries))),
            on_any.eq(lowest(eligible & Cat(entry.match.any() & self.idle.any() for entry in self.entries))),
            other.eq(~on_configured.any()),
            self.remove.eq(Mux(other, on_any, on_configured)),
            # Both classes are worked out side by side: which of them it is is known last.
            self.slot.eq(Mux(other, self._match(on_any), self._match(on_configured))),
            self.place.eq(pick(self.remove, [entry.place for entry in self.entries])),
            has.eq(Cat((self.contexts[p] & self.slot).any() for p in peas)),
            suited.eq(self.idle & Cat(other | has[p] for p in peas)),
            self.bind.eq(Mux(self.remove.any(), lowest(suited), 0)),
            self.impatient.eq(passed == PATIENCE),
        ]
        self._team(m, has, other)
        with m.If(self.remove[0]):
            m.d.sync += passed.eq(0)
        with m.Elif(self.remove.any() & ~self.impatient):
            m.d.sync += passed.eq(passed + 1)
        return m

    def _team(self, m: Module, has: Value, other: Value) -> None:
        m.submodules.team = team = Team(self.config)
        m.d.comb += [
            team.split.eq(self.mode.split),
            team.in_two.eq(self.in_two),
            team.in_four.eq(self.in_four),
            team.waiting.eq(Cat(entry.valid for entry in self.entries)),
            team.idle.eq(self.idle),
            team.has.eq(has),
            team.other.eq(other),
            team.bind.eq(self.bind),
            team.slot.eq(self.slot),
            self.team.eq(team.team),
            self.join.eq(team.join),
            self.switch.eq(team.switch),
        ]

    def _match(self, chosen: Value) -> Value:
        return pick(chosen, [entry.match for entry in self.entries])

    def _eligible(self) -> Value:
        """Return which positions of the list may be bound."""
        all_of_them = self.mode.adaptive & ~(self.impatient & self.entries[0].match.any())
        return Cat(1, all_of_them.replicate(self.config.queue_depth - 1))
