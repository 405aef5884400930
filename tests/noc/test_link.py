# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Assert, Const, Cover, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

import octopus_sim.reference.conventions as reference
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.link import LinkReceiver, LinkSender, wires
from octopus_sim import formal
from tests.simulate import simulate


class Link(wiring.Component):
    """Both ends, joined."""

    def __init__(self, depth, latency, vcs=1):
        self.parameters = (8, depth, latency, vcs)
        self.sender, self.receiver = LinkSender(*self.parameters), LinkReceiver(*self.parameters)
        words = stream.Signature(8)
        super().__init__({"i": In(words).array(vcs), "o": Out(words).array(vcs)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.sender, m.submodules.receiver = self.sender, self.receiver
        connect(m, self.sender.link, self.receiver.link)
        for i, o, near, far in zip(self.i, self.o, self.sender.i, self.receiver.o, strict=True):
            connect(m, flipped(i), near)
            connect(m, far, flipped(o))
        return m


@pytest.mark.parametrize("vcs", [1, 2])
@pytest.mark.parametrize("latency", [1, 2, 3])
@pytest.mark.parametrize("often", [0.4, 1.0])
def test_agrees_with_its_twins(latency, vcs, often):
    depth = Config(link_latency=latency).link_depth
    device, rng = Link(depth, latency, vcs), random.Random(latency)
    sender, receiver = reference.LinkSender(depth, latency, vcs), reference.LinkReceiver(depth, latency, vcs)

    async def testbench(ctx):
        for _ in range(400):
            vc, word = rng.randrange(vcs), rng.randrange(256)
            wants = rng.random() < often
            ready = [rng.random() < 0.6 for _ in range(vcs)]
            takes = [willing and queue.head is not None for willing, queue in zip(ready, receiver.queues, strict=True)]
            for number in range(vcs):
                ctx.set(device.i[number].valid, wants and number == vc)
                ctx.set(device.i[number].payload, word if number == vc else ~word & 0xFF)
                ctx.set(device.o[number].ready, ready[number])
                assert ctx.get(device.i[number].ready) == sender.can(number)
                head = receiver.queues[number].head
                assert ctx.get(device.o[number].valid) == (head is not None)
                if head is not None:
                    assert ctx.get(device.o[number].payload) == head
            wire, credit = sender.wire, receiver.credit
            sender.step((vc, word) if wants and sender.can(vc) else None, credit)
            receiver.step(wire, takes)
            await ctx.tick()

    simulate(device, testbench)


@pytest.mark.parametrize("latency", [1, 2, 5, 8])
def test_carries_a_word_every_cycle_and_takes_as_long_as_it_should(latency):
    device = Link(Config(link_latency=latency).link_depth, latency)
    sent, came = [], []

    async def testbench(ctx):
        ctx.set(device.o[0].ready, 1)
        ctx.set(device.i[0].valid, 1)
        for cycle in range(60):
            ctx.set(device.i[0].payload, cycle)
            assert ctx.get(device.i[0].ready)
            sent.append(cycle)
            if ctx.get(device.o[0].valid):
                came.append((cycle, ctx.get(device.o[0].payload)))
            await ctx.tick()

    simulate(device, testbench)
    assert came == [(cycle, cycle - 1 - latency) for cycle in sent[1 + latency :]]


def test_one_class_is_an_ordinary_link():
    flit = struct(layouts(Config()).flit)
    assert wires(flit) == wiring.Signature({"payload": Out(flit), "valid": Out(1), "credit": In(1)})


class LinkProperties(wiring.Component):
    """Credits are conserved: those held or on their way back, words on their way and words queued make up the depth."""

    def __init__(self, depth, latency, *, generous=False):
        self.depth = depth
        self.latency = latency
        self.generous = generous
        super().__init__({"put": In(1), "take": In(1), "word": In(1), "watch": In(1)})

    def elaborate(self, platform):
        m = Module()
        held_at_first = self.depth + self.generous
        m.submodules.sender = sender = LinkSender(1, held_at_first, self.latency)
        m.submodules.receiver = receiver = LinkReceiver(1, self.depth, self.latency)
        connect(m, sender.link, receiver.link)
        i, o = sender.i[0], receiver.o[0]
        sent, took = Signal(), Signal()
        m.d.comb += [
            i.valid.eq(self.put), i.payload.eq(self.word), o.ready.eq(self.take),
            sent.eq(i.valid & i.ready), took.eq(o.valid & o.ready),
        ]  # fmt: skip
        # On its way: sent and not yet queued, or taken and not yet in the sender's counter.
        there, back = Signal(self.latency), Signal(1 + self.latency)
        m.d.sync += [there.eq(there << 1 | sent), back.eq(back << 1 | took)]
        credits, queued = Signal(8, init=held_at_first), Signal(8)
        m.d.sync += [
            credits.eq(credits - sent + back[self.latency - 1]),
            queued.eq(queued + there[-1] - took),
        ]
        underway = sum((*there, *back[:-1]), start=Const(0, 8))
        m.d.comb += [
            Assert(credits + queued + underway == held_at_first),
            Assert(i.ready == (credits != 0)),
            Assert(o.valid == (queued != 0)),
            Assert(queued <= self.depth),
            Assert(credits <= held_at_first),
            Cover(queued == self.depth),
        ]
        self._watch(m, sent, took, o)
        return m

    def _watch(self, m, sent, took, o):
        """A watched word comes out in its turn, unchanged."""
        inside, watched, ahead, there = Signal(), Signal(), Signal(8), Signal(8)
        m.d.sync += there.eq(there + sent - took)
        with m.If(inside):
            m.d.sync += ahead.eq(ahead - took)
            with m.If(took & (ahead == 0)):
                m.d.comb += Assert(o.payload == watched)
                m.d.sync += [inside.eq(0), ahead.eq(0)]
        with m.Elif(sent & self.watch):
            m.d.sync += [inside.eq(1), watched.eq(self.word), ahead.eq(Mux(took, there - 1, there))]


@pytest.mark.formal
@pytest.mark.parametrize("latency", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_proof_credits_are_conserved_and_no_word_is_lost(latency):
    formal.bmc(LinkProperties(2 * (1 + latency), latency), depth=8 + latency)


@pytest.mark.formal
def test_a_sender_with_too_many_credits_is_caught(tmp_path):
    with pytest.raises(formal.ProofError):
        formal.bmc(LinkProperties(2, 1, generous=True), depth=8, cache=tmp_path)
