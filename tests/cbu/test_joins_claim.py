# SPDX-License-Identifier: Apache-2.0
import random
from typing import Any

import pytest

from octopus_hw.cbu.joins import LaneClaim
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import LANES
from tests.simulate import simulate


@pytest.mark.parametrize("seed", range(3))
def test_a_child_gets_its_lane_or_its_spawn_waits(seed: int) -> None:
    rng = random.Random(seed)
    unit = LaneClaim(Config(home_records=4096))

    async def bench(ctx: Any) -> None:
        for _ in range(200):
            index = rng.randrange(100)
            record = {"total": rng.choice([index, index + 1, 100]), "busy": rng.getrandbits(LANES),
                      "missing": rng.getrandbits(16), "waiting": rng.getrandbits(1),
                      "spawn": rng.getrandbits(12), "index": rng.getrandbits(16), "value": rng.getrandbits(16),
                      "round": rng.getrandbits(8), "accumulator": rng.getrandbits(16)}  # fmt: skip
            spawn = rng.getrandbits(12)
            ctx.set(unit.record, record)
            ctx.set(unit.index, index)
            ctx.set(unit.spawn, spawn)
            busy = record["busy"] >> index % LANES & 1
            changes = {"waiting": 1, "spawn": spawn} if busy else {"busy": record["busy"] | 1 << index % LANES}
            assert ctx.get(unit.granted) == (not busy)
            assert ctx.get(unit.last) == (index + 1 == record["total"])
            after = ctx.get(unit.after)
            assert {name: after[name] for name in record} == record | changes
            await ctx.delay(1e-6)

    simulate(unit, bench, clocked=False)
