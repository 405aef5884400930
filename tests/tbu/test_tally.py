# SPDX-License-Identifier: Apache-2.0
"""The tally unit against the page, word by word and cycle by cycle (docs/timing.md#tally)."""

import random
from collections import deque

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.interfaces.rows import place_rows
from octopus_hw.tbu.tally import Tally
from tests.simulate import maybe, simulate
from tests.tbu.tally_twin import MASK, Result, Twin


class Bench:
    """A receiver, a sender, a draw unit and buffers, which are full of noise."""

    def __init__(self, rng: random.Random, config: Config) -> None:
        self.rng, self.config, self.w = rng, config, config.data_width // 32
        self.size = place_rows(config) * self.w
        self.memory = [[self.noise() for _ in range(self.size)] for _ in range(config.queue_depth)]
        self.free = list(range(config.queue_depth))
        self.unkeyed: deque[Result] = deque()
        self.twin = Twin(self.w)
        self.done: list[Result] = []
        self.written = 0

    def noise(self) -> int:
        return self.rng.randrange(1 << 32)

    def row(self, place: int, index: int) -> int:
        words = self.memory[place][index * self.w : (index + 1) * self.w]
        return sum(word << 32 * i for i, word in enumerate(words))

    def a_length(self) -> int:
        most, w = self.config.buffer_words, self.w
        near = [n for n in (0, 1, w - 1, w, w + 1, 2 * w, most - 1, most) if n <= most]
        return self.rng.choice([*near, self.rng.randint(0, most)])

    def a_result(self, now: int) -> Result:
        rng, place = self.rng, self.free.pop(self.rng.randrange(len(self.free)))
        words = self.a_length()
        size = rng.choice([0, words, self.a_length(), self.a_length()])
        result = Result(place, words, size, self.noise(), now)
        self.memory[place] = [self.noise() for _ in range(self.size)]
        result.define(self.memory[place])
        return result

    async def cycle(self, ctx, dut: Tally, now: int) -> None:
        rng, twin = self.rng, self.twin
        calm = now // 300 % 3
        reading, writing = maybe(rng, (0, 0.5, 0.9)[calm]), maybe(rng, (0, 0.5, 0.9)[calm])
        ctx.set(dut.reading, reading)
        ctx.set(dut.writing, writing)
        self.key(ctx, dut, now)
        accepted = self.a_result(now) if self.free and maybe(rng, 0.3) else None
        ctx.set(dut.accept, accepted is not None)
        if accepted:
            ctx.set(dut.at, accepted.place)
            ctx.set(dut.operands, accepted.words)
            ctx.set(dut.words, accepted.size)
        read, written = twin.step(now, reading, writing)
        place = twin.last[1].place if twin.last and twin.last[0] == now else twin.result and twin.result.place
        self.check_rows(ctx, dut, place, read, written)
        self.check_sum(ctx, dut, now)
        if accepted:
            twin.accept(accepted)
            if accepted.needs_key:
                self.unkeyed.append(accepted)
        seen = self.row(place, read) if read is not None else rng.getrandbits(32 * self.w)
        await ctx.tick()
        ctx.set(dut.read.data, seen)

    def key(self, ctx, dut: Tally, now: int) -> None:
        """Draw the next key, now and then."""
        drawn = bool(self.unkeyed) and self.unkeyed[0].accepted < now and maybe(self.rng, 0.2)
        ctx.set(dut.keyed, drawn)
        ctx.set(dut.key, self.noise())
        if drawn:
            result = self.unkeyed.popleft()
            result.keyed = now
            ctx.set(dut.key, result.key)

    def check_rows(self, ctx, dut: Tally, place: int | None, read: int | None, written: int | None) -> None:
        assert ctx.get(dut.read.reads) == (read is not None)
        if read is not None:
            assert (ctx.get(dut.read.source), ctx.get(dut.read.index)) == (place, read)
        assert ctx.get(dut.write.valid) == (written is not None)
        if written is not None:
            assert place is not None
            assert (ctx.get(dut.write.target), ctx.get(dut.write.index)) == (place, written)
            data = ctx.get(dut.write.data)
            for i in range(self.w):
                self.memory[place][written * self.w + i] = data >> 32 * i & MASK
            self.written += 1

    def check_sum(self, ctx, dut: Tally, now: int) -> None:
        """The last row is done in z, the sum visible in z + 2: so it is given in z + 1."""
        last = self.twin.last
        assert ctx.get(dut.done) == (last is not None and last[0] == now - 1)
        if last and last[0] == now - 1:
            result = last[1]
            assert (ctx.get(dut.place), ctx.get(dut.sum)) == (result.place, result.sum)
            assert self.memory[result.place][: result.size] == result.expected
            self.free.append(result.place)
            self.done.append(result)


@pytest.mark.parametrize(("operands", "words"), [(16383, 16383), (9, 16383), (16383, 16380)])
def test_the_longest_result(operands: int, words: int) -> None:
    """One row in a cycle, the first one, which is read, done in t + 3, where t is 1; the sum is given in z + 1."""
    config, rng = Config(data_width=128, queue_depth=2, buffer_words=16383), random.Random(words)
    dut, memory = Tally(config), [rng.getrandbits(32) for _ in range(16384)]
    result = Result(1, operands, words, rng.getrandbits(32), 0)
    result.define(memory)

    async def run(ctx):
        for name, value in (("accept", 1), ("at", 1), ("operands", operands), ("words", words), ("key", result.key)):
            ctx.set(getattr(dut, name), value)
        ctx.set(dut.keyed, result.needs_key)
        await ctx.tick()
        ctx.set(dut.accept, 0)
        ctx.set(dut.keyed, 0)
        for now in range(1, 4200):
            if ctx.get(dut.done):
                assert (now, ctx.get(dut.place), ctx.get(dut.sum)) == (1 + 3 + -(-words // 4), 1, result.sum)
                return
            read = ctx.get(dut.read.index) if ctx.get(dut.read.reads) else None
            await ctx.tick()
            row = memory[4 * read : 4 * read + 4] if read is not None else [0] * 4
            ctx.set(dut.read.data, sum(word << 32 * i for i, word in enumerate(row)))
        raise AssertionError("the sum did not come")

    simulate(dut, run)


@pytest.mark.parametrize("width", [32, 64, 128])
@pytest.mark.parametrize(("depth", "most"), [(1, 4), (3, 23), (8, 57)])
def test_the_tally_follows_its_twin(width: int, depth: int, most: int) -> None:
    config = Config(data_width=width, queue_depth=depth, buffer_words=most)
    dut, bench = Tally(config), Bench(random.Random(f"{width} {depth}"), config)

    async def run(ctx):
        for now in range(3600):
            await bench.cycle(ctx, dut, now)

    simulate(dut, run)
    done = bench.done
    assert len(done) > 60 and bench.written > 50
    assert any(r.size == 0 < r.words for r in done) and any(0 < r.size < r.words for r in done)
    assert any(r.words == 0 and r.size == most for r in done) and any(r.words == most == r.size for r in done)
    assert any(0 < r.words < r.size and r.words % bench.w for r in done) == (width > 32)
