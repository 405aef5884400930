# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Assert, Assume, Cover, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

import octopus_sim.reference.conventions as reference
from octopus_hw.parts.arbiter import RoundRobin
from octopus_sim import formal
from tests.noc.properties import assert_pointers, points_to
from tests.simulate import simulate


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_agrees_with_its_twin(count):
    device, twin, rng = RoundRobin(count), reference.RoundRobin(count), random.Random(count)

    async def testbench(ctx):
        for _ in range(300):
            requests, take, stay = rng.randrange(1 << count), rng.random() < 0.7, rng.random() < 0.3
            ctx.set(device.requests, requests)
            ctx.set(device.take, take)
            ctx.set(device.stay, stay)
            granted = twin.pick([bool(requests >> number & 1) for number in range(count)])
            assert ctx.get(device.grant) == (0 if granted is None else 1 << granted)
            assert ctx.get(device.number) == (granted or 0)
            twin.move(granted if take else None, stay)
            await ctx.tick()

    simulate(device, testbench)


def test_refuses_nobody():
    with pytest.raises(ValueError, match="count: 0 is not a positive number"):
        RoundRobin(0)


class ArbiterProperties(wiring.Component):
    """At most one grant, only of a request, always if there is one; nobody waits for more than count - 1 others.

    Who is granted with `stay` asks on until it is granted without: that is one turn.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__({"requests": In(count), "take": In(1), "stay": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.arbiter = arbiter = RoundRobin(self.count)
        m.d.comb += [
            arbiter.requests.eq(self.requests),
            arbiter.take.eq(self.take),
            arbiter.stay.eq(self.stay),
            Assert((arbiter.grant & (arbiter.grant - 1)) == 0),
            Assert((arbiter.grant & ~self.requests) == 0),
            Assert(arbiter.grant.any() == self.requests.any()),
            Assert(~arbiter.grant.any() | (arbiter.grant == 1 << arbiter.number)),
        ]
        assert_pointers(m, [arbiter])
        stays = Signal(self.count)
        with m.If(self.take):
            m.d.sync += stays.eq(Mux(self.stay, arbiter.grant, 0))
        m.d.comb += [Assume((self.requests & stays) == stays), Assert(~stays.any() | (arbiter.grant == stays))]
        for number in range(self.count):
            m.d.comb += Assert(~stays[number] | points_to(arbiter, number))
        for number in range(self.count):
            self._waits(m, number, arbiter)
        return m

    def _waits(self, m: Module, number: int, arbiter: RoundRobin) -> None:
        """While one asks all the time, the pointer comes nearer with every grant to another."""
        waited, way = Signal(range(self.count + 1)), Signal(range(self.count + 1))
        for pointer in range(self.count):
            with m.If(points_to(arbiter, pointer)):
                m.d.comb += way.eq((number - pointer) % self.count)
        m.d.comb += [Assert(waited + way < self.count), Cover(waited == self.count - 1)]
        with m.If(~self.requests[number] | self.take & ~self.stay & arbiter.grant[number]):
            m.d.sync += waited.eq(0)
        with m.Elif(self.take & ~self.stay):
            m.d.sync += waited.eq(waited + 1)


@pytest.mark.formal
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_proof_one_grant_and_nobody_waits_for_ever(count):
    formal.prove(ArbiterProperties(count), depth=2)
    formal.cover(ArbiterProperties(count), depth=count + 3)
