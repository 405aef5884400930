# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Assert, Assume, Cat, Const, Cover, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

import octopus_sim.reference.conventions as reference
from octopus_hw.contract.config import Config
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.tile_switch import TileSwitch
from octopus_hw.noc.wormhole import WormholeSwitch
from octopus_sim import formal
from octopus_sim.reference import switches
from tests.noc.properties import assert_pointers, points_to
from tests.noc.samples import packet
from tests.simulate import simulate

HERE = 2, 3
TBUS = 3


def tile_port(word):
    header = word.header
    if (header.x, header.y) != HERE or header.host:
        return TBUS + 1, 0
    return (TBUS if header.unit in (6, 7) else header.unit), 0


def switched(rng, port, width):
    if port <= TBUS and rng.random() < 0.4:
        return packet(rng, 5, 0, width=width)
    if port <= TBUS and rng.random() < 0.1:
        return packet(rng, *HERE, unit=7, width=width, host=1)
    return packet(rng, *HERE, unit=rng.choice([*range(TBUS), 6, 7]), width=width)


@pytest.mark.parametrize("rooms_often", [0.5, 1.0])
@pytest.mark.parametrize(("vcs", "width"), [(1, 32), (2, 32), (1, 64), (2, 128)])
def test_agrees_with_its_twin(vcs, width, rooms_often):
    """Packets' headers say by which way they go: output in x, virtual channel in y."""
    turns, rng = [outputs for _, _, outputs in XY.inputs(vcs)], random.Random(vcs)
    device = WormholeSwitch(Config(data_width=width), turns, (1, *(vcs,) * 4))
    twin = switches.Wormhole(len(turns), 5, lambda word: (word.header.x, word.header.y))
    waiting = [[] for _ in turns]
    ways = [(0, 0) for _ in turns]
    moved = 0

    def head(port):
        if not waiting[port]:
            output = rng.choice(turns[port])
            ways[port] = output, rng.randrange(vcs if output else 1)
            waiting[port].extend(packet(rng, *ways[port], width=width))
        return waiting[port][0] if rng.random() < 0.8 else None

    async def testbench(ctx):
        nonlocal moved
        for _ in range(800):
            rooms = [[rng.random() < rooms_often for _ in range(vcs)] for _ in range(5)]
            heads = [head(port) for port in range(len(turns))]
            for port, i in enumerate(device.i):
                output, vc = ways[port]
                ctx.set(Value.cast(i.flit), int(heads[port] or rng.getrandbits(width + 1)))
                ctx.set(i.valid, heads[port] is not None)
                ctx.set(i.first, twin.has[port] is None)
                ctx.set(i.to, 1 << output if heads[port] or twin.has[port] else 0)
                ctx.set(i.vc, vc)
            for output, room in enumerate(rooms):
                ctx.set(device.o[output].ready, sum(bit << vc for vc, bit in enumerate(room)))
            moves = twin.step(heads, rooms)
            moved += len(moves)
            assert [ctx.get(i.take) for i in device.i] == [port in moves for port in range(len(turns))]
            for output, o in enumerate(device.o):
                came = [(source, vc) for source, (to, vc) in moves.items() if to == output]
                assert ctx.get(o.valid) == sum(1 << vc for _, vc in came)
                for source, _ in came:
                    assert ctx.get(Value.cast(o.payload)) == int(waiting[source].pop(0))
            await ctx.tick()

    simulate(device, testbench)
    assert moved > 800


@pytest.mark.parametrize("width", [32, 64, 128])
def test_tile_switch_agrees_with_its_twin(width):
    device, rng = TileSwitch(Config(tbus=TBUS, data_width=width)), random.Random(3)
    twin, queues = switches.Wormhole(TBUS + 2, TBUS + 2, tile_port), [reference.Queue(2) for _ in range(TBUS + 2)]
    waiting = [[] for _ in queues]

    async def testbench(ctx):
        ctx.set(device.x, HERE[0])
        ctx.set(device.y, HERE[1])
        for _ in range(600):
            rooms = [[rng.random() < 0.8] for _ in queues]
            pushes = []
            for port, (queue, coming) in enumerate(zip(queues, waiting, strict=True)):
                if not coming:
                    coming.extend(switched(rng, port, width))
                offers = rng.random() < 0.9
                ctx.set(Value.cast(device.i[port].payload), int(coming[0]))
                ctx.set(device.i[port].valid, offers)
                ctx.set(device.o[port].ready, rooms[port][0])
                assert ctx.get(device.i[port].ready) == queue.ready
                pushes.append(coming.pop(0) if offers and queue.ready else None)
            heads = [queue.head for queue in queues]
            moves = twin.step(heads, rooms)
            for port in range(TBUS + 2):
                came = [source for source, (output, _) in moves.items() if output == port]
                assert (rooms[port][0] and ctx.get(device.o[port].valid)) == bool(came)
                if came:
                    assert ctx.get(Value.cast(device.o[port].payload)) == int(heads[came[0]])
            for port, queue in enumerate(queues):
                queue.step(pushes[port], port in moves)
            await ctx.tick()

    simulate(device, testbench)


