# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Value

from octopus_hw.config import Config
from octopus_hw.noc.data_router import DataRouter
from octopus_hw.noc.route import DATA_TURNS
from tests.noc.traffic import data_port, packet, target
from tests.noc.twins import QueueTwin, ReceiverTwin, SenderTwin, WormholeTwin, simulate

HERE = 3, 2


class RouterTwin:
    """The router from its wires to its wires."""

    def __init__(self, depth, latency):
        self.switch = WormholeTwin(5, lambda word: data_port(word, *HERE))
        self.local = QueueTwin(4)
        self.receivers = [ReceiverTwin(depth, latency) for _ in range(4)]
        self.senders = [SenderTwin(depth, latency) for _ in range(4)]
        self.heads = []
        self.moves = {}

    def decide(self, room):
        """Choose what moves in this cycle; return what leaves by the local output."""
        self.heads = [self.local.head, *(receiver.queues[0].head for receiver in self.receivers)]
        self.moves = self.switch.step(self.heads, [room, *(sender.can() for sender in self.senders)])
        return next((self.heads[source] for source, output in self.moves.items() if output == 0), None)

    def step(self, push, wires, credits):
        came = {output: self.heads[source] for source, output in self.moves.items()}
        self.local.step(push, 0 in self.moves)
        for number in range(4):
            self.receivers[number].step(wires[number], [number + 1 in self.moves])
            sent = came.get(number + 1)
            self.senders[number].step(None if sent is None else (0, sent), credits[number])


@pytest.mark.parametrize("latency", [1, 3])
def test_agrees_with_its_twin(latency):
    depth, rng = Config(link_latency=latency).link_depth, random.Random(latency)
    device, twin = DataRouter(depth, latency), RouterTwin(depth, latency)
    near = [SenderTwin(depth, latency) for _ in range(4)]  # the neighbours' ends
    far = [ReceiverTwin(depth, latency) for _ in range(4)]
    coming = [[] for _ in range(5)]
    passed = 0

    def offered(port):
        if not coming[port]:
            coming[port].extend(packet(rng, *target(rng, port, 7, *HERE, DATA_TURNS)))
        return coming[port][0]

    async def testbench(ctx):
        nonlocal passed
        ctx.set(device.x, HERE[0])
        ctx.set(device.y, HERE[1])
        for _ in range(500):
            room, offers = rng.random() < 0.8, rng.random() < 0.8
            ctx.set(Value.cast(device.i.payload), int(offered(0)))
            ctx.set(device.i.valid, offers)
            ctx.set(device.o.ready, room)
            wires, credits = [end.wire for end in near], [end.credit for end in far]
            for number in range(4):
                link_in, link_out = device.link_in[number], device.link_out[number]
                ctx.set(link_in.valid, wires[number] is not None)
                ctx.set(Value.cast(link_in.payload), int(wires[number][1]) if wires[number] else rng.getrandbits(33))
                ctx.set(link_out.credit, credits[number][0])
                assert [ctx.get(link_in.credit)] == twin.receivers[number].credit
                wire = twin.senders[number].wire
                assert ctx.get(link_out.valid) == (wire is not None)
                assert wire is None or ctx.get(Value.cast(link_out.payload)) == int(wire[1])
            leaves = twin.decide(room)
            passed += len(twin.moves)
            assert ctx.get(device.i.ready) == twin.local.room
            assert (room and ctx.get(device.o.valid)) == (leaves is not None)
            assert leaves is None or ctx.get(Value.cast(device.o.payload)) == int(leaves)
            out_wires = [sender.wire for sender in twin.senders]
            in_credits = [receiver.credit for receiver in twin.receivers]
            twin.step(coming[0].pop(0) if offers and twin.local.room else None, wires, credits)
            for number in range(4):
                sends = rng.random() < 0.8 and near[number].can()
                offered(number + 1)
                near[number].step((0, coming[number + 1].pop(0)) if sends else None, in_credits[number])
                takes = rng.random() < 0.8 and far[number].queues[0].head is not None
                far[number].step(out_wires[number], [takes])
            await ctx.tick()

    simulate(device, testbench)
    assert passed > 500
