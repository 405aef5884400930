# SPDX-License-Identifier: Apache-2.0
import random
from functools import partial

import pytest
from amaranth.hdl import Assert, Cat, Cover, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

import octopus_sim.reference.conventions as reference
from octopus_hw.contract.config import Config
from octopus_hw.noc.data_router import data_route, data_vc
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.route import Port
from octopus_hw.parts.flit_queue import FlitQueue
from octopus_sim import formal
from tests.noc import samples as traffic
from tests.noc.samples import packet, target
from tests.simulate import simulate

HERE = 3, 2
CONFIG = Config()
TURNS = (4, 0, 2)


@pytest.mark.parametrize(("depth", "width"), [(2, 32), (16, 32), (4, 128)])
@pytest.mark.parametrize("port", Port)
def test_agrees_with_its_twin(port, depth, width):
    """The head and its packet's route and virtual channel, of what comes by any port."""
    turns = XY.inputs(1)[port][2]
    config = Config(data_width=width)
    route, vc_of = partial(data_route, config, XY, port), partial(data_vc, config, XY, port)
    device, twin = FlitQueue(config, depth, route, turns, 5, vc_of), reference.Queue(depth)
    rng, coming, begun = random.Random(depth), [], None

    async def testbench(ctx):
        nonlocal begun
        ctx.set(device.x, HERE[0])
        ctx.set(device.y, HERE[1])
        for cycle in range(200):
            if not coming:
                coming.extend(packet(rng, *target(rng, port, 7, *HERE, (turns,) * 5), width=width))
            offers, takes = rng.random() < (0.9 if cycle < 100 else 0.4), rng.random() < 0.5
            ctx.set(device.i.valid, offers)
            ctx.set(Value.cast(device.i.payload), int(coming[0]))
            head = twin.head
            ctx.set(device.o.take, takes and head is not None)
            assert ctx.get(device.i.ready) == twin.ready
            assert ctx.get(device.o.valid) == (head is not None)
            assert ctx.get(device.o.first) == (begun is None)
            header = begun or head
            output, vc = traffic.data_route(header, *HERE, 2) if header else (None, 0)
            assert ctx.get(device.o.to) == (1 << output if header else 0)
            assert not header or ctx.get(device.o.vc) == vc
            if head:
                assert ctx.get(Value.cast(device.o.flit)) == int(head)
            if head and takes:
                begun = None if head.last else header
            twin.step(coming.pop(0) if offers and twin.ready else None, takes and head is not None)
            await ctx.tick()

    simulate(device, testbench)


@pytest.mark.parametrize("depth", [1, 3, 128])
def test_refuses_other_depths(depth):
    with pytest.raises(ValueError, match=f"depth: {depth} is not a power of two from 2 to 64"):
        FlitQueue(CONFIG, depth, by_number, (0, 1), 5)


def by_number(word, x, y, turns):
    """Route of the proof: bits 0 and 1 are its number among the turns."""
    return [word[:2] == number for number in range(len(turns))]


def by_bit(word, x, y, turns):
    """Virtual channel of the proof: bit 2."""
    return word[2]


class FlitQueueProperties(wiring.Component):
    """Every flit says which packet it is of: bits 0-1 its route, 2 its VC, 3 whether it is the first, 4 free."""

    def __init__(self, depth):
        self.depth = depth
        super().__init__(
            {"put": In(1), "take": In(1), "last": In(1), "route": In(range(3)), "more": In(2), "watch": In(1)}
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.queue = queue = FlitQueue(CONFIG, self.depth, by_number, TURNS, 5, by_bit)
        i, o, put = queue.i, queue.o, Signal()
        within, last_route, route = Signal(), Signal(4), Signal(4)
        count, first = Signal(8), Signal()
        free = Cat(Mux(self.route == 3, 0, self.route), self.more[0])
        m.d.comb += [
            route.eq(Mux(within, last_route, free)),
            i.payload.data.eq(Cat(route[:3], ~within, self.more[1])),
            i.payload.last.eq(self.last),
            i.valid.eq(self.put),
            put.eq(i.valid & i.ready),
            o.take.eq(self.take & o.valid),
            Assert(o.valid == (count != 0)),
            Assert(i.ready == (count != self.depth)),
            first.eq(o.flit.data[3]),
        ]
        with m.If(put):
            m.d.sync += [within.eq(~self.last), last_route.eq(route)]
        m.d.sync += count.eq(count + put - o.take)
        with m.If(o.valid):
            routes = [o.flit.data[:2] == number for number in range(len(TURNS))]
            m.d.comb += [Assert(o.to[output] == chosen) for output, chosen in zip(TURNS, routes, strict=True)]
            m.d.comb += [Assert(o.vc == o.flit.data[2]), Assert(o.first == first)]
        m.d.comb += [Assert(~(~o.valid & o.first) | (o.to == 0)), Cover((count == self.depth) & ~o.first)]
        self._watch(m, put, count, i, o)
        return m

    def _watch(self, m, put, count, i, o):
        """A watched flit comes out in its turn, unchanged."""
        inside, watched, ahead = Signal(), Signal(CONFIG.data_width + 1), Signal(8)
        with m.If(inside):
            m.d.sync += ahead.eq(ahead - o.take)
            with m.If(ahead == 0):
                m.d.comb += Assert(o.valid & (Value.cast(o.flit) == watched))
                m.d.sync += [inside.eq(~o.take), ahead.eq(0)]
        with m.Elif(put & self.watch):
            m.d.sync += [inside.eq(1), watched.eq(i.payload), ahead.eq(Mux(o.take, count - 1, count))]


@pytest.mark.formal
@pytest.mark.parametrize(("depth", "cycles"), [(2, 8), pytest.param(4, 7, marks=pytest.mark.slow)])
def test_proof_flits_come_out_as_they_went_in_and_know_their_route(depth, cycles):
    formal.bmc(FlitQueueProperties(depth), depth=cycles)
    formal.cover(FlitQueueProperties(depth), depth=depth + 3)
