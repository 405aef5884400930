# SPDX-License-Identifier: Apache-2.0
import random
from typing import Any

import pytest

from octopus_hw.cbu.free_places import FreePlaces
from octopus_hw.cbu.tbu_select import TbuSelect
from octopus_hw.contract.codes import Pool
from octopus_hw.contract.config import Config
from octopus_sim.reference.routing import pick
from tests.simulate import simulate


@pytest.mark.parametrize(("tbus", "depth", "peas", "dead"), [(2, 3, 2, 0x300), (1, 1, 1, 0), (4, 8, 4, 0xF0010F07)])
def test_free_places_follow_sets(tbus: int, depth: int, peas: int, dead: int) -> None:
    rng = random.Random(tbus)
    unit = FreePlaces(Config(tbus=tbus, queue_depth=depth, peas=peas))
    full = (1 << peas) - 1
    free = [set() if dead >> 8 * tbu & full == full else set(range(depth)) for tbu in range(tbus)]
    used: list[set[int]] = [set() for _ in range(tbus)]

    def leave(tbu: int) -> int | None:
        """A place that may be freed now."""
        return used[tbu].pop() if used[tbu] and rng.random() < 0.3 else None

    async def bench(ctx: Any) -> None:
        ctx.set(unit.state.dead, dead)
        await ctx.tick()
        ctx.set(unit.state.running, 1)
        for _ in range(400):
            for tbu in range(tbus):
                assert ctx.get(unit.load[tbu]) == depth - len(free[tbu])
                assert ctx.get(unit.available[tbu]) == bool(free[tbu])
                assert ctx.get(unit.lowest[tbu]) == min(free[tbu], default=0)
                assert ctx.get(unit.live[tbu]) == sum(not dead >> 8 * tbu + pea & 1 for pea in range(peas))
            released = [leave(tbu) for tbu in range(tbus)]
            for port, place in zip(unit.release, released, strict=True):
                ctx.set(port.valid, place is not None)
                ctx.set(port.place, place or 0)
            giver = rng.randrange(tbus)
            given = leave(giver)
            ctx.set(unit.give, given is not None)
            ctx.set(unit.give_tbu, giver)
            ctx.set(unit.give_place, given or 0)
            taker = rng.randrange(tbus)
            takes = bool(free[taker]) and rng.random() < 0.6
            grants = not takes and any(free) and rng.random() < 0.3
            ctx.set(unit.take, takes)
            ctx.set(unit.tbu, taker)
            ctx.set(unit.grant, grants)
            if grants:
                taker = max(range(tbus), key=lambda tbu: (len(free[tbu]), -tbu))
                assert (ctx.get(unit.least), ctx.get(unit.least_place)) == (taker, min(free[taker]))
            freed = [(tbu, place) for tbu, place in [*enumerate(released), (giver, given)] if place is not None]
            assert ctx.get(unit.released) == len(freed) - (given is not None)
            if takes or grants:
                place = min(free[taker])
                free[taker].remove(place)
                used[taker].add(place)
            for tbu, place in freed:
                free[tbu].add(place)
            await ctx.tick()

    simulate(unit, bench)


@pytest.mark.parametrize("pool", Pool)
@pytest.mark.parametrize("tbus", [1, 2, 3, 4, 6])
def test_choose_follows_the_pool(tbus: int, pool: Pool) -> None:
    rng = random.Random(tbus)
    depth, peas = 5, 3
    unit = TbuSelect(Config(tbus=tbus, queue_depth=depth, peas=peas))

    async def bench(ctx: Any) -> None:
        ctx.set(unit.pool, pool)
        for _ in range(400):
            own, inherit, pinned_tbu = rng.randrange(-1, tbus), rng.random() < 0.5, rng.randrange(tbus)
            load = [rng.randint(1 if tbu == own else 0, depth) for tbu in range(tbus)]
            live = [rng.randint(0, peas) for _ in range(tbus)]
            available = [count < depth and rng.random() < 0.8 for count in load]
            for tbu in range(tbus):
                ctx.set(unit.load[tbu], load[tbu])
                ctx.set(unit.live[tbu], live[tbu])
            ctx.set(unit.available, sum(a << tbu for tbu, a in enumerate(available)))
            ctx.set(unit.own, 1 << own if own >= 0 else 0)
            ctx.set(unit.inherit, inherit)
            ctx.set(unit.pinned_tbu, pinned_tbu)
            less = {own} if inherit else set()
            loads = {tbu: load[tbu] - (tbu in less) for tbu in range(tbus) if available[tbu] or tbu in less}
            tbu, gap = pick(pool, pinned_tbu, loads, live, own)
            assert (ctx.get(unit.found), ctx.get(unit.gap)) == (tbu is not None, gap)
            if tbu is not None:
                assert ctx.get(unit.tbu) == tbu
            await ctx.delay(1e-6)

    simulate(unit, bench, clocked=False)
