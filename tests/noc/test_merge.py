# SPDX-License-Identifier: Apache-2.0
import random

import pytest

import octopus_sim.reference.conventions as reference
from octopus_hw.noc.merge import Merge
from tests.simulate import simulate


@pytest.mark.parametrize("count", [1, 2, 5])
def test_agrees_with_its_twin(count):
    device, twin, rng = Merge(8, count), reference.RoundRobin(count), random.Random(count)

    async def testbench(ctx):
        for _ in range(300):
            heads = [rng.randrange(256) if rng.random() < 0.5 else None for _ in range(count)]
            room = rng.random() < 0.7
            ctx.set(device.o.ready, room)
            for i, head in zip(device.i, heads, strict=True):
                ctx.set(i.valid, head is not None)
                ctx.set(i.payload, head or 0)
            moves = twin.pick([head is not None for head in heads])
            assert ctx.get(device.o.valid) == (moves is not None)
            if moves is not None:
                assert ctx.get(device.o.payload) == heads[moves]
            assert [ctx.get(i.ready) for i in device.i] == [room and number == moves for number in range(count)]
            twin.move(moves if room else None)
            await ctx.tick()

    simulate(device, testbench)
