# SPDX-License-Identifier: Apache-2.0
"""A routing policy is one object: another one than the chip's takes a file, `yx.py`, and every packet arrives."""

import random
from dataclasses import replace

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.chip.deadlock import DeadlockError, Design, check
from octopus_hw.contract.config import ROUTERS, Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.data_router import data_route, data_vc
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.route import INWARD, Port, Routing, opposite, step
from octopus_hw.verilog.unit import canonical
from octopus_sim import amaranth_run
from octopus_sim.traffic.chip import TrafficChip
from octopus_sim.traffic.driver import Traffic, outcome, plan
from octopus_sim.traffic.layout import Pattern
from tests.noc.samples import target
from tests.noc.yx import YX
from tests.simulate import simulate

TRAFFIC = Traffic(pattern=Pattern.UNIFORM, flits=3, load=0.5, warm_up=10, window=100, rest=0, drain=150)


@pytest.mark.parametrize("vcs", [1, 2])
def test_another_policy_delivers_every_packet(vcs):
    config = Config(data_vcs=vcs)
    check(3, 2, config, Design.of(config, YX))
    result = outcome(TRAFFIC, 3, 2, amaranth_run.run(TrafficChip(3, 2, config, YX), plan(TRAFFIC, 3, 2)))
    assert result.errors == 0
    assert result.born == result.taken > 60


@pytest.mark.parametrize("preset", ROUTERS)
def test_turns_that_make_a_ring_are_refused(preset):
    both = tuple(tuple(sorted({*one, *other})) for one, other in zip(XY.turns, YX.turns, strict=True))
    for policy in (XY, YX):
        chip = TrafficChip(3, 2, Config(**ROUTERS[preset]), replace(policy, turns=both))
        with pytest.raises(DeadlockError, match=r"a cycle of waiting: (data|request|reply) link from"):
            chip.elaborate(None)


def test_policies_are_told_apart_as_parameters():
    assert len({canonical(policy) for policy in (XY, YX, replace(YX, turns=XY.turns, leaves=XY.leaves))}) == 3


class Classes(wiring.Component):
    """A packet's virtual channel as x first works it out, and by asking for its way in the next tile."""

    def __init__(self, port):
        self.port = port
        super().__init__({"x": In(7), "y": In(7), "to_x": In(7), "to_y": In(7), "own": Out(1), "asked": Out(1)})

    def elaborate(self, platform):
        m = Module()
        packet = self.to_x, self.to_y, self.x, self.y, XY.turns[self.port]
        m.d.comb += [self.own.eq(XY.ends_or_turns(*packet)), self.asked.eq(Routing.ends_or_turns(XY, *packet))]
        return m


@pytest.mark.parametrize("port", Port)
def test_a_class_is_what_the_way_in_the_next_tile_says(port):
    device, rng, seen = Classes(port), random.Random(port), set()

    async def testbench(ctx):
        for _ in range(300):
            x, y = rng.choice([0, 3, 6]), rng.choice([0, 3, 6])
            to = target(rng, port, 7, x, y, XY.turns)
            for name, value in (("x", x), ("y", y), ("to_x", to[0]), ("to_y", to[1])):
                ctx.set(getattr(device, name), value)
            assert ctx.get(device.own) == ctx.get(device.asked)
            seen.add(ctx.get(device.own))
            await ctx.delay(1e-6)

    simulate(device, testbench, clocked=False)
    assert seen == {0, 1}


class Ways(wiring.Component):
    """Where a packet for the host goes from each port of a data router, and its virtual channel there."""

    def __init__(self, routing):
        self.routing = routing
        super().__init__({"x": In(7), "y": In(7), "host": In(1), "route": Out(5).array(5), "vc": Out(1).array(5)})

    def elaborate(self, platform):
        m = Module()
        header = Signal(struct(layouts(Config()).header))
        m.d.comb += header.host.eq(self.host)
        for port in INWARD:
            outputs = self.routing.turns[port]
            way = Config(), self.routing, port, header.as_value(), self.x, self.y, outputs
            for output, chosen in zip(outputs, data_route(*way), strict=True):
                m.d.comb += self.route[port][output].eq(chosen)
            m.d.comb += self.vc[port].eq(data_vc(*way))
        return m


@pytest.mark.parametrize(("routing", "beyond"), [(XY, (0, -1)), (YX, (-1, 0))], ids=["xy", "yx"])
def test_what_is_for_the_host_leaves_as_if_it_went_to_the_tile_beyond(routing, beyond):
    device = Ways(routing)

    def port_at(x, y):
        """The way to the tile beyond, in the policy's order of dimensions."""
        across = Port.WEST if x > beyond[0] else None
        down = Port.NORTH if y > beyond[1] else None
        first, second = (across, down) if routing is XY else (down, across)
        return first or second

    async def testbench(ctx):
        ctx.set(device.host, 1)
        for start in ((x, y) for x in range(4) for y in range(4)):
            (x, y), port = start, Port.LOCAL
            while (x, y) != beyond:
                ctx.set(device.x, x)
                ctx.set(device.y, y)
                output = port_at(x, y)
                assert ctx.get(device.route[port]) == 1 << output
                (across, down) = step(output)
                x, y = x + across, y + down
                straight = (x, y) != beyond and port_at(x, y) == output
                assert ctx.get(device.vc[port]) == (not straight)
                port = opposite(output)
        # Others for tile 0,0 end there.
        ctx.set(device.host, 0)
        ctx.set(device.x, 0)
        ctx.set(device.y, 0)
        for port in (Port.EAST, Port.SOUTH):
            assert ctx.get(device.route[port]) == 1 << Port.LOCAL

    simulate(device, testbench, clocked=False)
