# SPDX-License-Identifier: Apache-2.0
import random
from functools import partial

import pytest
from amaranth.hdl import Assert, Assume, Cat, Const, Cover, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.layout import Flit
from octopus_hw.noc.route import DATA_TURNS, data_route, tile_route, tile_turns
from octopus_hw.noc.tile_switch import TileSwitch
from octopus_hw.noc.wormhole import WormholeSwitch
from octopus_sim import formal
from tests.noc.properties import assert_pointers
from tests.noc.traffic import data_port, packet, target
from tests.noc.twins import QueueTwin, WormholeTwin, simulate

HERE = 2, 3
TBUS = 3


def tile_port(word):
    header = word.header
    if (header.x, header.y) != HERE:
        return TBUS + 1
    return TBUS if header.unit == 7 else header.unit


def routed(rng, port):
    return packet(rng, *target(rng, port, 6, *HERE, DATA_TURNS))


def switched(rng, port):
    if port <= TBUS and rng.random() < 0.4:
        return packet(rng, 5, 0)
    return packet(rng, *HERE, unit=rng.choice([*range(TBUS), 7]))


@pytest.mark.parametrize("rooms_often", [0.5, 1.0])
@pytest.mark.parametrize("kind", ["router", "switch"])
def test_agrees_with_its_twin(kind, rooms_often):
    rng = random.Random(kind)
    if kind == "router":
        device, twin = WormholeSwitch(data_route, DATA_TURNS), WormholeTwin(5, lambda word: data_port(word, *HERE))
        make = routed
    else:
        device = WormholeSwitch(partial(tile_route, TBUS), tile_turns(TBUS))
        twin, make = WormholeTwin(TBUS + 2, tile_port), switched
    waiting = [[] for _ in range(twin.ports)]
    moved = 0

    async def testbench(ctx):
        nonlocal moved
        ctx.set(device.x, HERE[0])
        ctx.set(device.y, HERE[1])
        for _ in range(800):
            rooms = [rng.random() < rooms_often for _ in range(twin.ports)]
            heads = []
            for port, queue in enumerate(waiting):
                if not queue:
                    queue.extend(make(rng, port))
                heads.append(queue[0] if rng.random() < 0.8 else None)
                ctx.set(Value.cast(device.i[port].payload), int(heads[-1] or 0))
                ctx.set(device.i[port].valid, heads[-1] is not None)
                ctx.set(device.o[port].ready, rooms[port])
            moves = twin.step(heads, rooms)
            moved += len(moves)
            for port in range(twin.ports):
                assert (ctx.get(device.i[port].ready) and heads[port] is not None) == (port in moves)
                came = [source for source, output in moves.items() if output == port]
                assert (rooms[port] and ctx.get(device.o[port].valid)) == bool(came)
                if came:
                    assert ctx.get(Value.cast(device.o[port].payload)) == int(heads[came[0]])
                    waiting[came[0]].pop(0)
            await ctx.tick()

    simulate(device, testbench)
    assert moved > 800


def test_tile_switch_agrees_with_its_twin():
    device, rng = TileSwitch(TBUS), random.Random(3)
    twin, queues = WormholeTwin(TBUS + 2, tile_port), [QueueTwin(2) for _ in range(TBUS + 2)]
    waiting = [[] for _ in queues]

    async def testbench(ctx):
        ctx.set(device.x, HERE[0])
        ctx.set(device.y, HERE[1])
        for _ in range(600):
            rooms = [rng.random() < 0.8 for _ in queues]
            pushes = []
            for port, (queue, coming) in enumerate(zip(queues, waiting, strict=True)):
                if not coming:
                    coming.extend(switched(rng, port))
                offers = rng.random() < 0.9
                ctx.set(Value.cast(device.i[port].payload), int(coming[0]))
                ctx.set(device.i[port].valid, offers)
                ctx.set(device.o[port].ready, rooms[port])
                assert ctx.get(device.i[port].ready) == queue.room
                pushes.append(coming.pop(0) if offers and queue.room else None)
            heads = [queue.head for queue in queues]
            moves = twin.step(heads, rooms)
            for port in range(TBUS + 2):
                came = [source for source, output in moves.items() if output == port]
                assert (rooms[port] and ctx.get(device.o[port].valid)) == bool(came)
                if came:
                    assert ctx.get(Value.cast(device.o[port].payload)) == int(heads[came[0]])
            for port, queue in enumerate(queues):
                queue.step(pushes[port], port in moves)
            await ctx.tick()

    simulate(device, testbench)


