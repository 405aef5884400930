# SPDX-License-Identifier: Apache-2.0
"""References of all tiles of a mesh among themselves; the page's table of states is theirs."""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from octopus_hw.image.image import Image
from octopus_sim.reference.cbu import STATES, Cbu
from tests.cbu.samples import hosted, random_image
from tests.cbu.test_cbu_scenarios import SCENARIOS, image_of
from tests.cbu.world import World


def steps(world: World, cbus: list[Cbu], most: int = 60_000) -> Iterator[None]:
    """Let all tiles go on, one cycle at a time."""
    for cycle in range(1, most):
        inputs = [tile.inputs(cycle) for tile in world.tiles]
        for cbu, tile, i in zip(cbus, world.tiles, inputs, strict=True):
            tile.apply(cbu.step(i), cycle, i)
        world.tick(cycle)
        yield
    raise AssertionError("it does not come to an end")


PAGE = (Path(__file__).parents[3] / "docs/timing.md").read_text(encoding="utf-8")
#: The page's table: which states come after which.
ROWS = re.findall(r"^\| \[(\w+)\]\(#\w+\) \|.*\| (.*) \|$", PAGE, re.MULTILINE)
AFTER = {state: set(after.split(", ")) for state, after in ROWS}


def transitions(cbus: list[Cbu]) -> set[tuple[str, str]]:
    return {(state, after) for cbu in cbus for state, _, after in cbu.seen}


def run_out(image: Image, seed: int, **keys: Any) -> list[Cbu]:
    """Run an image in a world of its own."""
    return run_world(World(image, seed, **keys))


def run_world(world: World) -> list[Cbu]:
    """Run a world's image until every instance has ended and all grants are back."""
    image = world.image
    cbus = [Cbu(image, tile.x, tile.y) for tile in image.tiles]
    cycles = steps(world, cbus)
    while any(cbu.ended < cbu.tile.expected for cbu in cbus):
        next(cycles)
    world.wanting = 0
    for tile in world.tiles:
        tile.asker.wants = False
    while any(tile.asker.promised for tile in world.tiles) or any(cbu.state != "IDLE" for cbu in cbus):
        next(cycles)
    return cbus


def test_the_page_has_a_row_for_every_state() -> None:
    assert list(AFTER) == list(STATES)


def test_states_follow_each_other_as_the_page_says() -> None:
    """Every transition of its table is taken, and no other."""
    taken: set[tuple[str, str]] = set()
    for seed in range(12):
        taken |= transitions(run_out(random_image(seed), seed))
        taken |= transitions(run_out(hosted(random_image(seed), Random(seed)), seed))
    for name in SCENARIOS:
        image, keys = image_of(name)
        taken |= transitions(run_out(image, 5, **keys))
    assert taken == {(state, after) for state, all_after in AFTER.items() for after in all_after}


@pytest.mark.parametrize(("columns", "rows"), [(2, 1), (3, 2)])
@pytest.mark.parametrize("seed", range(30))
def test_every_instance_retires_and_leaves_nothing_behind(seed: int, columns: int, rows: int) -> None:
    check_rest(run_out(random_image(seed, columns=columns, rows=rows), seed))


def check_rest(cbus: list[Cbu]) -> None:
    """Demand that every instance has retired, and that nothing is left."""
    assert [cbu.retired for cbu in cbus] == [cbu.tile.expected for cbu in cbus]
    for cbu in cbus:
        depth = cbu.config.queue_depth
        assert [len(free) for free in cbu.free] == [depth if live else 0 for live in cbu.live]
        assert (cbu.home_work.units, len(cbu.grants.queue), cbu.grants.old, cbu.grants.stale) == (0, 0, 0, 0)
        assert not (cbu.requests or cbu.replies or cbu.resumed or cbu.ready or cbu.stalled or cbu.results)
        assert not (cbu.rows or cbu.reserved or cbu.asked or cbu.row_stream is not None)
        assert {way for way in transitions([cbu]) if way[1] not in AFTER[way[0]]} == set()


@pytest.mark.parametrize("seed", range(30))
def test_every_row_comes_and_every_result_leaves(seed: int) -> None:
    """Some streams have rows; all ends report."""
    image = hosted(random_image(seed, columns=2), Random(seed), [seed % 2] if seed % 3 else range(2))
    world = World(image, seed)
    check_rest(run_world(world))
    instances = sorted(int(instance) for tile in image.tiles for instance in tile.list["instance"])
    with_rows = [n for inputs in image.inputs for n in range(inputs.first, inputs.first + inputs.instances)]
    assert sorted(event[2] for event in world.events if event[1] == "arrive") == with_rows
    assert sorted(command["token"]["instance"] for command in world.results) == instances
