# SPDX-License-Identifier: Apache-2.0
import random
from typing import Any

import pytest
from amaranth.hdl import Const

from octopus_hw.cbu.home_addresses import HomeAddresses, offset_in_area
from octopus_hw.cbu.joins import Arrival, JoinTable
from octopus_hw.contract.codes import Kind
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from tests.simulate import simulate

CONFIG = Config(home_records=4096, join_records=2048)


def body(rng: random.Random, index: int) -> dict[str, int]:
    return {"index": index, "value": rng.choice([0, 1, 40000, rng.getrandbits(16)]), "round": rng.getrandbits(8)}


@pytest.mark.parametrize("mode", range(4))
@pytest.mark.parametrize("total", [1, 2, 5])
def test_a_join_of_all_fires_with_the_last_of_its_flows(mode: int, total: int) -> None:
    rng = random.Random(mode)
    unit = Arrival(Config())

    async def bench(ctx: Any) -> None:
        record: Any = ctx.get(unit.record)
        for _ in range(20):
            index, first = rng.getrandbits(16), rng.randrange(total)
            tokens = [body(rng, index) for _ in range(total)]
            for number, token in enumerate(tokens):
                ctx.set(unit.record, record)
                ctx.set(unit.row, {"all": 1, "first": int(number == first), "mode": mode, "count": total})
                ctx.set(unit.body, token)
                assert ctx.get(unit.fires) == (number == total - 1)
                assert not ctx.get(unit.wakes)
                record = ctx.get(unit.after)
                if number < total - 1:
                    await ctx.delay(1e-6)
            values = [token["value"] for token in tokens]
            value = [values[first], min(sum(values), 65535), max(values), total][mode]
            emitted = (index, max(token["round"] for token in tokens), value)
            assert (ctx.get(unit.index), ctx.get(unit.round), ctx.get(unit.value)) == emitted
            await ctx.delay(1e-6)

    simulate(unit, bench, clocked=False)


@pytest.mark.parametrize("mode", range(4))
def test_a_join_of_a_spawn_frees_lanes_and_wakes_the_spawn(mode: int) -> None:
    rng = random.Random(mode)
    unit = Arrival(Config())

    async def bench(ctx: Any) -> None:
        for _ in range(15):
            total = rng.choice([1, 3, 32, 40])
            index, value, round_ = rng.getrandbits(16), rng.getrandbits(16), rng.getrandbits(8)
            busy, waiting = 0, 0
            started = {"total": total, "missing": total, "some": 1, "one": total == 1}
            started |= {"index": index, "value": value, "round": round_, "spawn": 77}
            ctx.set(unit.record, started)
            record = ctx.get(unit.record)
            children = list(range(total))
            flying: list[int] = []
            values, rounds = [], [round_]
            while children or flying:
                while children and not busy >> children[0] % 32 & 1 and rng.random() < 0.7:
                    busy |= 1 << children[0] % 32
                    flying.append(children.pop(0))
                if children and busy >> children[0] % 32 & 1:
                    waiting = 1
                if not flying:
                    continue
                child = flying.pop(rng.randrange(len(flying)))
                token = body(rng, child)
                values.append(token["value"])
                rounds.append(token["round"])
                ctx.set(unit.record, record)
                ctx.set(unit.record.busy, busy)
                ctx.set(unit.record.waiting, waiting)
                ctx.set(unit.row, {"mode": mode})
                ctx.set(unit.body, token)
                assert ctx.get(unit.wakes) == waiting
                assert ctx.get(unit.fires) == (not children and not flying)
                record = ctx.get(unit.after)
                busy, waiting = busy & ~(1 << child % 32), 0
                assert (record.busy, record.waiting, record.spawn) == (busy, 0, 77)
                await ctx.delay(1e-6)
            expected = [value, min(sum(values), 65535), max(values), total][mode]
            ctx.set(unit.record, started)
            assert (record.index, record.round, record.missing) == (index, max(rounds), 0)
            assert (record.accumulator if mode else record.value) == expected

    simulate(unit, bench, clocked=False)


def test_join_table_shows_a_record_in_the_next_cycle() -> None:
    table = JoinTable(Config(join_records=8))

    async def bench(ctx: Any) -> None:
        for address in range(8):
            ctx.set(table.write, 1)
            ctx.set(table.write_address, address)
            ctx.set(table.write_data, {"total": address + 100})
            await ctx.tick()
        ctx.set(table.write, 0)
        ctx.set(table.address, 7)
        await ctx.tick()
        for before, address in ((7, 3), (3, 5), (5, 0)):
            ctx.set(table.address, address)
            assert ctx.get(table.record.total) == before + 100
            await ctx.tick()
            assert ctx.get(table.record.total) == address + 100

    simulate(table, bench)


def test_locate() -> None:
    rng = random.Random(1)
    unit, widths = HomeAddresses(CONFIG), layouts(CONFIG)

    async def bench(ctx: Any) -> None:
        for _ in range(200):
            row = {name: rng.getrandbits(span.width) for name, span in widths.flow_row.spans.items()}
            row["kind"] = rng.randrange(6)
            slot = {name: rng.getrandbits(span.width) for name, span in widths.slot_row.spans.items()}
            index = rng.getrandbits(16)
            ctx.set(unit.row, row)
            ctx.set(unit.slot, slot)
            ctx.set(unit.lane, index % 32)
            lane = index % 32 if row["laned"] else 0
            join_lane = lane if row["kind"] == Kind.JOIN else 0
            assert ctx.get(unit.record) == (slot["record"] + row["record"] + lane) % 4096
            assert ctx.get(unit.join) == (slot["join"] + row["join"] + join_lane) % 2048
            assert ctx.get(unit.area) == (slot["data"] + row["area"]) % 2**14
            m = (lane if row["laned"] else index) * row["stride"]
            assert ctx.get(offset_in_area(unit.row, Const(index, 16))) == m % 2**14
            await ctx.delay(1e-6)

    simulate(unit, bench, clocked=False)


def test_slot_rows_are_as_wide_as_a_record_number() -> None:
    spans = layouts(CONFIG).slot_row.spans
    assert (spans["record"].width, spans["join"].width, spans["data"].width) == (12, 11, 14)
