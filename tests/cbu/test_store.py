# SPDX-License-Identifier: Apache-2.0
import random
from typing import Any

import pytest

from octopus_hw.cbu.store import Store
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from tests.simulate import simulate

WORDS = 44


@pytest.mark.parametrize("width", [32, 128])
def test_the_largest_store_has_all_its_words(width: int) -> None:
    dut, per = Store(Config(data_width=width, store_words=1 << 18)), width // 32
    words = {address: address * 0x9E3779B1 % 2**32 for bit in range(18) for address in ((1 << bit) - 1, 1 << bit)}
    words[(1 << 18) - 1] = 0x12345678

    async def bench(ctx: Any) -> None:
        ctx.set(dut.loads.valid, 1)
        for address, word in words.items():
            ctx.set(dut.loads.word, {"memory": int(LoadTarget.STORE), "address": address, "data": word})
            await ctx.tick()
        ctx.set(dut.loads.valid, 0)
        for address, word in words.items():
            ctx.set(dut.reads.source, address // 4)
            ctx.set(dut.reads.index, address % 4 // per)
            await ctx.tick()
            assert ctx.get(dut.reads.data) >> address % per * 32 & 0xFFFFFFFF == word

    simulate(dut, bench)


@pytest.mark.parametrize("width", [32, 64, 128])
def test_loads_write_words_and_receivers_rows(width: int) -> None:
    rng, per = random.Random(width), width // 32
    dut = Store(Config(data_width=width, store_words=WORDS))
    store = [rng.getrandbits(32) for _ in range(WORDS)]

    async def load(ctx: Any, memory: LoadTarget, address: int, word: int) -> None:
        ctx.set(dut.loads.word, {"memory": int(memory), "address": address, "data": word})
        ctx.set(dut.loads.valid, 1)
        await ctx.tick()
        ctx.set(dut.loads.valid, 0)

    async def bench(ctx: Any) -> None:
        for address in rng.sample(range(WORDS), WORDS):
            await load(ctx, LoadTarget.STORE, address, store[address])
            await load(ctx, LoadTarget.LIBRARY, address, rng.getrandbits(32))
        for _ in range(200):
            quad, index = rng.randrange(WORDS // 4), rng.randrange(4 // per)
            first = 4 * quad + per * index
            row = sum(word << 32 * j for j, word in enumerate(store[first : first + per]))
            ctx.set(dut.reads.source, quad)
            ctx.set(dut.reads.index, index)
            await ctx.tick()
            assert ctx.get(dut.reads.data) == row
            store[first : first + per] = [rng.getrandbits(32) for _ in range(per)]
            ctx.set(dut.writes.target, quad)
            ctx.set(dut.writes.index, index)
            ctx.set(dut.writes.data, sum(word << 32 * j for j, word in enumerate(store[first : first + per])))
            ctx.set(dut.writes.valid, 1)
            await ctx.tick()
            ctx.set(dut.writes.valid, 0)

    simulate(dut, bench)
