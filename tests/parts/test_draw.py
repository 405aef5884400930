# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.parts.draw import Draw
from tests.simulate import simulate
from tests.tbu.samples import BLOCKS, Table, a_source, a_token, expected, key_cycle, key_of, result_cycle

CONFIG = Config(number_words=1024)


@pytest.mark.parametrize("fields", [1, 2])
@pytest.mark.parametrize("seed", [1, 2])
def test_draws_what_the_sources_say_when_the_table_says(seed: int, fields: int) -> None:
    rng = random.Random(seed)
    table = Table()
    drawn = [(a_source(rng), a_source(rng)) for _ in range(BLOCKS)]
    for block, pair in enumerate(drawn):
        for f, source in enumerate(pair):
            table.words[2 * block + f] = table.descriptor(source)
    chip_seed = rng.randrange(1 << 32)
    dut = Draw(CONFIG, fields)

    async def bench(ctx):
        ctx.set(dut.state.seed, chip_seed)
        for address, word in enumerate(table.words):
            ctx.set(dut.loads.word, {"memory": LoadTarget.NUMBER, "address": address, "data": word})
            ctx.set(dut.loads.valid, 1)
            await ctx.tick()
        ctx.set(dut.loads.word, {"memory": LoadTarget.FLOW, "address": 0, "data": 0})
        await ctx.tick()
        ctx.set(dut.loads.valid, 0)
        for _ in range(120):
            token = a_token(rng)
            for _ in range(rng.randrange(3)):
                assert ctx.get(dut.request.ready)
                await ctx.tick()
            ctx.set(dut.request.payload, token)
            ctx.set(dut.request.valid, 1)
            assert ctx.get(dut.request.ready)
            await ctx.tick()
            ctx.set(dut.request.valid, rng.randrange(2))
            ctx.set(dut.request.payload, a_token(rng))
            cycle = k = 1
            for f, source in enumerate(drawn[token["block"]][:fields]):
                r = result_cycle(source, k, 0, token["variant"] >> 12)
                while cycle < r:
                    assert not ctx.get(dut.valid) and not ctx.get(dut.request.ready), (source, k, r, cycle)
                    await ctx.tick()
                    cycle += 1
                result = expected(source, token, chip_seed, f)
                assert (ctx.get(dut.valid), ctx.get(dut.field), ctx.get(dut.result)) == (1, f, result), source
                assert not ctx.get(dut.request.ready) and not ctx.get(dut.keyed)
                ends = f == fields - 1 and not (fields == 2 and token["result"] > token["words"])
                if ends:
                    ctx.set(dut.request.valid, 0)
                await ctx.tick()
                cycle = k = r + 1
            if not ends:
                await a_key(ctx, dut, k, key_of(token, chip_seed))

    simulate(dut, bench)


async def a_key(ctx, dut: Draw, k: int, key: int) -> None:
    """Expect a key with the time of QUANTILES, the first possible cycle of which is k, and an idle unit."""
    for _ in range(k, key_cycle(k, 0)):
        assert not ctx.get(dut.valid) and not ctx.get(dut.keyed) and not ctx.get(dut.request.ready)
        await ctx.tick()
    assert (ctx.get(dut.valid), ctx.get(dut.keyed), ctx.get(dut.key)) == (0, 1, key)
    ctx.set(dut.request.valid, 0)
    await ctx.tick()


def test_other_field_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="fields: 3"):
        Draw(CONFIG, 3)