class SwitchProperties(wiring.Component):
    """Free packets on three inputs, free room at three outputs.

    Bits of a flit's data in this proof: 0-1 its packet's output, 2-3 its input, 4 whether it is a first one, 5 its
    virtual channel. What an output gets is compared with the head of the input that it says it comes from, so nothing
    is changed on the way.
    """

    def __init__(self, vcs, turns=((0, 1, 2), (0, 2), (0, 1, 2))):
        self.vcs = vcs
        self.turns = turns
        flags, ports = In(len(turns)), len(turns)
        super().__init__(
            {"valid": flags, "last": flags, "vc": flags, "ready": In(2).array(ports), "to": In(2).array(ports)}
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.switch = switch = WormholeSwitch(Config(), self.turns, self.vcs)
        self.packets = [self._input(m, number, i) for number, i in enumerate(switch.i)]
        for number in range(len(self.turns)):
            m.d.comb += switch.o[number].ready.eq(self.ready[number])
            for vc in range(self.vcs[number]):
                self._output(m, number, vc, switch)
        taken, came = Cat(i.take for i in switch.i), Cat(o.valid for o in switch.o)
        # As many come out as go in, each from an input of its own: none is lost, none doubled.
        m.d.comb += [Assert(sum(taken) == sum(came)), Cover(taken.all())]
        m.d.comb += [Assert(~i.take | i.valid) for i in switch.i]
        m.d.comb += [Assert((o.valid & ~o.ready) == 0) for o in switch.o]
        assert_pointers(m, switch.arbiters)
        return m

    def _input(self, m, number, i):
        """Drive one input's head; return whether its packet is under way, its output and its virtual channel."""
        under_way, to, vc = Signal(name=f"under_way_{number}"), Signal(2), Signal()
        now, its = Mux(under_way, to, self.to[number]), Mux(under_way, vc, self.vc[number])
        m.d.comb += [
            Assume(Cat(now == turn for turn in self.turns[number]).any()),
            i.valid.eq(self.valid[number]),
            i.first.eq(~under_way),
            i.to.eq(Mux(i.valid | under_way, 1 << now, 0)),
            i.vc.eq(its),
            i.flit.data.eq(Cat(now, Const(number, 2), i.first, its)),
            i.flit.last.eq(self.last[number]),
        ]
        with m.If(i.take):
            m.d.sync += [under_way.eq(~i.flit.last), to.eq(now), vc.eq(its)]
        m.d.comb += Assert(~under_way | Cat(to == turn for turn in self.turns[number]).any())
        return under_way, to, vc

    def _output(self, m, number, vc, switch):
        """What comes is for here, from the input that it says, and no packet comes within another of its VC."""
        o, double = switch.o[number], self.vcs[number] == 2
        payload, within, holder = o.payload, Signal(), Signal(2)
        source = payload.data[2:4]
        with m.If(o.valid[vc]):
            m.d.comb += [Assert(payload.data[:2] == number), Assert(payload.data[4] == ~within)]
            m.d.comb += [Assert(~within | (source == holder)), Assert((payload.data[5] == vc) | (not double))]
            m.d.sync += [within.eq(~payload.last), holder.eq(source)]
        for other, i in enumerate(switch.i):
            with m.If(o.valid[vc] & (source == other)):
                m.d.comb += [Assert(i.take), Assert(Value.cast(payload) == Value.cast(i.flit))]
        holds = Cat(under_way & (to == number) & ((its == vc) if double else 1) for under_way, to, its in self.packets)
        # How the switch's state goes with the packets: what makes this a proof for all time.
        m.d.comb += [Assert(holds == Mux(within, 1 << holder, 0)), Cover(o.valid[vc] & within & payload.last)]
        if double:
            m.d.comb += Assert(switch.in_use[number][vc] == within)
        else:
            sources = [other for other, outputs in enumerate(self.turns) if number in outputs]
            for bit, other in enumerate(sources):
                first = points_to(switch.arbiters[number], bit)
                m.d.comb += Assert(first | ~within | (holder != other))


@pytest.mark.formal
@pytest.mark.parametrize("vcs", [(1, 1, 1), (1, 2, 2)])
def test_proof_no_flit_lost_doubled_misrouted_and_no_packet_interleaved(vcs):
    formal.prove(SwitchProperties(vcs), depth=2)
    formal.cover(SwitchProperties(vcs), depth=6)
