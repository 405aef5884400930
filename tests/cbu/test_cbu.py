# SPDX-License-Identifier: Apache-2.0
from collections import Counter

import pytest

from octopus_hw.config import Config
from octopus_hw.image.image import Image
from tests.cbu.bench import Bench, event_hash
from tests.cbu.images import random_image
from tests.cbu.twin import Inputs, Outputs, Twin
from tests.cbu.world import World
from tests.image.samples import chain, compiled, task


def run_in_a_mesh(image: Image, seed: int, number: int = 0, longest: int = 25) -> tuple[Bench, World]:
    """One tile's RTL beside its twin, twins in the other tiles."""
    world = World(image, seed, longest)
    bench = Bench(image, image.tiles[number].x, image.tiles[number].y)
    others = [
        (place, Twin(image, tile.x, tile.y)) for place, tile in enumerate(image.tiles) if place != number
    ]

    def surroundings(cycle: int) -> Inputs:
        for place, twin in others:
            i = world.tiles[place].inputs(cycle)
            world.tiles[place].apply(twin.step(i), cycle, i)
        return world.tiles[number].inputs(cycle)

    def applied(o: Outputs, cycle: int, i: Inputs) -> None:
        world.tiles[number].apply(o, cycle, i)
        world.tick(cycle)

    def done() -> bool:
        return all(tile.retired == image.tiles[place].expected for place, tile in enumerate(world.tiles))

    bench.run(surroundings, applied, done)
    return bench, world


@pytest.mark.parametrize("seed", range(12))
def test_does_what_its_twin_does_in_every_cycle(seed: int) -> None:
    image = random_image(seed)
    number = seed % 2 if len(image.tiles) > 1 else 0
    bench, _ = run_in_a_mesh(image, seed, number)
    assert bench.printed() == bench.events
    names = Counter(event[1] for event in bench.events)
    assert bench.counters == {
        "hash": event_hash(bench.events),
        "injected": names["inject"],
        "retired": names["retire"],
        "dispatched": names["dispatch"],
        "moved": names["move"],
    }


def test_the_worked_example() -> None:
    """Section 8: one task of 5 cycles on a 1x1 mesh; the TBU finishes in 26."""
    image = compiled(chain(task("only")), config=Config(max_streams=2)).image
    bench = Bench(image)
    retired: list[int] = []
    accepted: list[int] = []

    def surroundings(cycle: int) -> Inputs:
        done = {"place": 0, "token": accepted[0]} if cycle == 27 else None
        return Inputs(cycle=cycle, done=[done, None, None, None], ready=[True] * 5, vacant=[True] * 5,
                      release=[None] * 4)  # fmt: skip

    def applied(o: Outputs, cycle: int, i: Inputs) -> None:
        for tbu, place, token in o.accept:
            assert (tbu, place) == (0, 0)
            accepted.append(token)
        if any(event[1] == "retire" for event in o.events):
            retired.append(cycle)

    bench.run(surroundings, applied, lambda: bool(retired))
    assert [(event[0], event[1]) for event in bench.printed()] == [(2, "inject"), (4, "dispatch"), (29, "retire")]
