# SPDX-License-Identifier: Apache-2.0
import random

from amaranth.hdl import Value
from amaranth.lib import wiring

from octopus_hw.tile import Tile
from octopus_hw.unit import ports_of
from tests.noc.twins import simulate
from tests.test_mesh import SMALL


def test_no_wire_crosses_a_tile_within_a_cycle():
    tile, rng = Tile(SMALL, events=False), random.Random(1)
    ports = ports_of(tile)
    outputs = [value for value, flow in ports.values() if flow == wiring.Out]
    inputs = [value for name, (value, flow) in ports.items() if flow == wiring.In and name not in ("x", "y")]

    async def testbench(ctx):
        for _ in range(20):
            before = [ctx.get(output) for output in outputs]
            for value in inputs:
                ctx.set(value, rng.getrandbits(len(value)))
            assert [ctx.get(output) for output in outputs] == before
            # Nothing but words of the boot tree and payloads without `valid` come at the clock edge.
            for name, (value, flow) in ports.items():
                if flow == wiring.In and ("valid" in name or "credit" in name) and name != "boot_west__valid":
                    ctx.set(value, 0)
            await ctx.tick()

    simulate(tile, testbench)


def test_links_are_numbered_alike_on_all_planes():
    tile = Tile(SMALL, events=False)
    for plane in ("data", "control", "work"):
        for way in ("in", "out"):
            assert len(getattr(tile, f"{plane}_{way}")) == 4
    assert len(Value.cast(tile.control_out[0].valid)) == 2
    assert len(Value.cast(tile.data_out[0].valid)) == 1
