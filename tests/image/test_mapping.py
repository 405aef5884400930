# SPDX-License-Identifier: Apache-2.0
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.dead import dead_masks, live_peas, live_tbus
from octopus_hw.image.mapping import map_region, pack, region_tbus, regions, share_out

from .samples import chain, compiled, task

CONFIG = Config(tbus=2, peas=2)


def test_shares_follow_work() -> None:
    assert share_out([1, 1, 1, 1], 16) == [4, 4, 4, 4]
    assert share_out([1, 1, 1], 16) == [6, 5, 5]
    assert share_out([300, 100], 16) == [12, 4]
    assert share_out([1000, 1, 0], 8) == [6, 1, 1]
    assert share_out([0, 0], 3) == [2, 1]
    assert share_out([7, 7, 2], 8) == [4, 3, 1]


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=12), st.integers(0, 90))
def test_shares_add_up_and_nobody_is_left_out(work: list[float], more: int) -> None:
    total = len(work) + more
    shares = share_out(work, total)
    assert sum(shares) == total and min(shares) >= 1
    ordered = sorted(zip(work, shares, strict=True))
    assert all(a <= b or w == v or a - b == 1 for (w, a), (v, b) in itertools.pairwise(ordered))


def test_many_tasks_share_tbus() -> None:
    assert pack(None, 5, 2) == [0, 1, 0, 1, 0]
    assert pack([1, 9, 5, 5, 8], 5, 2) == [1, 0, 1, 0, 1]


def test_regions_at_the_edge_are_smaller() -> None:
    assert [len(tiles) for tiles in regions(6, 5)] == [16, 8, 4, 2]
    assert regions(6, 5)[3] == [(4, 4), (5, 4)]


def test_the_order_goes_through_the_tiles_first() -> None:
    order = region_tbus(2, 2, [0] * 4, CONFIG)[0]
    assert order[:5] == [(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 1)]


def test_dead_tbus_own_nothing_and_a_dead_region_borrows() -> None:
    dead = dead_masks(["0,0.1", "1,0.0.1"], 2, 1, CONFIG)
    assert region_tbus(2, 1, dead, CONFIG) == [[(0, 0, 0), (1, 0, 0), (1, 0, 1)]]
    dead = dead_masks([f"{x},0" for x in range(4)], 9, 1, CONFIG)
    own = region_tbus(9, 1, dead, CONFIG)
    assert own[0] == own[1] and {x for x, _, _ in own[0]} == {4, 5, 6, 7}


def test_owner_tables() -> None:
    places = region_tbus(2, 1, [0, 0], CONFIG)[0]
    heads, owners = map_region(5, [1, 3], [30.0, 10.0], places, Config())
    assert heads.tolist() == [(0, 0), (0, 3), (0, 0), (3, 1), (0, 0)]
    assert owners.tolist() == places
    heads, owners = map_region(6, list(range(6)), None, places, Config())
    assert heads.tolist() == [(n, 1) for n in range(6)]
    assert owners.tolist() == [places[n % 4] for n in range(6)]


def test_profiled_work_counts_instances() -> None:
    image = compiled(chain(task("a", 300), task("b", 100)), 2, 2, "profiled").image
    assert image.own_heads[0]["count"].tolist() == [12, 4, 0]
    assert compiled(chain(task("a", 300), task("b", 100)), 2, 2, "naive").image.own_heads[0]["count"][0] == 8


def test_every_region_has_tables_of_its_own() -> None:
    image = compiled(chain(task("a")), 5, 5, "naive").image
    assert len(image.owners) == len(image.own_heads) == 4
    for number, tiles in enumerate(regions(5, 5)):
        assert {(int(row["x"]), int(row["y"])) for row in image.owners[number]} == set(tiles)
        assert all(image.region(x, y) == number for x, y in tiles)


def test_dead_parts() -> None:
    assert dead_masks(["1,0", "0,0.1.0"], 2, 1, CONFIG) == (1 << 8, 0b11_00000011)
    assert live_tbus(0b11_00000001, CONFIG) == [0]
    assert live_peas([1 << 8, 0], CONFIG) == 7
    for part, message in [
        ("2,0", "there is no column 2; they go from 0 to 1"),
        ("0,1", "there is no row 1"),
        ("0,0.2", "there is no TBU 2"),
        ("0,0.0.2", "there is no PEA 2"),
        ("x", "is no part; write x,y"),
    ]:
        with pytest.raises(InputError, match=f"--disable: {part}: {message}"):
            dead_masks([part], 2, 1, CONFIG)


def test_homes_are_tiles_with_live_peas() -> None:
    result = compiled(chain(task("a")), 2, 2, instances=6, dead=["0,0", "1,1.0"])
    assert [tile.expected for tile in result.image.tiles] == [0, 2, 2, 2]
    assert [tile.dead for tile in result.image.tiles] == [0x0F0F0F0F, 0, 0, 0xF]
    assert result.peas == 64 - 16 - 4
    with pytest.raises(InputError, match="no tile is alive"):
        compiled(chain(task("a")), dead=["0,0"])
