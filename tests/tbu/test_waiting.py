# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.tbu.waiting import WaitingList
from tests.simulate import maybe, one_hot, simulate


@pytest.mark.parametrize("depth", [1, 2, 5, 8])
def test_the_list_follows_its_twin(depth: int) -> None:
    config = Config(queue_depth=depth, config_slots=3, max_blocks=16)
    rng = random.Random(depth)
    dut = WaitingList(config)
    waiting: list[dict[str, int]] = []
    slots: list[int | None] = [None] * 3  # the block that is resident

    async def bench(ctx):
        loading = None  # slot, block and the cycle in which it arrives
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
            change = {"evict": 0, "arrive": 0}
            if loading is None and maybe(rng, 0.5):
                slot = rng.randrange(3)
                slots[slot] = None
                change["evict"] = one_hot(slot)
                fresh = rng.choice([block for block in range(6) if block not in slots])
                loading = [slot, fresh, cycle + rng.randint(3, 9)]
            elif loading is not None:
                ctx.set(dut.change.block, loading[1])
                if cycle == loading[2]:
                    slots[loading[0]] = loading[1]
                    change["arrive"] = one_hot(loading[0])
                    loading = None
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
