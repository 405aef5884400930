# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Value

import octopus_sim.reference.conventions as reference
from octopus_hw.contract.config import ROUTERS, Config
from octopus_hw.noc.data_router import DataRouter
from octopus_hw.noc.dimension_order import XY
from octopus_sim.reference import switches
from tests.noc.samples import data_route, packet, target
from tests.simulate import simulate

HERE = 3, 2
SIZE = 7


class RouterTwin:
    """The router from its wires to its wires."""

    def __init__(self, depth, latency, vcs):
        self.switch = switches.Wormhole(1 + 4 * vcs, 5, lambda word: data_route(word, *HERE, vcs))
        self.local = reference.Queue(4)
        self.receivers = [reference.LinkReceiver(depth, latency, vcs) for _ in range(4)]
        self.senders = [reference.LinkSender(depth, latency, vcs) for _ in range(4)]
        self.vcs = range(vcs)
        self.heads = []
        self.moves = {}

    def decide(self, room):
        """TbuSelect what moves in this cycle; return what leaves by the local output."""
        self.heads = [self.local.head, *(end.queues[vc].head for vc in self.vcs for end in self.receivers)]
        rooms = [[room], *([sender.can(vc) for vc in self.vcs] for sender in self.senders)]
        self.moves = self.switch.step(self.heads, rooms)
        return next((self.heads[source] for source, (output, _) in self.moves.items() if output == 0), None)

    def step(self, push, wires, credits):
        came = {output: (vc, self.heads[source]) for source, (output, vc) in self.moves.items()}
        self.local.step(push, 0 in self.moves)
        for number in range(4):
            takes = [1 + number + 4 * vc in self.moves for vc in self.vcs]
            self.receivers[number].step(wires[number], takes)
            self.senders[number].step(came.get(number + 1), credits[number])


class Neighbours:
    """The other ends of the router's links, with packets for every queue of the router."""

    def __init__(self, rng, depth, latency, vcs):
        self.rng = rng
        self.vcs = vcs
        self.near = [reference.LinkSender(depth, latency, vcs) for _ in range(4)]
        self.far = [reference.LinkReceiver(depth, latency, vcs) for _ in range(4)]
        self.coming = {}

    def offered(self, port, vc):
        """Return what waits for a queue of the router, next flit first."""
        words = self.coming.setdefault((port, vc), [])
        while not words:
            to = target(self.rng, port, SIZE, *HERE, XY.turns)
            made = packet(self.rng, *to)
            straight = data_route(made[0], *HERE)[0] == (port + 1) % 4 + 1
            if port == 0 or self.vcs == 1 or vc == (not straight):
                words.extend(made)
        return words

    def step(self, out_wires, in_credits):
        for number in range(4):
            vc = self.rng.randrange(self.vcs)
            sends = self.rng.random() < 0.9 and self.near[number].can(vc)
            sent = (vc, self.offered(number + 1, vc).pop(0)) if sends else None
            self.near[number].step(sent, in_credits[number])
            takes = [self.rng.random() < 0.7 and queue.head is not None for queue in self.far[number].queues]
            self.far[number].step(out_wires[number], takes)


PRESETS = [pytest.param(Config(**settings), id=name) for name, settings in ROUTERS.items()]


@pytest.mark.parametrize("config", [Config(), Config(link_latency=3), Config(data_vcs=2, data_buffer=5), *PRESETS])
def test_agrees_with_its_twin(config):
    sizes = config.data_depth, config.link_latency, config.data_vcs
    rng = random.Random(str(sizes))
    device, twin, others = DataRouter(config, XY), RouterTwin(*sizes), Neighbours(rng, *sizes)
    passed = 0

    async def testbench(ctx):
        nonlocal passed
        ctx.set(device.x, HERE[0])
        ctx.set(device.y, HERE[1])
        for _ in range(500):
            room, offers = rng.random() < 0.8, rng.random() < 0.8
            waiting = others.offered(0, 0)
            ctx.set(Value.cast(device.i.payload), int(waiting[0]))
            ctx.set(device.i.valid, offers)
            ctx.set(device.o.ready, room)
            wires, credits = [end.wire for end in others.near], [end.credit for end in others.far]
            for number in range(4):
                link_in, link_out = device.link_in[number], device.link_out[number]
                ctx.set(link_in.valid, 1 << wires[number][0] if wires[number] else 0)
                ctx.set(Value.cast(link_in.payload), int(wires[number][1]) if wires[number] else rng.getrandbits(33))
                ctx.set(link_out.credit, sum(bit << vc for vc, bit in enumerate(credits[number])))
                back = sum(bit << vc for vc, bit in enumerate(twin.receivers[number].credit))
                assert ctx.get(link_in.credit) == back
                wire = twin.senders[number].wire
                assert ctx.get(link_out.valid) == (1 << wire[0] if wire else 0)
                assert wire is None or ctx.get(Value.cast(link_out.payload)) == int(wire[1])
            leaves = twin.decide(room)
            passed += len(twin.moves)
            assert ctx.get(device.i.ready) == twin.local.ready
            assert (room and ctx.get(device.o.valid)) == (leaves is not None)
            assert leaves is None or ctx.get(Value.cast(device.o.payload)) == int(leaves)
            out_wires = [sender.wire for sender in twin.senders]
            in_credits = [receiver.credit for receiver in twin.receivers]
            twin.step(waiting.pop(0) if offers and twin.local.ready else None, wires, credits)
            others.step(out_wires, in_credits)
            await ctx.tick()

    simulate(device, testbench)
    assert passed > 700
