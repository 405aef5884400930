# SPDX-License-Identifier: Apache-2.0
import random
from typing import Any

import numpy as np
import pytest

from octopus_hw.cbu.owners import Owners
from octopus_hw.cbu.table import Table
from octopus_hw.contract.bits import Layout
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.boot import pack_rows
from octopus_hw.image.image import row_type
from octopus_hw.interfaces.layouts import struct
from tests.simulate import simulate


def some_rows(layout: Layout, count: int, rng: random.Random) -> Any:
    rows = np.zeros(count, row_type(layout))
    for name, span in layout.spans.items():
        rows[name] = [rng.getrandbits(span.width) for _ in range(count)]
    return rows


async def load(ctx: Any, port: Any, memory: LoadTarget, words: Any) -> None:
    for address, word in enumerate(words):
        ctx.set(port.word, {"memory": int(memory), "address": address, "data": int(word)})
        ctx.set(port.valid, 1)
        await ctx.tick()
    ctx.set(port.valid, 0)


ROWS = ("flow_row", "slot_row", "stream_row", "list_row", "own_head", "owner")


@pytest.mark.parametrize("config", [Config(), Config(tbus=1, max_blocks=4, max_flows=8, home_records=16)])
@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("immediate", [False, True])
def test_a_table_shows_what_was_loaded(name: str, config: Config, immediate: bool) -> None:
    rng, layout = random.Random(7), getattr(layouts(config), name)
    rows = some_rows(layout, 12, rng)
    table = Table(struct(layout), 12, LoadTarget.FLOW, immediate=immediate)

    async def bench(ctx: Any) -> None:
        await load(ctx, table.loads, LoadTarget.FLOW, pack_rows(layout, rows))
        await load(ctx, table.loads, LoadTarget.SLOT, [0xFFFFFFFF] * 8)
        for _ in range(30):
            number = rng.randrange(12)
            ctx.set(table.address, number)
            ctx.set(table.read, 1)
            if not immediate:
                await ctx.tick()
                ctx.set(table.read, 0)
                ctx.set(table.address, rng.randrange(12))
                for _ in range(rng.randrange(3)):
                    await ctx.tick()
            seen = ctx.get(table.row)
            for name in rows.dtype.names:
                assert getattr(seen, name) == rows[number][name]

    simulate(table, bench)


def test_owners_and_turns() -> None:
    rng = random.Random(3)
    config = Config(max_blocks=8, owner_entries=16)
    widths = layouts(config)
    heads, owners = some_rows(widths.own_head, 8, rng), some_rows(widths.owner, 16, rng)
    unit = Owners(config)
    turns = [0] * 8

    async def bench(ctx: Any) -> None:
        for again in range(2):
            await load(ctx, unit.loads, LoadTarget.OWN_HEAD, pack_rows(widths.own_head, heads))
            await load(ctx, unit.loads, LoadTarget.OWNER, pack_rows(widths.owner, owners))
            turns[:] = [0] * 8
            for _ in range(40):
                block, entry = rng.randrange(8), rng.randrange(16)
                bump = rng.random() < 0.5
                ctx.set(unit.block, block)
                ctx.set(unit.read, 1)
                ctx.set(unit.entry, entry)
                ctx.set(unit.next, 1)
                await ctx.tick()
                ctx.set(unit.read, 0)
                ctx.set(unit.next, 0)
                seen = (ctx.get(unit.head.base), ctx.get(unit.head.count), ctx.get(unit.turn), ctx.get(unit.owner.x))
                assert seen == (heads[block]["base"], heads[block]["count"], turns[block], owners[entry]["x"]), again
                if bump:
                    turns[block] = rng.getrandbits(4)
                    ctx.set(unit.bump, 1)
                    ctx.set(unit.bump_block, block)
                    ctx.set(unit.bump_turn, turns[block])
                    await ctx.tick()
                    ctx.set(unit.bump, 0)

    simulate(unit, bench)
