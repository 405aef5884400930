# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Assert, Assume, Cover, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.cbu.joins import JoinTable
from octopus_hw.chip.tile_state import TileState
from octopus_hw.contract.config import Config
from octopus_sim import formal
from tests.simulate import simulate


class Twin:
    """A tile's state by the clock: `let_go` is the first cycle in which it is not held."""

    def __init__(self, let_go):
        self.let_go, self.started, self.refused = let_go, None, 0

    def held(self, now):
        return now < self.let_go

    def cycle(self, now):
        if self.held(now):
            return now - self.let_go + 1
        return 0 if self.started is None else self.started[1] + now - self.started[0]

    def starts(self, now):
        return now > self.let_go and self.started is None

    def step(self, now, start, time, read, reset):
        free = now > self.let_go
        if (start and not self.starts(now)) or (read and not free):
            self.refused += 1
        if start and self.starts(now):
            self.started = now, time
        if reset is not None:
            self.let_go, self.started, self.refused = reset, None, 0


@pytest.mark.parametrize("latency", [1, 4])
def test_commands_are_taken_when_the_page_says(latency):
    rng, cycles = random.Random(latency), 40 + 6 * (1 + latency)
    x, y = 2, 1
    device, twin = TileState(Config(link_latency=latency), cycles), Twin(cycles - 1)

    async def testbench(ctx):
        ctx.set(device.x, x)
        ctx.set(device.y, y)
        for now in range(3000):
            reset = rng.random() < 0.005
            # One word in a cycle: of one command.
            start, read = (not reset and rng.random() < 0.05 for _ in range(2))
            read, time = read and not start, rng.getrandbits(8)
            for port, value in ((device.reset, reset), (device.start, start), (device.time, time), (device.read, read)):
                ctx.set(port, value)
            assert ctx.get(device.held) == twin.held(now)
            assert ctx.get(device.running) == (twin.started is not None)
            assert ctx.get(device.cycle) == twin.cycle(now) % (1 << 32)
            assert ctx.get(device.starts) == (start and twin.starts(now))
            assert ctx.get(device.reads) == (read and now > twin.let_go)
            assert ctx.get(device.refused) == twin.refused
            # At tile 0,0 the RESET was taken (x + y)(1 + L) cycles ago.
            twin.step(now, start, time + 1 - 1, read, now - (x + y) * (1 + latency) + cycles if reset else None)
            await ctx.tick()

    simulate(device, testbench)


class StateProperties(wiring.Component):
    """Tiles 0 and 1 of a row under any commands, and join records that are all under way when a RESET comes.

    A START is taken by a tile that is not held and did not run since the last reset, and then no record is under way.
    """

    ROWS, LATENCY = 4, 1

    def __init__(self) -> None:
        super().__init__({"reset": In(1), "start": In(1), "read": In(1), "time": In(32), "row": In(2)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = Config(link_latency=self.LATENCY, join_records=self.ROWS)
        m.submodules.unit = unit = TileState(config, 1 + self.LATENCY + self.ROWS + 2)
        m.submodules.table = table = JoinTable(config)
        x, row, ran = formal.any_const(m, 1, "x"), formal.any_const(m, range(self.ROWS), "looked_at"), Signal()
        m.d.comb += [
            unit.x.eq(x),
            unit.time.eq(self.time),
            table.state.held.eq(unit.held),
            table.state.cycle.eq(unit.cycle),
            table.write.eq(unit.running),
            table.write_address.eq(self.row),
            table.write_data.some.eq(1),
            table.address.eq(row),
            Assume(self.reset + self.start + self.read <= 1),
        ]
        m.d.comb += [getattr(unit, name).eq(getattr(self, name)) for name in ("reset", "start", "read")]
        with m.If(self.reset | unit.starts):
            m.d.sync += ran.eq(unit.starts)
        m.d.comb += [
            Assert(~unit.starts | ~unit.held & ~ran & ~table.record.some),
            Assert(~unit.reads | ~unit.held),
            Assert(unit.running == ran),
            Assert(~(unit.running & unit.held)),
            Cover(unit.running & table.record.some & (unit.refused == 2)),
        ]
        return m


@pytest.mark.formal
def test_no_start_comes_too_early_and_no_join_is_left():
    formal.bmc(StateProperties(), depth=30, registers=True)
    formal.cover(StateProperties(), depth=20, registers=True)
