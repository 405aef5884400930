# SPDX-License-Identifier: Apache-2.0
import math
import random
from collections import Counter

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.tbu.bank import Bank
from tests.simulate import maybe, one_hot, simulate


class Twin:
    """docs/timing.md#pea with absolute cycles."""

    def __init__(self, dead: bool) -> None:
        self.idle = not dead
        self.dead = dead
        self.context: int | None = None
        self.place = 0
        self.starts_from = self.ends = 0
        self.running = False
        self.team: list[Twin] = [self]
        self.helps = False

    def asks(self, now: int, drawn: int) -> bool:
        bound = not self.idle and not self.dead and not self.running and not self.helps
        return bound and now >= self.starts_from and bool(drawn >> self.place & 1)

    def done(self, now: int, valued: int) -> bool:
        return self.running and now >= self.ends and bool(valued >> self.place & 1)


@pytest.mark.parametrize(
    "config",
    [Config(), Config(peas=1, queue_depth=1, config_slots=1), Config(peas=7), Config(peas=7, switch_cycles=0)],
    ids=range(4),
)
def test_the_bank_follows_its_twin(config: Config) -> None:
    rng = random.Random(config.peas)
    dut = Bank(config)
    dead = 0b0110 if config.peas > 2 else 0
    peas = [Twin(bool(dead >> p & 1)) for p in range(config.peas)]
    places, slots = range(config.queue_depth), range(config.config_slots)
    cycles = [rng.choice([0, 1, 2, 7, 9, 14, 16, 30, 31, 32, 33]) for _ in places]
    finished = Counter[int]()

    def turn(ctx, port, asking: list[int]) -> int | None:
        first = asking[0] if asking else None
        assert ctx.get(port.valid) == (first is not None)
        if first is not None:
            assert (ctx.get(port.pea), ctx.get(port.place)) == (first, peas[first].place)
        return first

    async def bench(ctx):
        drawn = valued = 0
        ctx.set(dut.dead, dead)
        await ctx.tick()
        for now in range(2500):
            ctx.set(dut.drawn, drawn)
            ctx.set(dut.valued, valued)
            idle = [p for p, pea in enumerate(peas) if pea.idle]
            busy = [pea for pea in peas if not pea.idle and not pea.dead]
            assert ctx.get(dut.idle) == sum(map(one_hot, idle))
            contexts = ctx.get(dut.contexts)
            assert all(int(contexts[p]) == one_hot(peas[p].context) for p in idle)
            used = {pea.context for pea in busy} - {None}
            assert ctx.get(dut.used) == sum(map(one_hot, used))
            start = turn(ctx, dut.start, [p for p, pea in enumerate(peas) if pea.asks(now, drawn)])
            ctx.set(dut.cycles, cycles[peas[start].place] if start is not None else rng.randrange(1 << 16))
            finish = turn(ctx, dut.finish, [p for p, pea in enumerate(peas) if pea.done(now, valued)])
            free = [place for place in places if place not in {pea.place for pea in busy if not pea.helps}]
            eager = 0.6 if finish is not None else (0.3, 0.03)[now // 250 % 2]
            bind = rng.choice(idle) if idle and free and maybe(rng, eager) else None
            slot, switch = rng.choice(slots), maybe(rng, 0.5)
            place = rng.choice(free) if free else 0
            others = [p for p in idle if p != bind]
            k = rng.choice([k for k in (1, 2, 4, 4, 4) if k <= len(others) + 1]) if bind is not None else 1
            helpers = rng.sample(others, k - 1)
            ctx.set(dut.team, k >> 1)
            ctx.set(dut.join, one_hot(bind) | sum(map(one_hot, helpers)))
            evict = rng.choice([None, *(s for s in slots if s not in used and s != slot)])
            ctx.set(dut.bind, one_hot(bind))
            ctx.set(dut.place, place)
            ctx.set(dut.slot, 0 if bind is None else one_hot(slot))
            ctx.set(dut.switch, switch)
            ctx.set(dut.evict, one_hot(evict))
            await ctx.tick()
            if start is not None:
                drawn_cycles, size = max(1, cycles[peas[start].place]), len(peas[start].team)
                span = drawn_cycles if size == 1 else math.ceil((drawn_cycles + drawn_cycles // 8) / size)
                peas[start].running, peas[start].ends = True, now + span
            if finish is not None:
                for pea in peas[finish].team:
                    pea.running, pea.idle, pea.helps = False, True, False
                finished[len(peas[finish].team)] += 1
            for pea in peas:
                pea.context = None if evict is not None and pea.context == evict else pea.context
            if bind is not None:
                pea = peas[bind]
                pea.team = [peas[p] for p in (bind, *helpers)]
                for helper in pea.team:
                    helper.idle, helper.context, helper.helps = False, slot, helper is not pea
                pea.place = place
                pea.starts_from = now + 1 + (config.switch_cycles if switch else 0)
                drawn, valued = drawn & ~one_hot(place), valued & ~one_hot(place)
            drawn |= sum(one_hot(p) for p in places if maybe(rng, 0.1))
            valued |= sum(one_hot(p) for p in places if maybe(rng, 0.1)) & drawn

    simulate(dut, bench)
    assert all(finished[k] > 5 for k in (1, 2, 4) if k <= config.peas - dead.bit_count())
