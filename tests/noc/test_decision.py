# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from octopus_hw.noc.decision import Decision
from tests.simulate import simulate


@pytest.mark.parametrize("seed", range(4))
def test_decides_what_the_page_says(seed):
    rng, unit = random.Random(seed), Decision()
    (weight, shift), hysteresis = rng.choice([(1, 0), (1, 1), (2, 0), (3, 1)]), rng.choice([0, 1, 3])
    rate = (2 + weight % 2 << weight // 2) << shift
    seen = set()

    async def testbench(ctx):
        ctx.set(unit.balance, {"nominal": weight, "shift": shift, "hysteresis": hysteresis})
        for _ in range(3):
            await ctx.tick()
        allowance = 0
        for _ in range(400):
            # Small numbers, so that all that can be equal often is.
            best, pending, work = rng.randrange(16), rng.choice([0, 0, 3]), rng.randrange(8)
            ctx.set(unit.best, best)
            ctx.set(unit.pending, pending)
            ctx.set(unit.work, work)
            ctx.set(unit.decides, 1)
            await ctx.tick()
            ctx.set(unit.decides, 0)
            difference = best - pending - work
            allowance = min(allowance + difference, 2 * rate) if difference > hysteresis else 0
            wants = difference > hysteresis and allowance >= rate
            assert ctx.get(unit.wants) == wants
            seen.add((allowance - rate, difference - hysteresis))
            ends = rng.choice(["granted", "tick"]) if wants else "tick"
            ctx.set(unit.work, rng.randrange(8))
            for _ in range(rng.randrange(3)):
                await ctx.tick()
                assert ctx.get(unit.wants) == wants
            ctx.set(getattr(unit, ends), 1)
            await ctx.tick()
            ctx.set(getattr(unit, ends), 0)
            assert not ctx.get(unit.wants)
            allowance -= rate * (ends == "granted")
            for _ in range(4):
                await ctx.tick()

    simulate(unit, testbench)
    assert any(over == 0 and lead > 0 for over, lead in seen)
    assert any(lead == 1 for _, lead in seen) and any(lead == 0 for _, lead in seen)
