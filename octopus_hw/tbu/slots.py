# SPDX-License-Identifier: Apache-2.0
"""Configuration slots and their loader (docs/timing.md#loader).

::

    waiting list ──▶ [ a block to load ] ──┐
    PEAs' contexts ─▶ [ a slot for it ] ───┴─▶ load ──▶ CONFIG            loading slot, block
                          ▲ round robin          │                              │
                          └──────────────────────┘    configuration packet ─────┴─▶ resident

A slot is empty, loading or resident. What is chosen in cycle t is loading from t + 1 on; when the last flit of the
configuration is taken in cycle t, the slot is resident and the loader idle from t + 1 on. One load is under way at
most. The words themselves are not kept, as a timed PEA has no use for them; a simulation build adds them up
(`octopus_hw.tbu.configuration_log`).
"""

from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import PARALLEL, Mode
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.onehot import lowest, pick
from octopus_hw.tbu.waiting import Change, Entries
from octopus_hw.verilog.unit import Unit

__all__ = ["Slots"]


class Slots(Unit):
    """The slots' states, and the loader.

    Parameters
    ----------
    config
        R = `config_slots`; Q = `queue_depth`.

    Attributes
    ----------
    mode : In(Mode)
        `adaptive` and `prefetch`.
    entries : In(Entries)
        The waiting list.
    used : In(R)
        Slots that are contexts of bound, running or finished PEAs: they stay.
    bound : In(R)
        One-hot: the slot that is bound in this cycle, or none. If it is the one chosen, nothing is loaded.
    some_idle, impatient : In(1)
        Some PEA is idle; the dispatcher's `passed` is 7.
    arrived : In(1)
        The last flit of the configuration is taken in this cycle; three cycles after `load` at the earliest.
    parallel : In(2)
        With it: the logarithm of how many PEAs an invocation may be split over.
    lookup : In(block)
        A block; `match` (R, one-hot) is the slot that has it resident in the next cycle.
    load : Out(1)
        A CONFIG for block `wanted` leaves in this cycle.
    change : Out(Change)
        What happens to the slots in this cycle.
    resident : Out(R)
        Slots that are resident.
    in_two, in_four : Out(R)
        Slots whose block may be split over at least 2, over 4 PEAs; meaningful if resident.
    loading : Out(1)
        A load is under way.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        slots, block = config.config_slots, config.block_bits
        super().__init__(
            {
                "mode": In(struct(Mode)),
                "entries": In(Entries(config)),
                "used": In(slots),
                "bound": In(slots),
                "some_idle": In(1),
                "impatient": In(1),
                "arrived": In(1),
                "parallel": In(PARALLEL),
                "lookup": In(block),
                "match": Out(slots),
                "load": Out(1),
                "wanted": Out(block),
                "change": Out(Change(config)),
                "resident": Out(slots),
                "in_two": Out(slots),
                "in_four": Out(slots),
                "loading": Out(1),
            }
        )
        self.blocks = [Signal(block, name=f"block_{i}") for i in range(slots)]
        self.target = Signal(slots)  # one-hot: the slot that is loading

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        count, blocks, target = self.config.config_slots, self.blocks, self.target
        slot = self._slot(m)
        m.d.comb += [
            self.load.eq(self._wants(m) & (slot & ~self.bound).any()),
            self.change.evict.eq(Mux(self.load, slot, 0)),
            self.change.arrive.eq(Mux(self.arrived, target, 0)),
        ]
        stays = self.resident & ~self.change.evict | self.change.arrive
        m.d.comb += self.match.eq(Cat(blocks[i] == self.lookup for i in range(count)) & stays)
        m.d.sync += self.resident.eq(stays)
        # Whether something is loaded comes late: what counts only while it is, is kept in any case, and copied later.
        with m.If(~self.loading):
            m.d.sync += [self.loading.eq(self.load), target.eq(slot), self.change.block.eq(self.wanted)]
        with m.Else():
            m.d.sync += self.loading.eq(~self.arrived)
            for i in range(count):
                with m.If(target[i]):
                    m.d.sync += [
                        blocks[i].eq(self.change.block),
                        self.in_two[i].eq(self.parallel.any()),
                        self.in_four[i].eq(self.parallel[1]),
                    ]
        return m

    def _wants(self, m: Module) -> Value:
        """Find the oldest token whose block is not resident; say whether it is to be loaded now."""
        missing, first = Signal(self.config.queue_depth), Signal(self.config.queue_depth)
        m.d.comb += [
            missing.eq(Cat(entry.valid & ~entry.match.any() for entry in self.entries)),
            first.eq(lowest(missing)),
            self.wanted.eq(pick(first, [entry.block for entry in self.entries])),
        ]
        allowed = Mux(self.mode.adaptive, missing.any(), missing[0]) & (self.mode.prefetch | self.some_idle)
        return allowed & ~self.loading

    def _slot(self, m: Module) -> Value:
        """Choose a slot to load, one-hot, or none; meaningful while no load is under way."""
        slots = self.config.config_slots
        mask = Signal(slots, init=-1)  # ones from the slot after the last one that was loaded
        empty, awaited, requests = ~self.resident, Signal(slots), Signal(slots)
        chosen = Signal(slots)
        m.d.comb += awaited.eq(reduce(or_, (entry.match for entry in self.entries)))
        kept = self.used | Mux(self.mode.adaptive & ~self.impatient, awaited, 0)
        m.d.comb += [
            requests.eq(Mux(empty.any(), lowest(empty), ~kept)),
            chosen.eq(lowest(Mux((requests & mask).any(), requests & mask, requests))),
        ]
        with m.If(self.loading):
            last = self.target
            m.d.sync += mask.eq(Mux(last[-1], ~Const(0, slots), Cat(last[:i].any() for i in range(slots))))
        return chosen
