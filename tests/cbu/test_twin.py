# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest

from octopus_hw.image.image import Image
from octopus_sim.reference.cbu import Cbu
from tests.cbu.images import random_image
from tests.cbu.world import World


def steps(image: Image, world: World, twins: list[Cbu], most: int = 60_000) -> Iterator[None]:
    """Let all tiles' twins go on, one cycle at a time."""
    for cycle in range(1, most):
        inputs = [tile.inputs(cycle) for tile in world.tiles]
        for twin, tile, i in zip(twins, world.tiles, inputs, strict=True):
            tile.apply(twin.step(i), cycle, i)
        world.tick(cycle)
        yield
    raise AssertionError("it does not come to an end")


@pytest.mark.parametrize(("columns", "rows"), [(2, 1), (3, 2)])
@pytest.mark.parametrize("seed", range(30))
def test_every_instance_retires_and_leaves_nothing_behind(seed: int, columns: int, rows: int) -> None:
    image = random_image(seed, columns=columns, rows=rows)
    world = World(image, seed)
    twins = [Cbu(image, tile.x, tile.y) for tile in image.tiles]
    cycles = steps(image, world, twins)
    while any(twin.retired < twin.tile.expected for twin in twins):
        next(cycles)
    assert [twin.retired for twin in twins] == [tile.expected for tile in image.tiles]
    world.wanting = 0
    for tile in world.tiles:
        tile.asker.wants = False
    while any(tile.asker.promised for tile in world.tiles) or any(twin.state != "IDLE" for twin in twins):
        next(cycles)
    for twin in twins:
        assert [len(free) for free in twin.free] == [image.config.queue_depth if live else 0 for live in twin.live]
        assert (twin.home_work.units, len(twin.grants.queue), twin.grants.old, twin.grants.stale) == (0, 0, 0, 0)
        assert not (twin.requests or twin.replies or twin.resumed or twin.ready or twin.stalled)
