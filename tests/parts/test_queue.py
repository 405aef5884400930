# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Assert, Cover, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

import octopus_sim.reference.conventions as reference
from octopus_hw.parts.deep_queue import DeepQueue, queue_of
from octopus_hw.parts.queue import Queue
from octopus_sim import formal
from tests.simulate import simulate


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 10])
@pytest.mark.parametrize("eager", [0.3, 0.9])
def test_agrees_with_its_twin(depth, eager):
    device, twin, rng = Queue(8, depth), reference.Queue(depth), random.Random(depth)

    async def testbench(ctx):
        for cycle in range(400):
            often = eager if cycle < 200 else 1 - eager
            word = rng.randrange(256) if rng.random() < often else None
            takes = rng.random() < 0.5
            ctx.set(device.i.valid, word is not None)
            ctx.set(device.i.payload, word or 0)
            ctx.set(device.o.ready, takes)
            assert ctx.get(device.level) == len(twin.items)
            assert ctx.get(device.i.ready) == twin.ready
            assert ctx.get(device.o.valid) == (twin.head is not None)
            if twin.head is not None:
                assert ctx.get(device.o.payload) == twin.head
            twin.step(word if twin.ready else None, takes and twin.head is not None)
            await ctx.tick()

    simulate(device, testbench)


def test_a_queue_of_many_items_is_a_deep_one():
    few, many = queue_of(8, 63), queue_of(8, 64)
    assert (type(few), few.depth, type(many), many.depth) == (Queue, 63, DeepQueue, 64)


def test_refuses_no_depth():
    with pytest.raises(ValueError, match="depth: 0 is less than 1"):
        Queue(8, 0)


class QueueProperties(wiring.Component):
    """A word that is watched comes out in its turn, unchanged; nothing is taken or put that is not there."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        super().__init__({"put": In(1), "take": In(1), "word": In(1), "watch": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.queue = queue = Queue(1, self.depth)
        count, inside, ahead, watched = Signal(8), Signal(), Signal(8), Signal()
        put, take = Signal(), Signal()
        m.d.comb += [
            queue.i.valid.eq(self.put),
            queue.i.payload.eq(self.word),
            queue.o.ready.eq(self.take),
            put.eq(self.put & queue.i.ready),
            take.eq(self.take & queue.o.valid),
            Assert(count <= self.depth),
            Assert(queue.level == count),
            Assert(queue.i.ready == (count < self.depth)),
            Assert(queue.o.valid == (count != 0)),
            Assert(~inside | (ahead < count)),
            Cover((count == self.depth) & inside & (ahead == 0)),
        ]
        m.d.sync += count.eq(count + put - take)
        with m.If(inside):
            m.d.sync += ahead.eq(ahead - take)
            with m.If(ahead == 0):
                m.d.comb += Assert(queue.o.payload == watched)
                m.d.sync += [inside.eq(~take), ahead.eq(0)]
        with m.Elif(put & self.watch):
            m.d.sync += [inside.eq(1), watched.eq(self.word), ahead.eq(Mux(take, count - 1, count))]
        return m


@pytest.mark.formal
@pytest.mark.parametrize("depth", [1, 2, pytest.param(4, marks=pytest.mark.slow)])
def test_proof_words_come_out_as_they_went_in(depth):
    formal.bmc(QueueProperties(depth), depth=depth + 8)
    formal.cover(QueueProperties(depth), depth=2 * depth + 4)
