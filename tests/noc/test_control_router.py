# SPDX-License-Identifier: Apache-2.0
import random
from itertools import chain

import pytest
from amaranth.hdl import Assert, Assume, Cat, Const, Cover, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.config import Config
from octopus_hw.layout import ControlFlit
from octopus_hw.noc.control_router import ControlRouter
from octopus_hw.noc.control_switch import REPLY, REQUEST, ControlSwitch
from octopus_hw.noc.route import CONTROL_TURNS
from octopus_sim import formal
from tests.noc.properties import assert_pointers
from tests.noc.traffic import control_port, note, target
from tests.noc.twins import ControlTwin, QueueTwin, ReceiverTwin, SenderTwin, simulate, xy_port


class RouterTwin:
    """The router from its wires to its wires."""

    def __init__(self, depth, latency, here):
        self.switch = ControlTwin(5, lambda message: control_port(message, *here))
        self.local = [QueueTwin(4), QueueTwin(4)]
        self.eject = [QueueTwin(4), QueueTwin(4)]
        self.receivers = [ReceiverTwin(depth, latency, 2) for _ in range(4)]
        self.senders = [SenderTwin(depth, latency, 2) for _ in range(4)]

    def step(self, pushes, takes, wires, credits):
        heads = [
            [self.local[class_].head, *(receiver.queues[class_].head for receiver in self.receivers)]
            for class_ in range(2)
        ]
        rooms = [[self.eject[class_].room, *(sender.can(class_) for sender in self.senders)] for class_ in range(2)]
        moves = self.switch.step(heads, rooms)
        sent = {output: (class_, heads[class_][source]) for (class_, source), output in moves.items()}
        for class_ in range(2):
            self.local[class_].step(pushes[class_], (class_, 0) in moves)
            ejected = sent.get(0)
            self.eject[class_].step(ejected[1] if ejected and ejected[0] == class_ else None, takes[class_])
        for number in range(4):
            self.receivers[number].step(wires[number], [(class_, number + 1) in moves for class_ in range(2)])
            self.senders[number].step(sent.get(number + 1), credits[number])
        return len(moves)


@pytest.mark.parametrize(("latency", "here"), [(1, (3, 2)), (3, (3, 2)), (1, (0, 0))])
def test_agrees_with_its_twin(latency, here):
    depth, rng = Config(link_latency=latency).link_depth, random.Random(latency)
    device, twin = ControlRouter(depth, latency), RouterTwin(depth, latency, here)
    near = [SenderTwin(depth, latency, 2) for _ in range(4)]
    far = [ReceiverTwin(depth, latency, 2) for _ in range(4)]
    passed = 0

    def message(port, class_):
        if port in (0, 2, 3) and class_ == REPLY and here == (0, 0) and rng.random() < 0.4:
            return note(rng, 0, 0, host=True)
        while True:
            to = target(rng, port, 7, *here, CONTROL_TURNS)
            # Only what is for the host turns from the south to the west.
            if (port, xy_port(*to, *here)) != (3, 4) and (here != (0, 0) or xy_port(*to, *here) in (0, 2, 3)):
                return note(rng, *to)

    async def testbench(ctx):
        nonlocal passed
        ctx.set(device.x, here[0])
        ctx.set(device.y, here[1])
        for _ in range(500):
            wires, credits = [end.wire for end in near], [end.credit for end in far]
            for number in range(4):
                link_in, link_out = device.link_in[number], device.link_out[number]
                ctx.set(link_in.valid, 1 << wires[number][0] if wires[number] else 0)
                ctx.set(Value.cast(link_in.payload), int(wires[number][1]) if wires[number] else rng.getrandbits(64))
                ctx.set(link_out.credit, credits[number][0] | credits[number][1] << 1)
                credit = twin.receivers[number].credit
                assert ctx.get(link_in.credit) == credit[0] | credit[1] << 1
                wire = twin.senders[number].wire
                assert ctx.get(link_out.valid) == (1 << wire[0] if wire else 0)
                assert wire is None or ctx.get(Value.cast(link_out.payload)) == int(wire[1])
            pushes, takes = [], []
            for class_ in range(2):
                pushed, takes_any = message(0, class_), rng.random() < 0.7
                offers = rng.random() < 0.7
                ctx.set(Value.cast(device.i[class_].payload), int(pushed))
                ctx.set(device.i[class_].valid, offers)
                ctx.set(device.o[class_].ready, takes_any)
                assert ctx.get(device.i[class_].ready) == twin.local[class_].room
                head = twin.eject[class_].head
                assert ctx.get(device.o[class_].valid) == (head is not None)
                assert head is None or ctx.get(Value.cast(device.o[class_].payload)) == int(head)
                pushes.append(pushed if offers and twin.local[class_].room else None)
                takes.append(takes_any and head is not None)
            out_wires = [sender.wire for sender in twin.senders]
            in_credits = [receiver.credit for receiver in twin.receivers]
            passed += twin.step(pushes, takes, wires, credits)
            for number in range(4):
                class_ = rng.randrange(2)
                exists = here != (0, 0) or number in (1, 2)
                sends = exists and rng.random() < 0.8 and near[number].can(class_)
                near[number].step((class_, message(number + 1, class_)) if sends else None, in_credits[number])
                taken = [rng.random() < 0.7 and queue.head is not None for queue in far[number].queues]
                far[number].step(out_wires[number], taken)
            await ctx.tick()

    simulate(device, testbench)
    assert passed > 500


