# SPDX-License-Identifier: Apache-2.0
import random
from typing import Any

import numpy as np
import pytest

from octopus_hw.cbu.injector import Injector
from octopus_hw.cbu.owners import Owners
from octopus_hw.cbu.table import Table
from octopus_hw.contract.bits import Layout
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import LAST_DUE
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


#: Time words of the start: due cycles fall on both sides of a multiple of 2^24, or are the last there are.
STARTS = (0, (1 << 24) - 64, (1 << 31) - 64, LAST_DUE - 192)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("streams", "x", "y"), [(1, 0, 0), (2, 1, 0), (3, 2, 3), (4, 0, 5)])
def test_injects_in_turn_when_due_into_the_lowest_slot(streams: int, x: int, y: int, start: int) -> None:
    rng = random.Random(streams)
    config = Config(max_streams=4, max_instances=12, list_depth=64, link_latency=2)
    mask = max(1, (1 << (streams - 1).bit_length()) - 1)
    widths = layouts(config)
    table, row, slot = np.zeros(mask + 1, row_type(widths.stream_row)), 0, 0
    for number in range(streams):
        count, slots = rng.randint(1, 12), rng.randint(1, 12 // streams)
        table[number] = (row, count, rng.getrandbits(widths.flow), slot, slots)
        row, slot = row + count, slot + slots
    instances = some_rows(widths.list_row, row, rng)
    late = start and start + 32
    for entry in table:
        part = slice(int(entry["first"]), int(entry["first"] + entry["count"]))
        instances["due"][part] = late + np.cumsum([rng.choice([0, 1, 7, 30]) for _ in range(int(entry["count"]))])
    unit = Injector(config)
    free = [set(range(int(e["slot"]), int(e["slot"] + e["slots"]))) for e in table]
    injected = [0] * len(table)
    busy: list[tuple[int, int]] = []

    async def bench(ctx: Any) -> None:
        for name, value in (("x", x), ("y", y), ("streams", mask)):
            ctx.set(getattr(unit.state, name), value)
        await load(ctx, unit.loads, LoadTarget.LIST, pack_rows(widths.list_row, instances))
        await load(ctx, unit.loads, LoadTarget.STREAM, pack_rows(widths.stream_row, table))
        await ctx.tick()
        ctx.set(unit.state.starts, 1)
        await ctx.tick()
        ctx.set(unit.state.starts, 0)
        ctx.set(unit.state.running, 1)
        begin = start + (x + y) * 3 + 1
        for cycle in range(begin, begin + 500):
            ctx.set(unit.state.cycle, cycle)
            number = cycle & mask
            entry = table[number]
            left = injected[number] < entry["count"]
            following = instances[int(entry["first"]) + injected[number]] if left else None
            offers = bool(left and free[number] and following["due"] <= cycle)
            takes = offers and rng.random() < 0.8
            assert ctx.get(unit.offer) == offers, cycle
            ctx.set(unit.take, takes)
            ctx.set(unit.retire, 0)
            if busy and rng.random() < 0.2:
                owner, back = busy.pop(rng.randrange(len(busy)))
                ctx.set(unit.retire, 1)
                ctx.set(unit.retired, back)
            else:
                owner = None
            if takes:
                lowest = min(free[number])
                seen = (ctx.get(unit.entry), ctx.get(unit.slot), ctx.get(unit.instance), ctx.get(unit.variant))
                assert seen == (entry["entry"], lowest, following["instance"], following["variant"])
                free[number].remove(lowest)
                busy.append((number, lowest))
                injected[number] += 1
            if owner is not None:
                free[owner].add(back)
            await ctx.tick()
        assert injected == [e["count"] for e in table]

    simulate(unit, bench)
