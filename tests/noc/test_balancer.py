# SPDX-License-Identifier: Apache-2.0
"""Balancers, alone and in a mesh, against the reference (docs/timing.md#exchange)."""

import random

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import connect

from octopus_hw.contract.config import Config
from octopus_hw.noc.balancer import Balancer
from octopus_hw.noc.route import DIRECTIONS, opposite, step
from octopus_sim.reference.balancing import Exchange
from tests.simulate import simulate

STEPS = [step(port) for port in DIRECTIONS]


class Mesh(wiring.Component):
    """Balancers, their lines joined."""

    def __init__(self, columns, rows, config):
        self.balancers = {(x, y): Balancer(config) for y in range(rows) for x in range(columns)}
        super().__init__({})

    def elaborate(self, platform):
        m = Module()
        for (x, y), balancer in self.balancers.items():
            m.submodules[f"balancer_{x}_{y}"] = balancer
            for way, (across, down) in enumerate(STEPS):
                if other := self.balancers.get((x + across, y + down)):
                    connect(m, balancer.work_out[way], other.work_in[opposite(DIRECTIONS[way]) - 1])
        return m


def parameters(rng):
    return {
        "strides": rng.choice([15, 15, 1, rng.randrange(16)]),
        "hysteresis": rng.choice([0, 0, 5, rng.randrange(4096)]),
        "shift": rng.randrange(8) if rng.random() < 0.3 else rng.randrange(3),
        "nominal": rng.randrange(16),
    }


def put(ctx, balancer, values, *, balance=1):
    """Set a balancer's registers."""
    ctx.set(balancer.state.mode, {"balance": balance})
    ctx.set(balancer.state.balance, values)


def works(rng):
    return rng.choice([0, rng.randrange(30), rng.randrange(4096), rng.randrange(4096), 4095])


@pytest.mark.parametrize("latency", [1, 2, 3])
@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_its_twin(latency, seed):
    rng = random.Random(10 * seed + latency)
    config, values = Config(link_latency=latency), parameters(rng)
    device = Balancer(config)
    twin = Exchange(config.tick, 1 + latency, **values)
    start = rng.choice([1, config.tick, config.tick + 1, rng.randrange(1, 2 * config.tick)])
    way = [[0] * 4] * latency  # what has left an output register and not come yet
    asked = 0

    async def testbench(ctx):
        nonlocal asked
        put(ctx, device, values)
        sent = [0] * 4
        for cycle in range(40 * config.tick):
            running = cycle >= start
            ctx.set(device.state.running, running)
            ctx.set(device.state.cycle, cycle if running else 0)
            line = [works(rng) for _ in range(4)]
            way.append(line)
            come, work = way.pop(0), works(rng)
            granted = twin.wants is not None and rng.random() < 0.3
            taken = rng.choice(sorted(twin.promised)) if twin.promised and rng.random() < 0.03 else None
            for number in range(4):
                ctx.set(device.work_in[number].work, line[number])
            ctx.set(device.work, work)
            ctx.set(device.granted, granted)
            ctx.set(device.taken, taken is not None)
            ctx.set(device.taken_partner, taken or 0)
            assert ctx.get(device.tick) == twin.is_tick(cycle, running)
            assert [ctx.get(wires.work) for wires in device.work_out] == sent
            assert ctx.get(device.wants) == (twin.wants is not None), cycle
            if twin.wants is not None:
                assert ctx.get(device.wanted) == twin.wants
                asked += 1
            sent = twin.step(cycle, running, work, come, granted, taken)
            await ctx.tick()

    simulate(device, testbench)
    assert asked or not values["strides"] or values["hysteresis"] > 500 or values["shift"] > 2


def largest(tile, snapshot):
    """Return the partner with the largest work above the tile's own: near ones first, then by direction."""
    best, partner = snapshot[tile], None
    for log in range(4):
        for way, (across, down) in enumerate(STEPS):
            path = [(tile[0] + across * hops, tile[1] + down * hops) for hops in range(1, (1 << log) + 1)]
            # Work from afar comes over tiles that ticked too.
            if all(each in snapshot for each in path) and snapshot[path[-1]] > best:
                best, partner = snapshot[path[-1]], 4 * log + way
    return partner


@pytest.mark.parametrize(("columns", "rows", "latency"), [(10, 1, 1), (1, 10, 2), (4, 3, 1), (3, 3, 3)])
def test_partners_in_a_mesh_are_the_tiles_at_their_distances(columns, rows, latency):
    rng = random.Random(columns * latency)
    config, hop, met = Config(link_latency=latency), 1 + latency, set()
    mesh = Mesh(columns, rows, config)
    starts = {(x, y): 1 + (x + y) * 3 for x, y in mesh.balancers}

    async def testbench(ctx):
        for balancer in mesh.balancers.values():
            put(ctx, balancer, {"strides": 15})
        snapshot = {}
        for cycle in range(10 * config.tick):
            phase = cycle % config.tick
            if phase == 0:
                snapshot = {
                    tile: rng.choice([0, 0, 0, rng.randrange(4096)]) for tile in starts if cycle >= starts[tile]
                }
            for tile, balancer in mesh.balancers.items():
                running = cycle >= starts[tile]
                ctx.set(balancer.state.running, running)
                ctx.set(balancer.state.cycle, cycle if running else 0)
                ctx.set(balancer.work, snapshot.get(tile, 0))
                partner = largest(tile, snapshot) if tile in snapshot and phase >= 8 * hop + 2 else None
                if phase:
                    assert ctx.get(balancer.wants) == (partner is not None), (cycle, tile)
                if partner is not None:
                    assert ctx.get(balancer.wanted) == partner
                    met.add(partner)
            await ctx.tick()

    simulate(mesh, testbench)
    ways = {way for way, length in enumerate((rows, columns, rows, columns)) if length > 1}
    assert met == {4 * log + way for log in range(4) for way in ways if 1 << log < max(columns, rows)}


def test_at_rest_without_the_mode_bit():
    device, rng = Balancer(Config()), random.Random(5)

    async def testbench(ctx):
        put(ctx, device, {"strides": 15, "nominal": 1}, balance=0)
        ctx.set(device.state.running, 1)
        for cycle in range(200):
            ctx.set(device.state.cycle, cycle)
            ctx.set(device.work, works(rng))
            for wires in device.work_in:
                ctx.set(wires.work, works(rng))
            assert not ctx.get(device.wants) and not ctx.get(device.tick)
            assert [ctx.get(wires.work) for wires in device.work_out] == [0] * 4
            await ctx.tick()

    simulate(device, testbench)
