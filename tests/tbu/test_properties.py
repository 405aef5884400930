# SPDX-License-Identifier: Apache-2.0
"""Proofs about waiting list, slots, dispatcher and PEAs together, in any surroundings that keep to their side."""

from functools import reduce
from operator import add

import pytest
from amaranth.hdl import Assert, Assume, Cat, Cover, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, connect

from octopus_hw.config import Config
from octopus_hw.tbu.bank import Bank
from octopus_hw.tbu.dispatcher import Dispatcher
from octopus_hw.tbu.select import block_bits, place_bits
from octopus_hw.tbu.slots import Slots
from octopus_hw.tbu.waiting import WaitingList
from octopus_sim import formal

pytestmark = pytest.mark.formal

SMALL = Config(queue_depth=3, config_slots=2, peas=2, max_blocks=4, switch_cycles=1)


def total(bits: list[Value]) -> Value:
    return reduce(add, bits)


class Binding(wiring.Component):
    """The units as a TBU joins them; tokens, draws and configurations come when they like.

    Assumed: a token comes to a place that holds none, and a configuration after at least two cycles.
    """

    def __init__(self, config: Config, *, broken: bool = False) -> None:
        self.config = config
        self.broken = broken
        super().__init__(
            {
                "push": In(1),
                "block": In(block_bits(config)),
                "place": In(place_bits(config)),
                "arrived": In(1),
                "drawn": In(config.queue_depth),
                "valued": In(config.queue_depth),
                "cycles": In(2),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.waiting = self.waiting = WaitingList(self.config)
        m.submodules.slots = self.slots = Slots(self.config)
        m.submodules.dispatcher = self.dispatcher = Dispatcher(self.config)
        m.submodules.bank = self.bank = Bank(self.config)
        self._join(m)
        self._surroundings(m)
        self._list(m)
        self._slots(m)
        self._reachable(m)
        return m

    def _join(self, m: Module) -> None:
        waiting, slots, dispatcher, bank = self.waiting, self.slots, self.dispatcher, self.bank
        connect(m, slots.change, waiting.change)
        m.d.comb += [
            waiting.push.valid.eq(self.push),
            waiting.push.block.eq(self.block),
            waiting.push.place.eq(self.place),
            waiting.push.match.eq(slots.match),
            slots.lookup.eq(self.block),
            waiting.remove.eq(dispatcher.remove),
            dispatcher.entries.eq(waiting.entries),
            dispatcher.idle.eq(bank.idle),
            dispatcher.contexts.eq(bank.contexts),
            bank.bind.eq(dispatcher.bind),
            bank.place.eq(dispatcher.place),
            bank.slot.eq(dispatcher.slot),
            bank.switch.eq(dispatcher.switch),
            bank.evict.eq(slots.change.evict),
            slots.entries.eq(waiting.entries),
            slots.used.eq(bank.used),
            slots.bound.eq(0 if self.broken else dispatcher.slot),
            slots.some_idle.eq(bank.idle.any()),
            slots.impatient.eq(dispatcher.impatient),
            slots.arrived.eq(self.arrived),
            bank.drawn.eq(self.drawn),
            bank.valued.eq(self.valued),
            bank.cycles.eq(self.cycles),
        ]

    def _surroundings(self, m: Module) -> None:
        depth = self.config.queue_depth
        mode, dead = formal.any_const(m, 2, "mode"), formal.any_const(m, self.config.peas, "dead")
        self.held, ripe = Signal(depth), Signal()
        m.d.comb += [
            self.slots.mode.adaptive.eq(mode[0]),
            self.dispatcher.adaptive.eq(mode[0]),
            self.slots.mode.prefetch.eq(mode[1]),
            self.bank.dead.eq(dead),
            Assume(self.place < depth),
            Assume(~(self.push & self.held.bit_select(self.place, 1))),
            Assume(~self.arrived | (self.slots.loading & ripe)),
        ]
        m.d.sync += ripe.eq(self.slots.loading)
        with m.If(self.push):
            m.d.sync += self.held.bit_select(self.place, 1).eq(1)
        with m.If(self.bank.finish.valid):
            m.d.sync += self.held.bit_select(self.bank.finish.place, 1).eq(0)

    def _list(self, m: Module) -> None:
        """Show that no token is lost or doubled: each is in the list or on a PEA, once."""
        entries, bank = self.waiting.entries, self.bank
        for place in range(self.config.queue_depth):
            here = [entry.valid & (entry.place == place) for entry in entries]
            here += [pea.busy & (pea.at == place) for pea in bank.peas]
            m.d.comb += Assert(total(here) == self.held[place])
        for i, entry in enumerate(entries):
            m.d.comb += [Assert(entry.valid | ~entry.as_value().any()), Assert(entry.place < self.config.queue_depth)]
            for younger in entries[i + 1 :] if i + 1 < len(entries) else []:
                m.d.comb += Assert(entry.valid | ~younger.valid)
            for s, block in enumerate(self.slots.blocks):
                m.d.comb += Assert(entry.match[s] == (entry.valid & self.slots.resident[s] & (entry.block == block)))

    def _slots(self, m: Module) -> None:
        slots, bank = self.slots, self.bank
        count = self.config.config_slots
        taken = [slots.resident[s] | slots.loading & slots.target[s] for s in range(count)]
        for a in range(count):
            for b in range(a):
                m.d.comb += Assert(~(taken[a] & taken[b] & (slots.blocks[a] == slots.blocks[b])))
        m.d.comb += [
            Assert(~slots.loading | (total(list(slots.target)) == 1)),
            Assert(~slots.loading | ~(slots.target & slots.resident).any()),
            Assert(~slots.loading | ~slots.load),
            Assert(~(slots.change.evict & bank.used).any()),
        ]
        with m.If(slots.loading):
            for s, block in enumerate(slots.blocks):
                m.d.comb += Assert(~slots.target[s] | (block == slots.change.block))
        for pea in bank.peas:
            one = total(list(pea.context))
            m.d.comb += [
                Assert(~(pea.context & ~slots.resident).any()),
                Assert(one <= 1),
                Assert(~pea.busy | (one == 1)),
                Assert(~(pea.busy & pea.dead)),
                Assert(pea.at < self.config.queue_depth),
                Assert(pea.busy | ~(pea.asks | pea.done)),
            ]

    def _reachable(self, m: Module) -> None:
        m.d.comb += [
            Cover(Cat(entry.valid for entry in self.waiting.entries).all()),
            Cover(self.slots.load & self.slots.resident.all()),
            Cover(self.bank.finish.valid & self.bank.start.valid),
        ]


def test_no_token_is_lost_and_no_slot_in_use_is_reloaded() -> None:
    formal.prove(Binding(SMALL), depth=3)


def test_the_list_fills_and_slots_are_reloaded() -> None:
    formal.cover(Binding(SMALL), depth=12)


def test_a_loader_that_ignores_this_cycles_binding_is_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.prove(Binding(SMALL, broken=True), depth=3)
