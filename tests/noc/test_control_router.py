# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Value

import octopus_sim.reference.conventions as reference
from octopus_hw.contract.config import Config
from octopus_hw.noc.control_route import control_turns
from octopus_hw.noc.control_router import ControlRouter
from octopus_hw.noc.control_switch import REPLY
from octopus_hw.noc.dimension_order import XY
from octopus_sim.reference import switches
from octopus_sim.reference.switches import xy_port
from tests.noc.samples import Note, control_port, target
from tests.noc.samples_control import message as made
from tests.noc.samples_control import seen, travels
from tests.simulate import simulate


class RouterTwin:
    """The router from its wires to its wires."""

    def __init__(self, depth, latency, here):
        self.switch = switches.ControlRouter(5, lambda message: control_port(message, *here))
        self.local = [reference.Queue(4), reference.Queue(4)]
        self.eject = [reference.Queue(4), reference.Queue(4)]
        self.receivers = [reference.LinkReceiver(depth, latency, 2) for _ in range(4)]
        self.senders = [reference.LinkSender(depth, latency, 2) for _ in range(4)]

    def step(self, pushes, takes, wires, credits):
        heads = [[self.local[vc].head, *(receiver.queues[vc].head for receiver in self.receivers)] for vc in range(2)]
        rooms = [[self.eject[vc].ready, *(sender.can(vc) for sender in self.senders)] for vc in range(2)]
        moves = self.switch.step(heads, rooms)
        sent = {output: (vc, heads[vc][source]) for (vc, source), output in moves.items()}
        for vc in range(2):
            self.local[vc].step(pushes[vc], (vc, 0) in moves)
            ejected = sent.get(0)
            self.eject[vc].step(ejected[1] if ejected and ejected[0] == vc else None, takes[vc])
        for number in range(4):
            self.receivers[number].step(wires[number], [(vc, number + 1) in moves for vc in range(2)])
            self.senders[number].step(sent.get(number + 1), credits[number])
        return len(moves)


@pytest.mark.parametrize(
    ("latency", "here", "coord", "tbus"),
    [(1, (3, 2), 7, 6), (3, (3, 2), 7, 6), (1, (0, 0), 7, 6), (1, (3, 2), 3, 2), (1, (0, 0), 3, 4), (2, (0, 3), 4, 4)],
)
def test_agrees_with_its_twin(latency, here, coord, tbus):
    config, rng = Config(link_latency=latency, coord_bits=coord, tbus=tbus), random.Random(latency)
    depth = config.link_depth
    device, twin = ControlRouter(config, XY), RouterTwin(depth, latency, here)
    near = [reference.LinkSender(depth, latency, 2) for _ in range(4)]
    far = [reference.LinkReceiver(depth, latency, 2) for _ in range(4)]
    passed = 0
    # At the mesh's edge some links do not exist; at tile 0,0 the one to the west leads to the host.
    ends = [0, *([1] if here[1] else []), 2, 3, *([4] if here[0] else [])]

    size = 1 << coord

    def message(port, vc):
        source = here if port == 0 else (rng.randrange(size), rng.randrange(size))
        if port in (0, 2, 3) and vc == REPLY and here[0] == 0 and rng.random() < 0.4:
            return made(rng, vc, (0, 0), source, host=True, config=config)
        while True:
            to = target(rng, port, 7, *here, control_turns(XY))
            # Only what is for the host turns from the south to the west.
            if (port, xy_port(*to, *here)) != (3, 4) and xy_port(*to, *here) in ends:
                return made(rng, vc, to, source, config=config)

    async def testbench(ctx):
        nonlocal passed
        ctx.set(device.x, here[0])
        ctx.set(device.y, here[1])
        for _ in range(500):
            wires, credits = [end.wire for end in near], [end.credit for end in far]
            for number in range(4):
                link_in, link_out = device.link_in[number], device.link_out[number]
                ctx.set(link_in.valid, 1 << wires[number][0] if wires[number] else 0)
                ctx.set(
                    Value.cast(link_in.payload),
                    travels(wires[number][1]) if wires[number] else rng.getrandbits(40),
                )
                ctx.set(link_out.credit, credits[number][0] | credits[number][1] << 1)
                credit = twin.receivers[number].credit
                assert ctx.get(link_in.credit) == credit[0] | credit[1] << 1
                wire = twin.senders[number].wire
                assert ctx.get(link_out.valid) == (1 << wire[0] if wire else 0)
                assert wire is None or ctx.get(Value.cast(link_out.payload)) == travels(wire[1])
            pushes, takes = [], []
            for vc in range(2):
                pushed, takes_any = message(0, vc), rng.random() < 0.7
                offers = rng.random() < 0.7
                ctx.set(Value.cast(device.i[vc].payload), int(pushed))
                ctx.set(device.i[vc].valid, offers)
                ctx.set(device.o[vc].ready, takes_any)
                assert ctx.get(device.i[vc].ready) == twin.local[vc].ready
                head = twin.eject[vc].head
                assert ctx.get(device.o[vc].valid) == (head is not None)
                came = Note(ctx.get(Value.cast(device.o[vc].payload)), config)
                assert head is None or seen(came, vc) == seen(head, vc)
                pushes.append(pushed if offers and twin.local[vc].ready else None)
                takes.append(takes_any and head is not None)
            out_wires = [sender.wire for sender in twin.senders]
            in_credits = [receiver.credit for receiver in twin.receivers]
            passed += twin.step(pushes, takes, wires, credits)
            for number in range(4):
                vc = rng.randrange(2)
                exists = number + 1 in ends
                sends = exists and rng.random() < 0.8 and near[number].can(vc)
                near[number].step((vc, message(number + 1, vc)) if sends else None, in_credits[number])
                taken = [rng.random() < 0.7 and queue.head is not None for queue in far[number].queues]
                far[number].step(out_wires[number], taken)
            await ctx.tick()

    simulate(device, testbench)
    assert passed > 500
