# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.tbu.buffers import SALT, Buffers
from octopus_sim.reference.events import rotl
from tests.simulate import maybe, simulate


@pytest.mark.parametrize("words", [1, 8, 37])
def test_what_was_written_leaves_changed_by_the_token(words: int) -> None:
    config = Config(queue_depth=3, buffer_words=words)
    rng = random.Random(words)
    dut = Buffers(config)
    store = {(place, j): 0 for place in range(3) for j in range(words)}

    async def write(ctx, busy: int) -> None:
        """Write a word somewhere, but not where it is read."""
        place = (busy + rng.randint(1, 2)) % 3
        index, word = rng.randrange(words), rng.randrange(1 << 32)
        ctx.set(dut.place, place)
        ctx.set(dut.write.index, index)
        ctx.set(dut.write.data, word)
        ctx.set(dut.write.valid, valid := maybe(rng, 0.7))
        if valid:
            store[place, index] = word

    async def bench(ctx):
        for _ in range(60):
            place, token = rng.randrange(3), {"instance": rng.randrange(1 << 24), "round": rng.randrange(256)}
            token["index"] = rng.randrange(1 << 16)
            key = SALT ^ (token["instance"] | token["round"] << 24) ^ token["index"] << 16
            ctx.set(dut.token, token)
            ctx.set(dut.read.source, place)
            ctx.set(dut.read.index, 0)
            for _ in range(rng.randint(1, 3)):
                await write(ctx, place)
                await ctx.tick()
            for j in range(words):
                while True:
                    assert ctx.get(dut.read.data) == store[place, j] ^ rotl(key, j % 32), (place, j)
                    go_on = maybe(rng, 0.6)
                    ctx.set(dut.read.index, j + go_on)
                    await write(ctx, place)
                    await ctx.tick()
                    if go_on:
                        break

    simulate(dut, bench)
