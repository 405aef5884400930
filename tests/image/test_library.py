# SPDX-License-Identifier: Apache-2.0
import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.image.library import libraries, library_words
from octopus_hw.owg.objects import aligned

from .samples import chain, compiled, task, workload


def tasks(*lengths: int) -> Compiled:
    """A chain of tasks with configurations of these lengths, on 5x3 tiles with a region of 4x4."""
    blocks = [task(f"t{number}", config=length) for number, length in enumerate(lengths)]
    return compiled(chain(*blocks), 5, 3, config=Config(library_region=4, config_words=1280))


def pattern(block: int, length: int) -> list[int]:
    words = [(block << 16 | i) * 0x9E3779B1 % 2**32 for i in range(length)]
    return words + [0] * (-length % 4)


def test_configurations_of_one_tile_stand_one_after_the_other() -> None:
    blocks = [task("a", config=3), task("b", config=0, parallel=2), task("c", config=5, parallel=4)]
    [library] = compiled(chain(*blocks), 3, 2).image.libraries
    assert (library.across, library.down, library.columns, library.rows) == (3, 2, 1, 1)
    assert library.table.tolist() == [(0, 3, 0), (0, 0, 1), (1, 5, 2), (0, 0, 0)]
    assert [store.tolist() for store in library.stores] == [[*pattern(0, 3), *pattern(2, 5)]]
    assert [library.tiles(x, y).tolist() for x, y in library.corners] == [
        [(x, y)] * 4 for y in (0, 1) for x in (0, 1, 2)
    ]


def test_the_longest_goes_first_to_the_emptiest_tile() -> None:
    whole, right = tasks(8, 40, 16, 4, 20, 24, 4).image.libraries
    assert [(part.x, part.y, part.columns, part.rows) for part in (whole, right)] == [(0, 0, 4, 3), (4, 0, 1, 3)]
    # Longest first: 40 (1), 24 (5), 20 (4), 16 (2), 8 (0), 4 (3), 4 (6). Twelve tiles have one each, in row order.
    assert whole.tiles(2, 1).tolist()[:7] == [(0, 1), (0, 0), (3, 0), (1, 1), (2, 0), (1, 0), (2, 1)]
    # Three: 40 | 24 | 20, 16 to the third, 8 to the second, 4 to the second again, the last to the third, both 36.
    assert right.tiles(4, 0).tolist()[:7] == [(4, 1), (4, 0), (4, 2), (4, 1), (4, 2), (4, 1), (4, 1)]
    assert [len(store) for store in right.stores] == [40, 40, 36]


