# SPDX-License-Identifier: Apache-2.0
import random
from dataclasses import replace

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.tbu.slots import Slots
from octopus_sim.reference import dispatcher as reference
from tests.simulate import maybe, one_hot, simulate
from tests.tbu.test_dispatcher import entries


@pytest.mark.parametrize("mode", [mode for mode in reference.MODES if mode.affinity and not mode.split], ids=str)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_slots_follow_their_twin(count: int, mode: reference.Mode) -> None:
    config = Config(config_slots=count, queue_depth=4, peas=3, max_blocks=32)
    rng = random.Random(f"{count} {mode}")
    dut = Slots(config)
    slots, loads = [reference.Slot() for _ in range(count)], 0

    async def bench(ctx):
        nonlocal loads
        after = asked = 0
        ctx.set(dut.mode, vars(mode))
        for cycle in range(1500):
            blocks = [rng.randrange(count + 3) for _ in range(rng.randint(0, 4))]
            peas = [
                reference.Pea(rng.choice(["idle", "bound", "helping"]), rng.choice([None, *range(count)]))
                for _ in range(3)
            ]
            bound = rng.choice([None, *(s for s, slot in enumerate(slots) if slot.state == "resident")])
            passed = rng.choice([0, 6, 7])
            under_way = any(slot.state == "loading" for slot in slots)
            arrived = under_way and cycle >= asked + 3 and maybe(rng, 0.5)
            lookup = rng.randrange(count + 3)
            ctx.set(dut.entries, entries(rng, config, blocks, slots))
            ctx.set(dut.bound, one_hot(bound))
            used = 0
            for pea in peas:
                used |= one_hot(pea.context) if pea.state != "idle" else 0
            ctx.set(dut.used, used)
            ctx.set(dut.some_idle, any(pea.state == "idle" for pea in peas))
            ctx.set(dut.impatient, passed == 7)
            ctx.set(dut.arrived, arrived)
            ctx.set(dut.parallel, parallel := rng.randrange(3))
            ctx.set(dut.lookup, lookup)
            resident = sum(one_hot(s) for s, slot in enumerate(slots) if slot.state == "resident")
            assert ctx.get(dut.resident) == resident
            for port, least in ((dut.in_two, 2), (dut.in_four, 4)):
                wide = [s for s, slot in enumerate(slots) if slot.parallel >= least]
                assert ctx.get(port) & resident == sum(map(one_hot, wide)) & resident
            assert ctx.get(dut.loading) == any(slot.state == "loading" for slot in slots)
            loaded = reference.load(mode, passed, blocks, slots, peas, after, bound)
            assert ctx.get(dut.load) == (loaded is not None)
            assert ctx.get(dut.change.evict) == (one_hot(loaded[0]) if loaded else 0)
            arriving = [s for s, slot in enumerate(slots) if arrived and slot.state == "loading"]
            assert ctx.get(dut.change.arrive) == sum(map(one_hot, arriving))
            if arriving:
                assert ctx.get(dut.change.block) == slots[arriving[0]].block
                slots[arriving[0]] = replace(slots[arriving[0]], state="resident", parallel=1 << parallel)
            if loaded:
                assert ctx.get(dut.wanted) == loaded[1]
                slots[loaded[0]] = reference.Slot(loaded[1], "loading")
                after, asked = (loaded[0] + 1) % count, cycle
                loads += 1
            match = [s for s, slot in enumerate(slots) if (slot.block, slot.state) == (lookup, "resident")]
            assert ctx.get(dut.match) == sum(map(one_hot, match))
            await ctx.tick()

    simulate(dut, bench)
    assert loads > 30
