# SPDX-License-Identifier: Apache-2.0
import pytest

from tests.cbu.images import random_image
from tests.cbu.twin import Twin
from tests.cbu.world import World


@pytest.mark.parametrize("seed", range(30))
def test_every_instance_retires_in_a_mesh_of_twins(seed: int) -> None:
    image = random_image(seed)
    world = World(image, seed)
    twins = [Twin(image, tile.x, tile.y) for tile in image.tiles]
    for cycle in range(1, 60_000):
        inputs = [tile.inputs(cycle) for tile in world.tiles]
        for twin, tile, i in zip(twins, world.tiles, inputs, strict=True):
            tile.apply(twin.step(i), cycle, i)
        world.tick(cycle)
        if all(twin.retired == twin.tile.expected for twin in twins):
            break
    assert [twin.retired for twin in twins] == [tile.expected for tile in image.tiles]
