# SPDX-License-Identifier: Apache-2.0
import pytest
from amaranth.hdl import Value

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.noc.control_router import ControlRouter
from octopus_hw.noc.data_router import DataRouter
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.route import DIRECTIONS, Port, step
from tests.simulate import simulate

CONFIG = Config()


def flit(x, y):
    return {"data": layouts(CONFIG).header.pack(x=x, y=y), "last": 1}


def message(x, y):
    return {"x": x, "y": y}


@pytest.mark.parametrize(("kind", "make"), [(DataRouter, flit), (ControlRouter, message)])
def test_a_link_that_stalls_sends_nothing_and_loses_nothing(kind, make):
    router = kind(CONFIG, XY)
    source = router.i if kind is DataRouter else router.i[1]
    sent = {}

    async def testbench(ctx):
        ctx.set(router.x, 3)
        ctx.set(router.y, 3)
        for port, direction in enumerate(DIRECTIONS):
            across, down = step(direction)
            ctx.set(source.payload, make(3 + across, 3 + down))
            sent[port] = rows = []
            for stall in (1 << port, 15 ^ 1 << port):
                ctx.set(router.stall, stall)
                ctx.set(source.valid, 1)
                await ctx.tick()
                ctx.set(source.valid, 0)
                for _ in range(8):
                    rows.append([bool(ctx.get(Value.cast(link.valid))) for link in router.link_out])
                    await ctx.tick()

    simulate(router, testbench)
    for port, rows in sent.items():
        ours = [row.pop(port) for row in rows]
        assert not any(map(any, rows))
        # What waited and what came later, as soon as there is no stall.
        assert not any(ours[:8]) and ours[8:].count(True) == 2


def test_a_request_does_not_wait_for_a_reply_whose_link_stalls():
    router = ControlRouter(CONFIG, XY)
    sent = []

    async def testbench(ctx):
        ctx.set(router.x, 3)
        ctx.set(router.y, 3)
        ctx.set(router.stall, 1 << (Port.EAST - 1))
        for source, x, y in ((router.i[0], 3, 2), (router.i[1], 4, 3)):
            ctx.set(source.payload, message(x, y))
            ctx.set(source.valid, 1)
        await ctx.tick()
        for source in router.i:
            ctx.set(source.valid, 0)
        for _ in range(4):
            await ctx.tick()
            sent.append([ctx.get(link.valid) for link in router.link_out])

    simulate(router, testbench)
    assert [row[Port.NORTH - 1] for row in sent].count(1) == 1
    assert not any(row[Port.EAST - 1] for row in sent)
