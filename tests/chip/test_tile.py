# SPDX-License-Identifier: Apache-2.0
import random

from amaranth.lib import wiring

from octopus_hw.chip.tile import Tile
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.side import side_layouts
from octopus_hw.verilog.unit import ports_of
from tests.chip.test_mesh import SMALL
from tests.simulate import simulate


def test_no_wire_crosses_a_tile_within_a_cycle():
    tile, rng = Tile(SMALL, XY, events=False), random.Random(1)
    down, up = side_layouts(SMALL)
    ports = ports_of(tile)
    outputs = [value for value, flow in ports.values() if flow == wiring.Out]
    inputs = [value for name, (value, flow) in ports.items() if flow == wiring.In and name not in ("x", "y")]

    async def testbench(ctx):
        await ctx.tick().repeat(SMALL.reset_cycles)
        for _ in range(20):
            before = [ctx.get(output) for output in outputs]
            for value in inputs:
                ctx.set(value, rng.getrandbits(len(value)))
            assert [ctx.get(output) for output in outputs] == before
            # Nothing but words of the boot tree and payloads without `valid` come at the clock edge.
            for name, layout in (("north", down), ("east", up), ("south", up), ("west", down)):
                comes = layout(getattr(tile, f"{name}_in"))
                for link in (comes.data, comes.control):
                    ctx.set(link.valid, 0)
                    ctx.set(link.credit, 0)
                if name == "north":
                    ctx.set(comes.boot.valid, 0)
            await ctx.tick()

    simulate(tile, testbench)


def test_a_side_is_the_same_from_both_sides():
    tile = Tile(SMALL, XY, events=False)
    for one, other in (("north", "south"), ("east", "west")):
        for near, far in ((one, other), (other, one)):
            assert len(getattr(tile, f"{near}_in")) == len(getattr(tile, f"{far}_out"))