def by_number(message, x, y):
    """Route of the proof: the payload's lowest bits are the output."""
    return [ControlFlit(message).payload[:2] == output for output in range(3)]


class SwitchProperties(wiring.Component):
    """Free messages of both classes on three inputs, free room at three outputs.

    Bits of a payload in this proof: 0-1 the output, 2-3 the input, 4 the class, 5 free.
    """

    def __init__(self, turns=((0, 1, 2), (0, 2), (0, 1, 2))):
        self.turns = turns
        ports = len(turns)
        flags = In(ports).array(2)
        super().__init__({"valid": flags, "ready": flags, "free": flags, "to": In(2).array(2, ports)})

    def elaborate(self, platform):
        m = Module()
        ports = len(self.turns)
        m.submodules.switch = switch = ControlSwitch(by_number, self.turns)
        taken, came = [Signal(ports), Signal(ports)], [Signal(ports), Signal(ports)]
        for class_ in (REQUEST, REPLY):
            for number, i in enumerate(switch.i[class_]):
                to = self.to[class_][number]
                content = Cat(to, Const(number, 2), Const(class_, 1), self.free[class_][number])
                m.d.comb += [
                    Assume(Cat(to == turn for turn in self.turns[number]).any()),
                    i.valid.eq(self.valid[class_][number]),
                    i.payload.payload.eq(content),
                    taken[class_][number].eq(i.valid & i.ready),
                ]
            for number, o in enumerate(switch.o[class_]):
                m.d.comb += [
                    o.ready.eq(self.ready[class_][number]),
                    came[class_][number].eq(o.valid & o.ready),
                    Assert(~o.valid | o.ready),
                ]
                self._output(m, number, class_, switch, came, taken)
            # As many come out as go in, each from an input of its own: none is lost, none doubled.
            m.d.comb += [Assert(sum(taken[class_]) == sum(came[class_])), Cover(taken[class_].all())]
        m.d.comb += [
            Assert((taken[REQUEST] & taken[REPLY]) == 0),
            Assert((came[REQUEST] & came[REPLY]) == 0),
        ]
        self._replies(m, switch, taken)
        assert_pointers(m, chain.from_iterable(switch.arbiters))
        return m

    def _output(self, m, number, class_, switch, came, taken):
        """What comes is for this output, of this class, and from the input that it says."""
        payload = switch.o[class_][number].payload
        content = payload.payload
        with m.If(came[class_][number]):
            m.d.comb += [Assert(content[:2] == number), Assert(content[4] == class_)]
        for other, i in enumerate(switch.i[class_]):
            with m.If(came[class_][number] & (content[2:4] == other)):
                m.d.comb += [Assert(taken[class_][other]), Assert(Value.cast(payload) == Value.cast(i.payload))]

    def _replies(self, m, switch, taken):
        """A reply with room never sees its own input's request go first, and waits for other inputs alone."""
        for number in range(len(self.turns)):
            reply, room = switch.i[REPLY][number], Signal()
            with m.Switch(self.to[REPLY][number]):
                for output in self.turns[number]:
                    with m.Case(output):
                        m.d.comb += room.eq(self.ready[REPLY][output])
            with m.If(reply.valid & room):
                m.d.comb += Assert(~taken[REQUEST][number])
                others = Cat(
                    taken[class_][other] & (self.to[class_][other] == self.to[REPLY][number])
                    for class_ in (REQUEST, REPLY)
                    for other in range(len(self.turns))
                    if other != number
                )
                m.d.comb += Assert(taken[REPLY][number] | others.any())
            for class_ in (REQUEST, REPLY):
                m.d.comb += Cover(taken[class_][number])


@pytest.mark.formal
def test_proof_no_message_lost_doubled_or_misrouted_and_replies_go_first():
    formal.prove(SwitchProperties(), depth=2)
    formal.cover(SwitchProperties(), depth=3)