def by_number(flit, x, y):
    """Route of the proof: the header's lowest bits are the output."""
    return [Flit(flit).data[:2] == output for output in range(3)]


class SwitchProperties(wiring.Component):
    """Free packets on three inputs, free room at three outputs.

    Bits of a flit's data in this proof: 0-1 its packet's output, 2-3 its input, 4 whether it is a first one. What an
    output gets is compared with the head of the input that it says it comes from, so nothing is changed on the way.
    """

    def __init__(self, turns=((0, 1, 2), (0, 2), (0, 1, 2))):
        self.turns = turns
        ports = len(turns)
        super().__init__({"valid": In(ports), "last": In(ports), "ready": In(ports), "to": In(2).array(ports)})

    def elaborate(self, platform):
        m = Module()
        ports = len(self.turns)
        m.submodules.switch = switch = WormholeSwitch(by_number, self.turns)
        taken, came = Signal(ports), Signal(ports)
        for number, i in enumerate(switch.i):
            first, to, now = Signal(init=1), Signal(2), Signal(2)
            m.d.comb += [
                now.eq(Mux(first, self.to[number], to)),
                Assume(Cat(now == turn for turn in self.turns[number]).any()),
                i.valid.eq(self.valid[number]),
                i.payload.data.eq(Cat(now, Const(number, 2), first)),
                i.payload.last.eq(self.last[number]),
                taken[number].eq(i.valid & i.ready),
            ]
            with m.If(taken[number]):
                m.d.sync += [first.eq(i.payload.last), to.eq(now)]
            # How the switch's state goes with the packets: what makes this a proof for all time.
            m.d.comb += Assert(switch.held[number] == Mux(first, 0, 1 << to))
        for number, o in enumerate(switch.o):
            m.d.comb += [o.ready.eq(self.ready[number]), came[number].eq(o.valid & o.ready)]
            self._output(m, number, switch, came[number], taken)
        # As many come out as go in, each from an input of its own: none is lost, none doubled.
        m.d.comb += [Assert(sum(taken) == sum(came)), Cover(taken.all())]
        assert_pointers(m, switch.arbiters)
        return m

    def _output(self, m, number, switch, came, taken):
        """What comes is for this output, from the input that it says, and no packet comes within another."""
        payload, within, holder = switch.o[number].payload, Signal(), Signal(2)
        source = payload.data[2:4]
        with m.If(came):
            m.d.comb += [Assert(payload.data[:2] == number), Assert(payload.data[4] == ~within)]
            m.d.comb += Assert(~within | (source == holder))
            m.d.sync += [within.eq(~payload.last), holder.eq(source)]
        for other, i in enumerate(switch.i):
            with m.If(came & (source == other)):
                m.d.comb += [Assert(taken[other]), Assert(Value.cast(payload) == Value.cast(i.payload))]
        holds = Cat(held[number] for held in switch.held)
        m.d.comb += [Assert(holds == Mux(within, 1 << holder, 0)), Cover(came & within & payload.last)]


@pytest.mark.formal
def test_proof_no_flit_lost_doubled_misrouted_and_no_packet_interleaved():
    formal.prove(SwitchProperties(), depth=2)
    formal.cover(SwitchProperties(), depth=6)
