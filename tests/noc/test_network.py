# SPDX-License-Identifier: Apache-2.0
"""Meshes of routers: everything arrives, whole and in order, in two cycles a hop."""

import random

import pytest
from amaranth.hdl import Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import connect

from octopus_hw.contract.config import Config
from octopus_hw.noc.control_router import ControlRouter
from octopus_hw.noc.data_router import DataRouter
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.route import DIRECTIONS, opposite, step
from tests.noc.samples import Note, note, packet
from tests.noc.samples_control import message, seen
from tests.simulate import simulate

COLUMNS, ROWS = 3, 2
TILES = [(x, y) for y in range(ROWS) for x in range(COLUMNS)]


class Network(wiring.Component):
    def __init__(self, router, latency, width=32):
        config = Config(link_latency=latency, data_width=width)
        self.routers = {tile: router(config, XY) for tile in TILES}
        super().__init__({})

    def elaborate(self, platform):
        m = Module()
        for (x, y), router in self.routers.items():
            m.submodules[f"router_{x}_{y}"] = router
            m.d.comb += [router.x.eq(x), router.y.eq(y)]
            for number, port in enumerate(DIRECTIONS):
                across, down = step(port)
                neighbour = self.routers.get((x + across, y + down))
                if neighbour:
                    connect(m, router.link_out[number], neighbour.link_in[opposite(port) - 1])
        return m


@pytest.mark.parametrize(("latency", "width"), [(1, 32), (2, 128)])
def test_data_plane_delivers_every_packet_whole(latency, width):
    network, rng = Network(DataRouter, latency, width), random.Random(latency)
    sent = {tile: [] for tile in TILES}
    came = {tile: [] for tile in TILES}
    waiting = {
        tile: [
            flit for _ in range(8) for flit in packet(rng, *rng.choice([t for t in TILES if t != tile]), width=width)
        ]
        for tile in TILES
    }
    for words in waiting.values():
        group = []
        for word in words:
            group.append(int(word))
            if word.last:
                header = words[words.index(word) - len(group) + 1].header
                sent[header.x, header.y].append(tuple(group))
                group = []

    async def testbench(ctx):
        heads = {tile: [] for tile in TILES}
        for cycle in range(600):
            for tile, router in network.routers.items():
                coming = waiting[tile]
                offers = bool(coming) and rng.random() < 0.8
                ctx.set(router.i.valid, offers)
                ctx.set(Value.cast(router.i.payload), int(coming[0]) if coming else 0)
                takes = rng.random() < 0.6
                ctx.set(router.o.ready, takes)
                if takes and ctx.get(router.o.valid):
                    heads[tile].append(ctx.get(Value.cast(router.o.payload)))
                    if heads[tile][-1] >> width:
                        came[tile].append(tuple(heads[tile]))
                        heads[tile] = []
                if offers and ctx.get(router.i.ready):
                    coming.pop(0)
            await ctx.tick()
            if cycle % 20 == 0 and sum(map(len, came.values())) == 8 * len(TILES):
                return

    simulate(network, testbench)
    assert {tile: sorted(packets) for tile, packets in came.items()} == {
        tile: sorted(packets) for tile, packets in sent.items()
    }


@pytest.mark.parametrize("latency", [1, 2])
def test_control_plane_delivers_replies_while_requests_are_stuck(latency):
    network, rng = Network(ControlRouter, latency), random.Random(latency)
    waiting = {
        tile: [[message(rng, vc, rng.choice(TILES), tile) for _ in range(20)] for vc in range(2)] for tile in TILES
    }
    expected = {tile: [[], []] for tile in TILES}
    for vcs in waiting.values():
        for vc, notes in enumerate(vcs):
            for sent in notes:
                expected[sent.flit.x, sent.flit.y][vc].append(seen(sent, vc))
    came = {tile: [[], []] for tile in TILES}

    async def testbench(ctx):
        for cycle in range(600):
            for tile, router in network.routers.items():
                for vc in range(2):
                    coming, i, o = waiting[tile][vc], router.i[vc], router.o[vc]
                    ctx.set(i.valid, bool(coming))
                    ctx.set(Value.cast(i.payload), int(coming[0]) if coming else 0)
                    takes = rng.random() < 0.7 and (vc == 1 or cycle > 200)
                    ctx.set(o.ready, takes)
                    if takes and ctx.get(o.valid):
                        came[tile][vc].append(seen(Note(ctx.get(Value.cast(o.payload))), vc))
                    if coming and ctx.get(i.ready):
                        coming.pop(0)
            await ctx.tick()
            if cycle == 200:
                assert not any(vcs[1] for vcs in waiting.values())
                assert sum(len(vcs[1]) for vcs in came.values()) == 20 * len(TILES)

    simulate(network, testbench)
    assert {tile: [sorted(c) for c in vcs] for tile, vcs in came.items()} == {
        tile: [sorted(c) for c in vcs] for tile, vcs in expected.items()
    }


@pytest.mark.parametrize("latency", [1, 4])
@pytest.mark.parametrize("kind", [DataRouter, ControlRouter])
def test_a_hop_takes_one_cycle_and_the_wire(kind, latency):
    network, rng, cycles = Network(kind, latency), random.Random(1), []
    word = packet(rng, 2, 1, count=1)[0] if kind is DataRouter else note(rng, 2, 1)

    async def testbench(ctx):
        source, sink = network.routers[0, 0], network.routers[2, 1]
        i, o = (source.i, sink.o) if kind is DataRouter else (source.i[0], sink.o[0])
        ctx.set(Value.cast(i.payload), int(word))
        ctx.set(i.valid, 1)
        await ctx.tick()
        ctx.set(i.valid, 0)
        for cycle in range(1, 40):
            if ctx.get(o.valid):
                cycles.append(cycle)
            ctx.set(o.ready, 1)
            await ctx.tick()

    simulate(network, testbench)
    # Pushed in 0, sent in 1, three hops; the control plane's eject queue takes one cycle more.
    assert cycles == [1 + 3 * (1 + latency) + (kind is ControlRouter)]
