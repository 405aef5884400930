# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from octopus_hw.config import Config
from octopus_hw.tbu.waiting import WaitingList
from tests.tbu.harness import maybe, one_hot, simulate


@pytest.mark.parametrize("depth", [1, 2, 5, 8])
def test_the_list_follows_its_twin(depth: int) -> None:
    config = Config(queue_depth=depth, config_slots=3, max_blocks=16)
    rng = random.Random(depth)
    dut = WaitingList(config)
    waiting: list[dict[str, int]] = []
    slots: list[int | None] = [None] * 3  # the block that is resident

    async def bench(ctx):
        nonlocal waiting
        for cycle in range(600):
            expect = [entry | {"match": sum(one_hot(s) for s, b in enumerate(slots) if b == entry["block"])}
                      for entry in waiting]  # fmt: skip
            expect += [{"block": 0, "place": 0, "match": 0, "valid": 0}] * (depth - len(waiting))
            seen = ctx.get(dut.entries)
            assert [{name: seen[i][name] for name in expect[i]} for i in range(depth)] == expect, cycle
            crowd = (0.3, 0.7)[cycle // 50 % 2]
            remove = rng.randrange(len(waiting)) if waiting and maybe(rng, 0.5) else None
            push = None
            if len(waiting) < depth and maybe(rng, crowd):
                taken = [entry["place"] for entry in waiting]
                place = rng.choice([p for p in range(depth) if p not in taken])
                push = {"block": rng.randrange(6), "place": place, "valid": 1}
            slot, block, evict = rng.randrange(3), rng.randrange(6), maybe(rng, 0.5)
            change = {"evict": 0, "arrive": 0, "block": rng.randrange(16)}
            if evict and maybe(rng, 0.4):
                slots[slot] = None
                change["evict"] = one_hot(slot)
            elif not evict and slots[slot] is None and block not in slots:
                slots[slot] = block
                change |= {"arrive": one_hot(slot), "block": block}
            for name, value in change.items():
                ctx.set(getattr(dut.change, name), value)
            ctx.set(dut.remove, one_hot(remove))
            match = one_hot(slots.index(push["block"])) if push and push["block"] in slots else 0
            ctx.set(dut.push, push | {"match": match} if push else {"place": rng.randrange(depth)})
            if remove is not None:
                waiting.pop(remove)
            if push:
                waiting.append(push)
            await ctx.tick()

    simulate(dut, bench)
