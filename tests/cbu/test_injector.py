# SPDX-License-Identifier: Apache-2.0
"""Instances, their slots and rows: beside a twin, and proofs."""

import random
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Array, Assert, Assume, Cover, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.cbu.injector import Injector
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import LAST_DUE
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.boot import pack_rows
from octopus_hw.image.image import row_type
from octopus_sim import formal
from tests.cbu.test_table import load, some_rows
from tests.simulate import simulate

#: Time words of the start: due cycles fall on both sides of a multiple of 2^24, or are the last there are.
STARTS = (0, (1 << 24) - 64, (1 << 31) - 64, LAST_DUE - 192)


class Twin:
    """Streams, with rows or without, and what each has (docs/timing.md#idle, docs/timing.md#rows)."""

    def __init__(self, table: Any, instances: Any, rng: random.Random) -> None:
        self.table, self.instances, self.rng = table, instances, rng
        self.free = [set(range(int(e["slot"]), int(e["slot"] + e["slots"]))) for e in table]
        self.injected = [0] * len(table)
        self.rows: dict[int, tuple[int, int]] = {}  # by stream: slot and words of the row that is there
        self.asked: tuple[int, int, int] | None = None  # stream, slot and instance of the ROW under way
        self.since = 0  # cycles that it is
        self.busy: list[tuple[int, int]] = []

    def offers(self, number: int, cycle: int) -> tuple[bool, bool]:
        """Whether the stream can inject, or ask for a row."""
        entry = self.table[number]
        if self.injected[number] == entry["count"]:
            return False, False
        is_due, free = self.next(number)["due"] <= cycle, bool(self.free[number])
        if not entry["rows"]:
            return bool(is_due and free), False
        there = number in self.rows
        return bool(is_due and there), not there and self.asked is None and free

    def next(self, number: int) -> Any:
        return self.instances[int(self.table[number]["first"]) + self.injected[number]]

    def inject(self, number: int) -> tuple[int, ...]:
        """Return what is injected: entry, slot, instance, variant, words."""
        following, (slot, words) = self.next(number), self.rows.pop(number, (None, 0))
        if slot is None:
            slot = min(self.free[number])
            self.free[number].remove(slot)
        self.injected[number] += 1
        self.busy.append((number, slot))
        return (int(self.table[number]["entry"]), slot, int(following["instance"]), int(following["variant"]), words)

    def reserve(self, number: int) -> tuple[int, int]:
        """Return what is asked for: slot, instance."""
        slot, instance = min(self.free[number]), int(self.next(number)["instance"])
        self.free[number].remove(slot)
        self.asked, self.since = (number, slot, instance), 0
        return slot, instance

    def one_back(self) -> tuple[int, int] | None:
        """Let an instance end, now and then: return its stream and slot."""
        ends = self.busy and self.rng.random() < 0.2
        return self.busy.pop(self.rng.randrange(len(self.busy))) if ends else None

    def row_comes(self) -> int | None:
        """Let the row come, now and then, that is under way for two cycles or more: return its words."""
        if self.asked is None or self.since < 2 or self.rng.random() < 0.8:
            return None
        return self.rng.randrange(100)


