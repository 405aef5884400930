# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from octopus_hw.chip.watchdog import BEAT, Watchdog
from octopus_hw.contract.config import Config
from tests.simulate import simulate


def run(limit, changes, cycles, taken=lambda cycle: True, start=0):
    """Return the cycles in which a STALLED is offered; changes say, by cycle, what both counters become."""
    device, stalled = Watchdog(Config()), []

    async def testbench(ctx):
        ctx.set(device.limit, limit)
        for cycle in range(start, cycles):
            injected, retired = changes.get(cycle, (None, None))
            if injected is not None:
                ctx.set(device.injected, injected % (1 << len(device.injected)))
                ctx.set(device.retired, retired % (1 << len(device.retired)))
            ctx.set(device.cycle, cycle)
            ctx.set(device.taken, taken(cycle))
            if ctx.get(device.stalled):
                stalled.append(cycle)
            await ctx.tick()

    simulate(device, testbench)
    return stalled


def twin(limit, changes, cycles):
    injected = retired = beats = 0
    for cycle in range(cycles):
        before = injected, retired
        injected, retired = changes.get(cycle, before)
        if beats == limit and limit:
            return [cycle]
        if injected == retired or (injected, retired) != before:
            beats = 0
        elif cycle % BEAT == 0:
            beats += 1
    return []


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_a_home_is_told_of_once_after_so_many_beats(limit):
    changes = {10: (3, 0)}
    assert run(limit, changes, 4 * BEAT) == ([limit * BEAT + 1] if limit else [])


def test_it_waits_until_it_is_taken():
    assert run(1, {10: (3, 0)}, BEAT + 20, lambda cycle: cycle >= BEAT + 9) == list(range(BEAT + 1, BEAT + 10))


def test_nothing_in_flight_is_no_standstill():
    assert run(1, {10: (200, 200)}, 2 * BEAT + 5) == []


@pytest.mark.parametrize("seed", range(4))
def test_progress_of_any_kind_counts(seed):
    """Near the beats one, the other or both counters grow, or nothing does; at the end nothing for long."""
    rng = random.Random(seed)
    changes, injected, retired = {5: (64, 0)}, 64, 0
    for beat in range(1, 5):
        cycle = beat * BEAT + rng.choice([-1, 0, 1])
        injected, retired = injected + rng.randrange(2), retired + rng.randrange(2)
        changes[cycle] = injected, retired
    limit = rng.choice([1, 2])
    expected = twin(limit, changes, 8 * BEAT)
    assert run(limit, changes, 8 * BEAT) == expected and expected
