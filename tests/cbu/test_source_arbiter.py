# SPDX-License-Identifier: Apache-2.0
import random
from typing import Any

import pytest

from octopus_hw.cbu.source_arbiter import SourceArbiter
from tests.simulate import simulate


@pytest.mark.parametrize(("count", "first"), [(2, 0), (3, 1), (7, 0), (10, 2)])
def test_turn_is_a_round_robin(count: int, first: int) -> None:
    rng = random.Random(count)
    turn = SourceArbiter(count, first)

    async def bench(ctx: Any) -> None:
        pointer = first
        for _ in range(800):
            asks = [rng.random() < rng.choice([0.1, 0.5, 0.9]) for _ in range(count)]
            take = rng.random() < 0.8
            ctx.set(turn.early, sum(a << number for number, a in enumerate(asks[:-1])))
            ctx.set(turn.late, asks[-1])
            ctx.set(turn.take, take)
            granted = next((n % count for n in range(pointer, pointer + count) if asks[n % count]), None)
            if ctx.get(turn.takes_late):
                seen = count - 1
            else:
                seen = ctx.get(turn.likely) if ctx.get(turn.some) else None
            assert seen == granted
            if take and granted is not None:
                pointer = (granted + 1) % count
            await ctx.tick()

    simulate(turn, bench)
