# SPDX-License-Identifier: Apache-2.0
import random

import pytest

import octopus_sim.reference.library_lookup as reference
from octopus_hw.chip.library_lookup import LibraryLookup
from octopus_hw.contract.codes import LoadTarget, Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from tests.simulate import simulate

HERE = (5, 2)


async def load(ctx, port, memory, rows):
    """Write rows of a table of one word each."""
    ctx.set(port.valid, 1)
    for address, data in enumerate(rows):
        ctx.set(port.word, {"memory": memory, "address": address, "data": data})
        await ctx.tick()
    ctx.set(port.valid, 0)


def offered(ctx, device, config):
    """What it offers, as the twin says it."""
    if not ctx.get(device.o.valid):
        return None
    message = ctx.get(device.o.payload)
    assert (message.message, message.host, message.source_x, message.source_y) == (Message.CONFIG, 0, *HERE)
    asked = layouts(config).config_request.unpack(message.payload)
    return (message.x, message.y), asked["block"], asked["tbu"]


@pytest.mark.parametrize("tbus", [1, 2, 4, 6])
@pytest.mark.parametrize("blocks", [2, 100])
def test_agrees_with_its_twin(tbus, blocks):
    config, rng = Config(tbus=tbus, max_blocks=blocks), random.Random(tbus + blocks)
    tiles = [(rng.randrange(128), rng.randrange(128)) for _ in range(blocks)]
    device, twin = LibraryLookup(config), reference.LibraryLookup(tiles, tbus)

    async def testbench(ctx):
        ctx.set(device.x, HERE[0])
        ctx.set(device.y, HERE[1])
        await load(ctx, device.loads, LoadTarget.LIBRARY_TILE, [y << 7 | x for x, y in tiles])
        await load(ctx, device.loads, LoadTarget.LIBRARY, [rng.getrandbits(14) for _ in tiles])
        heads = [None] * tbus
        for cycle in range(600):
            busy, room = (0.1, 0.9)[cycle // 50 % 2], rng.random() < (0.2, 1.0)[cycle // 150 % 2]
            heads = [rng.randrange(blocks) if head is None and rng.random() < busy else head for head in heads]
            for port, head in zip(device.i, heads, strict=True):
                ctx.set(port.valid, head is not None)
                ctx.set(port.payload, rng.randrange(blocks) if head is None else head)
            ctx.set(device.o.ready, room)
            assert offered(ctx, device, config) == twin.offered, cycle
            taken = twin.step(heads, room)
            ready = [head is not None and ctx.get(port.ready) for head, port in zip(heads, device.i, strict=True)]
            assert ready == [number == taken for number in range(tbus)]
            if taken is not None:
                heads[taken] = None
            await ctx.tick()

    simulate(device, testbench)


def test_a_request_is_offered_in_the_next_cycle_and_the_next_one_two_later():
    config = Config()
    device, seen = LibraryLookup(config), []

    async def testbench(ctx):
        ctx.set(device.x, HERE[0])
        ctx.set(device.y, HERE[1])
        await load(ctx, device.loads, LoadTarget.LIBRARY_TILE, [3, 4 << 7 | 6])
        ctx.set(device.o.ready, 1)
        for port in (device.i[1], device.i[2]):
            ctx.set(port.valid, 1)
        ctx.set(device.i[2].payload, 1)
        for cycle in range(4):
            seen.append(offered(ctx, device, config))
            taken = ctx.get(device.i[1].ready)
            await ctx.tick()
            if taken:
                assert cycle == 0
                ctx.set(device.i[1].valid, 0)

    simulate(device, testbench)
    assert seen == [None, ((3, 0), 0, 1), None, ((6, 4), 1, 2)]
