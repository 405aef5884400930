# SPDX-License-Identifier: Apache-2.0
import random
from collections import Counter

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.tbu.dispatcher import Dispatcher
from octopus_sim.reference import dispatcher as reference
from tests.simulate import maybe, one_hot, simulate


def a_situation(
    rng: random.Random, config: Config, stuck: float
) -> tuple[list[int], list[reference.Slot], list[reference.Pea]]:
    blocks = rng.sample(range(20), config.config_slots)
    states = ["empty", "resident", "resident", "resident"]
    slots = [reference.Slot(block, rng.choice(states), rng.choice([1, 2, 4])) for block in blocks]
    if maybe(rng, 0.3):
        rng.choice(slots).state = "loading"
    resident = [s for s, slot in enumerate(slots) if slot.state == "resident"]
    busy = rng.choice([rng.random(), 0.0])
    states = ["bound" if maybe(rng, busy) else "idle" for _ in range(config.peas)]
    contexts = rng.choice([[None, *resident], resident[:1] or [None]])
    peas = [reference.Pea(state, rng.choice(contexts)) for state in states]
    most = rng.choice([config.queue_depth, min(2, config.queue_depth), 1])
    favourite = [blocks[s] for s in resident[:1]]
    waiting = [rng.choice([*blocks, 30, *favourite * 5]) for _ in range(rng.randint(0, most))]
    if waiting and maybe(rng, stuck):
        waiting[0] = 30
    return waiting, slots, peas


def entries(rng: random.Random, config: Config, blocks: list[int], slots: list[reference.Slot]) -> list[dict[str, int]]:
    """The waiting list for these blocks; places are a permutation."""
    places = rng.sample(range(config.queue_depth), config.queue_depth)
    result = []
    for block, place in zip(blocks, places, strict=False):
        match = sum(one_hot(s) for s, slot in enumerate(slots) if (slot.block, slot.state) == (block, "resident"))
        result.append({"block": block, "place": place, "match": match, "valid": 1})
    return result + [{}] * (config.queue_depth - len(blocks))


@pytest.mark.parametrize("mode", [mode for mode in reference.MODES if not mode.prefetch], ids=str)
@pytest.mark.parametrize(
    "config", [Config(), Config(peas=1, queue_depth=1, config_slots=1), Config(peas=8, queue_depth=5)], ids=range(3)
)
def test_the_dispatcher_follows_its_twin(config: Config, mode: reference.Mode) -> None:
    rng = random.Random(f"{config.peas} {mode}")
    dut = Dispatcher(config)
    reached, teams = [], Counter[tuple[int, bool]]()

    async def bench(ctx):
        passed = 0
        ctx.set(dut.mode, vars(mode))
        for number in range(1200):
            blocks, slots, peas = a_situation(rng, config, (0.8, 0.1)[number // 300 % 2])
            waiting = entries(rng, config, blocks, slots)
            ctx.set(dut.entries, waiting)
            ctx.set(dut.idle, sum(one_hot(p) for p, pea in enumerate(peas) if pea.state == "idle"))
            ctx.set(dut.contexts, [one_hot(pea.context) for pea in peas])
            ctx.set(dut.in_two, sum(one_hot(s) for s, slot in enumerate(slots) if slot.parallel >= 2))
            ctx.set(dut.in_four, sum(one_hot(s) for s, slot in enumerate(slots) if slot.parallel >= 4))
            bound = reference.split(mode, passed, blocks, slots, peas)
            reached.append(passed)
            assert ctx.get(dut.impatient) == (passed == 7)
            if bound is None:
                assert not any(ctx.get(port) for port in (dut.remove, dut.bind, dut.join, dut.slot))
            else:
                q, helpers = bound.position, bound.helpers
                seen = [ctx.get(port) for port in (dut.remove, dut.bind, dut.slot, dut.switch, dut.place)]
                places = [one_hot(q), one_hot(bound.pea), one_hot(bound.slot), bound.switch, waiting[q]["place"]]
                assert seen == places
                assert ctx.get(dut.join) == sum(map(one_hot, (bound.pea, *helpers)))
                assert 1 << ctx.get(dut.team) == 1 + len(helpers)
                teams[1 + len(helpers), bound.switch] += 1
                passed = 0 if q == 0 else min(passed + 1, 7)
            await ctx.tick()

    simulate(dut, bench)
    if mode.adaptive and mode.affinity and config.queue_depth > 1:
        assert reached.count(7) > 5
    if mode.split and config.peas > 1:
        assert all(teams[k, switch] for k in (1, 2, 4) for switch in (False, True))


def test_the_oldest_resident_token_is_passed_over_seven_times() -> None:
    """Then it goes first, although a younger one's block is configured on the idle PEA."""
    config = Config(peas=1)
    dut = Dispatcher(config)

    async def bench(ctx):
        ctx.set(dut.mode, {"adaptive": 1, "affinity": 1})
        ctx.set(dut.idle, 1)
        ctx.set(dut.contexts, [1, 0, 0, 0][:1])
        waiting = [{"match": 2, "valid": 1}, {"match": 1, "valid": 1}]
        ctx.set(dut.entries, waiting + [{}] * 6)
        choices = []
        for _ in range(10):
            choices.append((ctx.get(dut.remove), ctx.get(dut.switch)))
            await ctx.tick()
        assert choices == 7 * [(2, 0)] + [(1, 1)] + 2 * [(2, 0)]

    simulate(dut, bench)
