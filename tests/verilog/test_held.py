# SPDX-License-Identifier: Apache-2.0
"""A unit with a reset of its own: the same as plain logic and as a placed unit."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from octopus_hw.verilog.export import convert
from octopus_hw.verilog.held import Held
from octopus_hw.verilog.unit import Unit


class Counter(Unit):
    """Counts from 3 on."""

    def __init__(self) -> None:
        super().__init__({"count": Out(8, init=3)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.sync += self.count.eq(self.count + 1)
        return m


class Pair(Unit):
    """A counter that is held, and what it has shown before."""

    def __init__(self) -> None:
        super().__init__({"reset": In(1), "count": Out(8), "before": Out(8)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        counter, held = Counter(), Signal(init=1)
        m.submodules.counter = Held(counter, held)
        m.submodules.free = free = Counter()
        m.d.sync += [held.eq(self.reset), self.before.eq(counter.count + (free.count & 0))]
        m.d.comb += self.count.eq(counter.count)
        return m


def test_it_is_reset_while_its_reset_is_set_and_has_the_clock_of_what_is_around() -> None:
    pair, seen = Pair(), []

    async def testbench(ctx: Any) -> None:
        for cycle in range(10):
            ctx.set(pair.reset, cycle in (4, 5))
            seen.append((ctx.get(pair.count), ctx.get(pair.before)))
            await ctx.tick()

    simulator = Simulator(pair)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()
    counts = [3, 3, 4, 5, 6, 7, 3, 3, 4, 5]
    assert seen == list(zip(counts, [0, *counts], strict=False))


def test_a_placed_unit_has_it_at_its_pin() -> None:
    lines = convert(Pair(), "pair").verilog.splitlines()
    assert sorted(line.strip() for line in lines if line.startswith("    .rst(")) == [".rst(held)", ".rst(rst)"]
