# SPDX-License-Identifier: Apache-2.0
import random

from octopus_hw.tbu.tbu_work import TbuWork
from octopus_sim.reference.work import WORTH
from tests.simulate import maybe, simulate


def test_work_is_the_sum_over_the_tokens() -> None:
    """It follows what comes and goes by one cycle, and 32 of the heaviest tokens fit."""
    rng = random.Random(1)
    dut, here = TbuWork(), list[int]()
    most = 0

    async def bench(ctx):
        nonlocal most
        for cycle in range(1500):
            assert ctx.get(dut.work) == sum(WORTH[weight] for weight in here)
            most = max(most, ctx.get(dut.work))
            fills = cycle // 250 % 2 == 0
            going = rng.choice(here) if here and maybe(rng, 0.2 if fills else 0.8) else None
            heavy = cycle < 500
            coming = (15 if heavy else rng.randrange(16)) if len(here) < 32 and maybe(rng, 0.7) else None
            ctx.set(dut.go, going is not None)
            ctx.set(dut.going, rng.randrange(16) if going is None else going)
            ctx.set(dut.come, coming is not None)
            ctx.set(dut.coming, rng.randrange(16) if coming is None else coming)
            if going is not None:
                here.remove(going)
            if coming is not None:
                here.append(coming)
            await ctx.tick()

    simulate(dut, bench)
    assert most == 32 * 384
