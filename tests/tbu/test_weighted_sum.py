# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from octopus_hw.tbu.weighted_sum import WeightedSum
from tests.simulate import maybe, simulate


@pytest.mark.parametrize("width", [1, 2, 4])
def test_each_word_counts_as_often_as_there_are_words_from_it_on(width: int) -> None:
    rng, dut = random.Random(width), WeightedSum(width)

    async def bench(ctx):
        for _ in range(120):
            words = [rng.choice([0, 0xFFFFFFFF, rng.randrange(1 << 32)]) for _ in range(rng.randint(1, 21))]
            lack = -len(words) % width
            rows = [words[i : i + width] for i in range(0, len(words), width)]
            rows[-1] = rows[-1] + [0] * lack
            for number, row in enumerate(rows):
                last = number == len(rows) - 1
                ctx.set(dut.add, 1)
                ctx.set(dut.row, row)
                ctx.set(dut.last, last)
                await ctx.tick()
                ctx.set(dut.add, 0)
                ctx.set(dut.row, [rng.randrange(1 << 32) for _ in range(width)])
                ctx.set(dut.last, maybe(rng, 0.5))
                ctx.set(dut.lack, lack)
                assert ctx.get(dut.done) == last
                if not last and maybe(rng, 0.3):
                    await ctx.tick()
            expected = sum((len(words) - j) * word for j, word in enumerate(words))
            assert ctx.get(dut.total) == expected & 0xFFFFFFFF
            if maybe(rng, 0.5):
                await ctx.tick()

    simulate(dut, bench)
