# SPDX-License-Identifier: Apache-2.0
import random
from collections import deque
from typing import Any

import pytest

from octopus_hw.cbu.holders import Budget
from octopus_hw.contract.config import Config
from octopus_hw.parts.deep_queue import DeepQueue
from tests.simulate import simulate


@pytest.mark.parametrize("depth", [2, 3, 4, 7, 33])
def test_deep_queue_follows_a_deque(depth: int) -> None:
    rng = random.Random(depth)
    queue = DeepQueue(12, depth)
    twin: deque[int] = deque()

    async def bench(ctx: Any) -> None:
        for step in range(600):
            # Long phases in which it fills, empties, and stays near empty.
            push, take = rng.random() < (0.9, 0.3, 0.5)[step // 40 % 3], rng.random() < (0.3, 0.9, 0.7)[step // 40 % 3]
            item = rng.getrandbits(12)
            ctx.set(queue.i.valid, push)
            ctx.set(queue.i.payload, item)
            ctx.set(queue.o.ready, take)
            assert ctx.get(queue.level) == len(twin)
            assert ctx.get(queue.i.ready) == (len(twin) < depth)
            assert ctx.get(queue.o.valid) == bool(twin)
            if twin:
                assert ctx.get(queue.o.payload) == twin[0]
            room = len(twin) < depth
            if take and twin:
                twin.popleft()
            if push and room:
                twin.append(item)
            await ctx.tick()

    simulate(queue, bench)


def test_deep_queue_needs_two_items() -> None:
    with pytest.raises(ValueError, match="depth: 1"):
        DeepQueue(1, 1)


@pytest.mark.parametrize("static", [False, True])
def test_budget(static: bool) -> None:
    config = Config(tbus=2, retry_period=8)
    rng = random.Random(static)
    budget = Budget(config)

    async def bench(ctx: Any) -> None:
        twin = 0
        ctx.set(budget.static, static)
        for cycle in range(1, 1500):
            assert ctx.get(budget.some) == (twin > 0)
            waiting, freed = rng.choice([0, 1, 5]), rng.randrange(3) if cycle % 400 > 100 else 0
            spend = twin > 0 and rng.random() < (0.1 if cycle % 400 < 300 else 0.9)
            another = not spend and rng.random() < 0.5
            for port, value in ((budget.cycle, cycle), (budget.waiting, waiting), (budget.freed, freed),
                                (budget.another, another), (budget.spend, spend)):  # fmt: skip
                ctx.set(port, value)
            if not static:
                twin = min(255, twin + freed + another)
            elif cycle % 8 == 0:
                twin = min(waiting, 2)
            # A holder that is taken was waiting, so a new budget covers it.
            if spend and twin == 0:
                ctx.set(budget.waiting, 1)
                twin = 1
            twin -= spend
            await ctx.tick()

    simulate(budget, bench)


def test_a_budget_is_255_at_most() -> None:
    budget = Budget(Config(tbus=2))

    async def bench(ctx: Any) -> None:
        ctx.set(budget.freed, 2)
        await ctx.tick().repeat(150)
        ctx.set(budget.freed, 0)
        ctx.set(budget.spend, 1)
        spent = 0
        while ctx.get(budget.some):
            spent += 1
            await ctx.tick()
        assert spent == 255

    simulate(budget, bench)
