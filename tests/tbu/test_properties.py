# SPDX-License-Identifier: Apache-2.0
"""Proofs about waiting list, slots, dispatcher, PEAs and work together, in any surroundings that keep to their side."""

from functools import reduce
from operator import add

import pytest
from amaranth.hdl import Assert, Assume, Cat, Cover, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, connect

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import PARALLEL, WEIGHT
from octopus_hw.parts.onehot import pick
from octopus_hw.parts.weight import worth
from octopus_hw.tbu.bank import Bank
from octopus_hw.tbu.dispatcher import Dispatcher
from octopus_hw.tbu.slots import Slots
from octopus_hw.tbu.tbu_work import TbuWork
from octopus_hw.tbu.waiting import WaitingList
from octopus_sim import formal

pytestmark = pytest.mark.formal

SMALL = Config(queue_depth=3, config_slots=2, peas=2, max_blocks=4, switch_cycles=1)
WIDE = Config(queue_depth=2, config_slots=2, peas=5, max_blocks=4, switch_cycles=1)


def total(bits: list[Value]) -> Value:
    return reduce(add, bits)


class Binding(wiring.Component):
    """The units as a TBU joins them; tokens, draws and configurations come when they like.

    Assumed: a token comes to a place that holds none, and a configuration after at least two cycles.
    """

    def __init__(self, config: Config, *, broken: str = "") -> None:
        self.config = config
        self.broken = broken
        super().__init__(
            {
                "push": In(1),
                "block": In(config.block_bits),
                "place": In(config.place_bits),
                "weight": In(WEIGHT),
                "arrived": In(1),
                "parallel": In(PARALLEL),
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
        m.submodules.work = self.work = TbuWork()
        self._join(m)
        self._surroundings(m)
        self._list(m)
        self._slots(m)
        self._teams(m)
        self._work(m)
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
            dispatcher.in_two.eq(slots.in_two),
            dispatcher.in_four.eq(slots.in_four),
            bank.bind.eq(dispatcher.bind),
            bank.place.eq(dispatcher.place),
            bank.slot.eq(dispatcher.slot),
            bank.switch.eq(dispatcher.switch),
            bank.team.eq(0 if self.broken == "team" else dispatcher.team),
            bank.join.eq(dispatcher.join),
            bank.evict.eq(slots.change.evict),
            slots.entries.eq(waiting.entries),
            slots.used.eq(bank.used),
            slots.bound.eq(0 if self.broken == "loader" else dispatcher.slot),
            slots.some_idle.eq(bank.idle.any()),
            slots.impatient.eq(dispatcher.impatient),
            slots.arrived.eq(self.arrived),
            slots.parallel.eq(self.parallel),
            bank.drawn.eq(self.drawn),
            bank.valued.eq(self.valued),
            bank.cycles.eq(self.cycles),
        ]

    def _surroundings(self, m: Module) -> None:
        depth = self.config.queue_depth
        mode, dead = formal.any_const(m, 8, "mode"), formal.any_const(m, self.config.peas, "dead")
        self.held, self.ripe = Signal(depth), Signal()
        m.d.comb += [
            self.slots.mode.eq(mode),
            self.dispatcher.mode.eq(mode),
            self.bank.dead.eq(dead),
            Assume(self.place < depth),
            Assume(~(self.push & self.held.bit_select(self.place, 1))),
            Assume(~self.arrived | (self.slots.loading & self.ripe)),
        ]
        m.d.sync += self.ripe.eq(self.slots.loading)
        with m.If(self.push):
            m.d.sync += self.held.bit_select(self.place, 1).eq(1)
        with m.If(self.bank.finish.valid):
            m.d.sync += self.held.bit_select(self.bank.finish.place, 1).eq(0)

    def _list(self, m: Module) -> None:
        """Show that no token is lost or doubled: each is in the list or on a PEA, once."""
        entries, bank = self.waiting.entries, self.bank
        for place in range(self.config.queue_depth):
            here = [entry.valid & (entry.place == place) for entry in entries]
            here += [(pea.bound | pea.running) & (pea.at == place) for pea in bank.peas]
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
        comes = [slots.loading & slots.target[s] for s in range(count)]
        taken = [slots.resident[s] | comes[s] for s in range(count)]
        blocks = [Mux(comes[s], slots.change.block, slots.blocks[s]) for s in range(count)]
        for a in range(count):
            for b in range(a):
                m.d.comb += Assert(~(taken[a] & taken[b] & (blocks[a] == blocks[b])))
        m.d.comb += [
            Assert(~slots.loading | (total(list(slots.target)) == 1)),
            Assert(~slots.loading | ~(slots.target & slots.resident).any()),
            Assert(~slots.loading | ~slots.load),
            Assert(~(slots.change.evict & bank.used).any()),
        ]
        with m.If(slots.loading & self.ripe):
            for s, block in enumerate(slots.blocks):
                m.d.comb += Assert(~slots.target[s] | (block == slots.change.block))
        for pea in bank.peas:
            context = Mux(pea.joined, pea.slot, pea.context)
            one = total(list(context))
            m.d.comb += [
                Assert(~(context & ~slots.resident).any()),
                Assert(one <= 1),
                Assert(~pea.busy | (one == 1)),
                Assert(~(pea.busy & pea.dead)),
                Assert(pea.at < self.config.queue_depth),
                Assert(pea.busy | ~(pea.asks | pea.done)),
            ]

    def _teams(self, m: Module) -> None:
        """Show that a team is bound at once, from idle PEAs, and is idle again at once."""
        bank, dispatcher = self.bank, self.dispatcher
        busy, bound = Cat(pea.busy for pea in bank.peas), Cat(pea.bound for pea in bank.peas)
        leads = bound | Cat(pea.running for pea in bank.peas)
        starts = Cat(pea.start for pea in bank.peas)
        m.d.comb += [
            Assert(~(dispatcher.join & ~bank.idle).any()),
            Assert(~(dispatcher.bind & ~dispatcher.join).any()),
            Assert(total(dispatcher.bind) == dispatcher.remove.any()),
            Assert(total(starts) == bank.start.valid),
            Assert(~(starts & ~bound).any()),
            Assert(~(leads & ~busy).any()),
        ]
        for p, pea in enumerate(bank.peas):
            first = bank.firsts[p]
            with m.If(leads[p]):
                mine = total([busy[q] & bank.firsts[q][p] for q in range(len(busy))])
                m.d.comb += [
                    Assert(first == 1 << p),
                    Assert(~(pea.bound & pea.running)),
                    Assert(mine == Mux(bank.teams[p] == 2, 4, Mux(bank.teams[p] == 1, 2, 1))),
                ]
            with m.Elif(pea.busy):
                m.d.comb += [Assert(total(first) == 1), Assert((first & leads).any()), Assert(~(pea.asks | pea.done))]
            # A helper is busy for as long as the PEA that it helped a cycle ago.
            helped, whom = Signal(name=f"helped_{p}"), Signal(len(busy), name=f"whom_{p}")
            m.d.sync += [helped.eq(pea.busy & ~leads[p]), whom.eq(first)]
            m.d.comb += Assert(~helped | (pea.busy == (busy & whom).any()))

    def _work(self, m: Module) -> None:
        """Show that work is the sum over the tokens that are in the list or on a PEA."""
        weights = [Signal(WEIGHT, name=f"weight_{place}") for place in range(self.config.queue_depth)]
        finish = self.bank.finish
        m.d.comb += [
            self.work.come.eq(self.push),
            self.work.coming.eq(self.weight),
            self.work.go.eq(finish.valid),
            self.work.going.eq(pick(Cat(finish.place == place for place in range(len(weights))), weights)),
            Assert(self.work.work == total([Mux(self.held[i], worth(w), 0) for i, w in enumerate(weights)])),
        ]
        for place, weight in enumerate(weights):
            with m.If(self.push & (self.place == place)):
                m.d.sync += weight.eq(self.weight)

    def _reachable(self, m: Module) -> None:
        m.d.comb += [
            Cover(Cat(entry.valid for entry in self.waiting.entries).all()),
            Cover(self.slots.load & self.slots.resident.all()),
            Cover(self.bank.finish.valid & self.bank.start.valid),
            Cover((self.dispatcher.team == 1) & ~self.dispatcher.switch),
        ]
        if self.config.peas > 4:
            m.d.comb += Cover((self.dispatcher.team == 2) & self.bank.finish.valid)


SIZES = pytest.mark.parametrize("config", [SMALL, WIDE], ids=["small", "wide"])


@SIZES
def test_no_token_is_lost_and_no_slot_in_use_is_reloaded(config: Config) -> None:
    formal.prove(Binding(config), depth=3)


@SIZES
def test_the_list_fills_and_slots_are_reloaded(config: Config) -> None:
    formal.cover(Binding(config), depth=14)


@pytest.mark.parametrize("broken", ["loader", "team"])
def test_a_unit_that_ignores_this_cycles_binding_is_found_out(broken: str) -> None:
    with pytest.raises(formal.ProofError):
        formal.prove(Binding(SMALL, broken=broken), depth=3)