@pytest.mark.parametrize(
    ("mesh", "shapes"),
    [
        ((8, 8), [(0, 0, 4, 4, 2, 2)]),
        ((9, 4), [(0, 0, 4, 4, 2, 1), (8, 0, 1, 4, 1, 1)]),
        ((4, 6), [(0, 0, 4, 4, 1, 1), (0, 4, 4, 2, 1, 1)]),
        ((6, 5), [(0, 0, 4, 4, 1, 1), (4, 0, 2, 4, 1, 1), (0, 4, 4, 1, 1, 1), (4, 4, 2, 1, 1, 1)]),
        ((5, 3), [(0, 0, 4, 3, 1, 1), (4, 0, 1, 3, 1, 1)]),
        ((3, 1), [(0, 0, 3, 1, 1, 1)]),
    ],
)
def test_regions_are_cut_off_at_the_edges(mesh: tuple[int, int], shapes: list[tuple[int, ...]]) -> None:
    image = compiled(chain(task("a")), *mesh, config=Config(library_region=4)).image
    names = ("x", "y", "columns", "rows", "across", "down")
    assert [tuple(getattr(library, name) for name in names) for library in image.libraries] == shapes
    for x, y in itertools.product(*map(range, mesh)):
        library = image.library(x, y)
        corner = (x // 4 * 4, y // 4 * 4)
        assert corner in set(library.corners)
        holder = library.tiles(x, y)[0]
        assert all(at <= int(holder[name]) < at + 4 for at, name in zip(corner, "xy", strict=True))


SIDES = st.sampled_from([1, 2, 4, 8])


@settings(deadline=None)
@given(st.lists(st.integers(0, 90), min_size=1, max_size=12), st.integers(1, 9), st.integers(1, 9), SIDES)
def test_each_configuration_lies_whole_in_one_tile_of_each_region(
    lengths: list[int], columns: int, rows: int, side: int
) -> None:
    tasks = [task(f"t{number}", config=length) for number, length in enumerate(lengths)]
    given_ = workload({"owg": chain(*tasks), "instances": 1})
    most = 0
    for library in libraries(given_, Config(library_region=side), columns, rows):
        for number, store in enumerate(library.stores):
            tile = (number % library.columns, number // library.columns)
            mine = [block for block in range(len(lengths)) if tuple(library.holders[block]) == tile]
            assert len(store) == sum(aligned(lengths[block]) for block in mine)
            for block in filter(lengths.__getitem__, mine):
                at = 4 * int(library.table[block]["address"])
                assert store[at : at + aligned(lengths[block])].tolist() == pattern(block, lengths[block])
        assert sum(map(len, library.stores)) == sum(map(aligned, lengths))
        # Nobody has more than the emptiest and one configuration.
        assert max(map(len, library.stores)) - min(map(len, library.stores)) <= max(map(aligned, lengths))
        most = max(most, *map(len, library.stores))
    assert library_words(given_, Config(library_region=side), columns, rows) == most


def test_a_disabled_tile_has_its_part() -> None:
    blocks = [task(f"t{number}") for number in range(4)]
    config = Config(library_region=2)
    alive, dead = (compiled(chain(*blocks), 2, 2, config=config, dead=out).image for out in ((), ("1,0", "0,1")))
    assert dead.tiles[1].dead and Counter(dead.library(0, 0).tiles(0, 0).tolist()[:4]) == Counter(
        [(0, 0), (1, 0), (0, 1), (1, 1)]
    )
    assert np.array_equal(alive.libraries[0].table, dead.libraries[0].table)


def test_slots_begin_behind_the_fullest_tile() -> None:
    result = tasks(8, 40, 16, 4, 20, 24, 4)
    assert result.needs.library_words == 40
    assert result.needs.by_key["store_words"] == 40 + result.needs.homes[0].store


#: Words of the configurations of four models of the MLPerf Tiny kind: keywords, images, wake words, anomalies.
MODELS = (6_900, 20_200, 58_400, 69_900)


def in_parts(total: int) -> dict[str, object]:
    """A chain of tasks with configurations of 1,280 words, the last one of what is left."""
    lengths = [1280] * (total // 1280) + [total % 1280]
    return chain(*(task(f"t{number}", config=length) for number, length in enumerate(lengths)))


@pytest.mark.parametrize("store", [Config().store_words, 10_240])
def test_four_models_have_room_in_4x4_tiles(store: int) -> None:
    config = Config(library_region=4, store_words=store, config_words=1280)
    result = compile_workload(workload(*({"owg": in_parts(total), "instances": 1} for total in MODELS)), 4, 4, config,
                              "adaptive")  # fmt: skip
    [library] = result.image.libraries
    assert sum(map(len, library.stores)) == sum(MODELS) and max(map(len, library.stores)) == 10_240
    assert library.table["words"].sum() == sum(MODELS)


def test_in_less_they_have_none() -> None:
    config = Config(library_region=4, store_words=10_236, config_words=1280)
    streams = [{"owg": in_parts(total), "instances": 1} for total in MODELS]
    with pytest.raises(InputError, match="needs 10240 words of the home store, but the configuration has 10236"):
        compile_workload(workload(*streams), 4, 4, config, "adaptive")
