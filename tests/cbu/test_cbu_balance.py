# SPDX-License-Identifier: Apache-2.0
"""Tiles that grant each other places, take them early or late, and count work: RTL beside its twin in every cycle."""

import random
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from octopus_hw.contract.codes import Pool
from octopus_hw.image.image import Image
from tests.cbu.rig import Bench, run_in_a_mesh
from tests.cbu.samples import SMALL, scheduled_at_random
from tests.cbu.test_cbu_scenarios import late_spawn, row, spawn, wide
from tests.image.samples import compiled

WORKFLOWS = (spawn(40, 2), late_spawn({"quantiles": [0, 1, 2, 7]}, 3), wide(4), row(3))
STRATEGIES = ("octopus", "octopus-early", "octopus+announce", "naive+balance", "adaptive", "octopus")
MESHES = ((3, 2), (5, 1), (1, 3), (2, 2))
SEEDS = range(21)


def busy_image(seed: int) -> Image:
    """A mesh in which tokens find no place, of tasks with any weight and pool."""
    rng = random.Random(seed)
    peas = rng.choice([1, 2])
    config = replace(SMALL, peas=peas, tbus=rng.choice([1, 2, 3]), queue_depth=peas + rng.choice([0, 1, 2]))
    columns, rows = MESHES[seed % len(MESHES)]
    dead = rng.choice([[], [f"0,0.{config.tbus - 1}.0"]]) if config.tbus > 1 else []
    result = compiled(
        WORKFLOWS[seed // 2 % len(WORKFLOWS)], columns, rows, STRATEGIES[seed % len(STRATEGIES)], config=config,
        instances=2 * columns * rows, stream={"window": 3}, dead=dead,
    )  # fmt: skip
    return scheduled_at_random(result.image, rng)


@cache
def bench_of(seed: int) -> Bench:
    image = busy_image(seed)
    number = seed % len(image.tiles)
    return run_in_a_mesh(
        image, seed, number, longest=60, values=(0, 1, 4), wanting=0.1, replies=0.08 if seed % 2 else 0.7
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_does_what_its_twin_does(seed: int) -> None:
    bench = bench_of(seed)
    assert bench.printed() == bench.events


def test_every_way_is_driven() -> None:
    """Of a task to a place, and of a grant."""
    seen: Counter[tuple[str, ...]] = Counter()
    for seed in SEEDS:
        seen += bench_of(seed).twin.ways
    ways = {("granted",), ("returned",)}
    for pool in ("SPREAD", "FILL", "STAY"):
        ways |= {(pool, free, end) for free in ("gap", "full") for end in ("here", "inherited")}
        ways |= {(pool, "none", end) for end in ("there", "SINGLE", "SPAWN", "PLACE")}
    ways |= {("SPREAD", "full", "there"), ("FILL", "full", "there")}
    assert {way for way in ways if not seen[way]} == set()
    assert not {("STAY", "full", "there"), *((pool.name, "gap", "there") for pool in Pool)} & set(seen)
