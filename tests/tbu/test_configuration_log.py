# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CHUNK
from octopus_hw.tbu.configuration_log import ConfigurationLog
from tests.simulate import simulate


@pytest.mark.parametrize("width", [32, 64, 128])
def test_the_sum_of_every_configuration_is_told_when_its_last_flit_is_taken(width, capsys):
    """Chunk after chunk, with gaps; one has no words; the next begins at once."""
    rng, per, device = random.Random(width), width // 32, ConfigurationLog(Config(data_width=width))
    expected = []

    async def testbench(ctx):
        ctx.set(device.state.x, 1)
        ctx.set(device.state.y, 2)
        ctx.set(device.number, 3)
        cycle = 0
        for block, length in enumerate((1, 0, CHUNK, 3 * CHUNK + 5, 2 * CHUNK)):
            words = [rng.getrandbits(32) for _ in range(length)]
            padded = [*words, *[0] * (-length % per)]
            rows = [padded[at : at + per] for at in range(0, len(padded), per)] or [None]
            for number, row in enumerate(rows):
                chunk, index = divmod(number * per, CHUNK)
                last = number == len(rows) - 1
                for takes in [*[False] * rng.choice([0, 0, 2]), True]:
                    ctx.set(device.state.cycle, cycle)
                    ctx.set(device.valid, takes and row is not None)
                    ctx.set(device.chunk, chunk)
                    ctx.set(device.index, index // per)
                    ctx.set(device.row, sum(word << 32 * at for at, word in enumerate(row or [])))
                    ctx.set(device.block, block)
                    ctx.set(device.loaded, takes and last)
                    if takes and last:
                        total = sum((at + 1) * word for at, word in enumerate(words)) % (1 << 32)
                        expected.append(f"LOADED {cycle} 1 2 3 {block} {total}")
                    await ctx.tick()
                    cycle += 1

    simulate(device, testbench)
    assert capsys.readouterr().out.splitlines() == expected