@pytest.mark.parametrize(("rows", "start"), [*((False, start) for start in STARTS), (True, 0)])
@pytest.mark.parametrize(("streams", "x", "y"), [(1, 0, 0), (2, 1, 0), (3, 2, 3), (4, 0, 5)])
def test_injects_in_turn_when_due_into_the_lowest_slot(rows: bool, streams: int, x: int, y: int, start: int) -> None:
    rng = random.Random(streams)
    config = Config(max_streams=4, max_instances=12, list_depth=64, link_latency=2)
    mask = max(1, (1 << (streams - 1).bit_length()) - 1)
    widths = layouts(config)
    table, row, slot = np.zeros(mask + 1, row_type(widths.stream_row)), 0, 0
    for number in range(streams):
        count, slots = rng.randint(1, 12), rng.randint(1, 12 // streams)
        table[number] = (row, count, rng.getrandbits(widths.flow), slot, slots, rows and number != 2)
        row, slot = row + count, slot + slots
    instances = some_rows(widths.list_row, row, rng)
    late = start and start + 32
    for entry in table:
        part = slice(int(entry["first"]), int(entry["first"] + entry["count"]))
        instances["due"][part] = late + np.cumsum([rng.choice([0, 1, 7, 30]) for _ in range(int(entry["count"]))])
    unit, twin = Injector(config), Twin(table, instances, rng)

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
        for cycle in range(begin, begin + (900 if rows else 500)):
            ctx.set(unit.state.cycle, cycle)
            await step(ctx, unit, twin, cycle & mask, cycle)
        assert twin.injected == [e["count"] for e in table]

    simulate(unit, bench)


async def step(ctx: Any, unit: Injector, twin: Twin, number: int, cycle: int) -> None:
    """Go through one cycle, in which the stream `number` has its turn."""
    offers, asks = twin.offers(number, cycle)
    assert (ctx.get(unit.offer), ctx.get(unit.asks)) == (offers, asks), cycle
    does = twin.rng.random() < 0.8
    back, words = twin.one_back(), twin.row_comes()
    for name, value in (("take", offers and does), ("reserve", asks and does), ("come", words is not None)):
        ctx.set(getattr(unit, name), value)
    ctx.set(unit.come_words, words or 0)
    # Now and then an instance ends with its result.
    for port, which in ((unit.retire, cycle % 3 > 0), (unit.left, cycle % 3 == 0)):
        ctx.set(port.valid, back is not None and which)
        ctx.set(port.slot, back[1] if back else 0)
    seen = tuple(ctx.get(getattr(unit, name)) for name in ("entry", "slot", "instance", "variant", "words"))
    if offers and does:
        assert seen == twin.inject(number), cycle
    asked = twin.reserve(number) if asks and does else None
    if asked:
        assert (seen[1], seen[2]) == asked, cycle
    if words is not None and twin.asked is not None:
        owner, slot, instance = twin.asked
        # In this bench the data of slot s begin at quad 5 s.
        assert (ctx.get(unit.asked), ctx.get(unit.row_at)) == (instance, 5 * slot), cycle
        twin.rows[owner], twin.asked = (slot, words), None
    if back:
        twin.free[back[0]].add(back[1])
    twin.since += 1
    await ctx.tick()
    ctx.set(unit.data, 5 * asked[0] if asked else twin.rng.getrandbits(6))


SMALL = Config(max_streams=2, max_instances=2, list_depth=4)
#: Four words are loaded, those of two streams; time begins in the cycle after the start.
LOADED = 4


class InjectorProperties(wiring.Component):
    """Two streams of any kind, whose slots may be the same: one ROW is under way; its slot is its instance's."""

    def __init__(self, *, careless: bool = False) -> None:
        self.careless = careless
        super().__init__(
            {"word": In(32), "take": In(1), "reserve": In(1), "come": In(1), "retire": In(1), "slot": In(1)}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = Injector(SMALL)
        past, turn = Signal(6), Signal()
        m.d.sync += past.eq(past + 1)
        word = unit.loads.word
        m.d.comb += [
            unit.state.streams.eq(1),
            unit.state.starts.eq(past == LOADED + 1),
            unit.state.running.eq(past > LOADED + 1),
            unit.state.cycle.eq(past - LOADED - 1),
            turn.eq(unit.state.cycle[0]),
            unit.loads.valid.eq(past < LOADED),
            word.memory.eq(LoadTarget.STREAM),
            word.address.eq(past),
            word.data.eq(self.word),
            Assume(past < 63),
        ]
        self._rows(m, unit, turn)
        return m

    def _rows(self, m: Module, unit: Injector, turn: Signal) -> None:
        """Keep the books of slots and rows; compare."""
        used, flying = Signal(2), Signal(2)
        busy, owner, there = Signal(), Signal(), Signal(2)
        reserved = [Signal(name=f"reserved_{stream}") for stream in range(2)]
        taken, gone = 1 << unit.slot, Mux(self.retire, 1 << self.slot, 0)[:2]
        has_row = there.bit_select(turn, 1)
        m.d.comb += [
            unit.take.eq(self.take),
            unit.reserve.eq(self.reserve),
            unit.come.eq(self.come),
            unit.retire.valid.eq(self.retire),
            unit.retire.slot.eq(self.slot),
            Assume(~self.take | unit.offer & unit.state.running),
            Assume(~self.reserve | unit.asks & unit.state.running),
            Assume(~self.come | busy | self.careless),
            Assume(~self.retire | flying.bit_select(self.slot, 1)),
            Assert(~(unit.offer & unit.asks)),
            Assert(~self.reserve | ~busy & ~has_row & ~used.bit_select(unit.slot, 1)),
            Assert(~(self.take & ~has_row) | ~used.bit_select(unit.slot, 1)),
            Assert(~(self.take & has_row) | (unit.slot == Array(reserved)[turn])),
            Cover(self.take & has_row & there.all()),
            Cover(self.take & ~has_row & (there != 0)),
            Cover(self.reserve & (there != 0)),
        ]
        with m.If(self.take):
            m.d.sync += [
                there.bit_select(turn, 1).eq(0),
                flying.eq(flying & ~gone | taken),
                used.eq(used & ~gone | taken),
            ]
        with m.Elif(self.reserve):
            m.d.sync += [busy.eq(1), owner.eq(turn), used.eq(used & ~gone | taken), flying.eq(flying & ~gone)]
            m.d.sync += Array(reserved)[turn].eq(unit.slot)
        with m.Else():
            m.d.sync += [used.eq(used & ~gone), flying.eq(flying & ~gone)]
        with m.If(self.come):
            m.d.sync += [busy.eq(0), there.bit_select(owner, 1).eq(1)]


@pytest.mark.formal
def test_one_row_is_under_way_and_keeps_its_slot() -> None:
    formal.bmc(InjectorProperties(), depth=16, registers=True)
    formal.cover(InjectorProperties(), depth=16, registers=True)


@pytest.mark.formal
def test_a_row_that_nobody_asked_for_is_caught() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(InjectorProperties(careless=True), depth=16, registers=True)
