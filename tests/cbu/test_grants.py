# SPDX-License-Identifier: Apache-2.0
import random
from typing import Any

import pytest

from octopus_hw.cbu.grants import Grants
from octopus_hw.cbu.home_work import HomeWork
from octopus_hw.contract.config import Config
from octopus_sim.reference import balancing
from octopus_sim.reference import work as reference
from octopus_sim.reference.work import WORTH
from tests.simulate import simulate


@pytest.mark.parametrize("busy", [0.1, 0.5, 0.9])
def test_grants_grow_old_and_stale(busy: float) -> None:
    rng = random.Random(busy)
    unit, twin = Grants(Config(tbus=6, queue_depth=32)), balancing.Grants()
    seen = {"full": 0, "stale": 0}

    async def bench(ctx: Any) -> None:
        for _ in range(1500):
            waiting, tick = len(twin.queue), rng.random() < 0.1
            push, take = waiting < 16 and rng.random() < busy, waiting > 0 and rng.random() < 0.4
            grant = {"tbu": rng.randrange(6), "place": rng.randrange(32), "partner": rng.randrange(16)}
            at = {"x": rng.randrange(128), "y": rng.randrange(128)}
            ctx.set(unit.i.valid, push)
            ctx.set(unit.i.payload, at | {"grant": grant})
            ctx.set(unit.o.ready, take)
            ctx.set(unit.tick, tick)
            assert (ctx.get(unit.o.valid), ctx.get(unit.late)) == (bool(waiting), twin.stale > 0)
            assert (ctx.get(unit.old), ctx.get(unit.stale)) == (twin.old, twin.stale)
            if waiting:
                head, oldest = ctx.get(unit.o.payload), twin.queue[0]
                assert (head.x, head.y) == (oldest["x"], oldest["y"])
                assert all(head.grant[name] == oldest[name] for name in grant)
            seen["full"] += waiting == 16
            seen["stale"] += twin.stale > 0
            if take:
                twin.take()
            if push:
                twin.pushed = at | grant
            twin.end_cycle(tick)
            await ctx.tick()

    simulate(unit, bench)
    assert seen["stale"]
    assert seen["full"] or busy < 0.5


@pytest.mark.parametrize("mode", [{}, {"balance": 1}, {"balance": 1, "announce": 1}, {"balance": 1, "static": 1}])
def test_work_counts_what_waits_and_what_is_announced(mode: dict[str, int]) -> None:
    rng = random.Random(len(mode))
    unit = HomeWork(Config(tbus=3))
    full = dict.fromkeys(("static", "balance", "announce"), 0) | mode
    twin = reference.HomeWork(full)

    async def bench(ctx: Any) -> None:
        ctx.set(unit.state.mode, full)
        twin.units = 0
        for _ in range(600):
            weight, ahead, children = rng.randrange(16), rng.randrange(16), rng.choice([0, 1, 5, 40])
            tbus = [rng.choice([0, 1, 500, 16383]) for _ in range(3)]
            joins, announces = rng.random() < 0.3, rng.random() < 0.02
            leaves = twin.units >= WORTH[weight] and rng.random() < 0.5 and not announces
            joins = joins and not announces
            for name, value in (("weight", weight), ("joins", joins), ("leaves", leaves), ("children", children),
                                ("ahead", ahead), ("announces", announces)):  # fmt: skip
                ctx.set(getattr(unit, name), value)
            for port, work in zip(unit.tbu_work, tbus, strict=True):
                ctx.set(port, work)
            assert ctx.get(unit.work) == twin.tile(tbus)
            if joins:
                twin.stall(weight)
            if leaves:
                twin.retry(weight)
            if announces:
                twin.announce(children, ahead)
            twin.end_cycle()
            await ctx.tick()

    simulate(unit, bench)


def test_work_at_home_is_counted_modulo_its_24_bits() -> None:
    unit = HomeWork(Config(tbus=1))

    async def bench(ctx: Any) -> None:
        ctx.set(unit.state.mode, {"balance": 1, "announce": 1})
        ctx.set(unit.announces, 1)
        ctx.set(unit.ahead, 15)
        for children, work in ((65535, 4095), (65535, 4095), (2, 0), (10, 3840), (1, 4095)):
            ctx.set(unit.children, children)
            await ctx.tick()
            assert ctx.get(unit.work) == work

    simulate(unit, bench)
