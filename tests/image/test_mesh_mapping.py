# SPDX-License-Identifier: Apache-2.0
"""Shares counted in PEAs, over the whole mesh."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octopus_hw.contract.config import Config
from octopus_hw.image.dead import dead_masks, live_peas
from octopus_hw.image.image import Image
from octopus_hw.image.mapping import regions, share_out
from octopus_hw.image.mesh_mapping import is_even, map_mesh
from octopus_hw.image.spread import Place, deal, in_turn, mesh_tbus, pack_mesh, spread_order

from .samples import chain, compiled, task

works = st.lists(st.floats(0, 1e6), min_size=1, max_size=12)


def lists_of(heads: object, owners: object) -> list[list[Place]]:
    """Each block's owners."""
    return [
        [tuple(map(int, row)) for row in owners[base : base + count]]  # type: ignore[index]
        for base, count in heads.tolist()  # type: ignore[attr-defined]
    ]


def image_lists(image: Image, region: int = 0) -> list[list[Place]]:
    return lists_of(image.own_heads[region], image.owners[region])


@pytest.mark.parametrize("count", [1, 2, 5, 16, 23])
def test_any_stretch_of_the_order_is_spread(count: int) -> None:
    order = spread_order(count)
    assert sorted(order) == list(range(count))
    for first in range(count):
        for length in range(2, count - first + 1):
            stretch = sorted(order[first : first + length])
            gaps = [other - one for one, other in pairwise(stretch)]
            assert max(gaps, default=0) <= 4 * count / length  # an even spread has count / length


@given(works, st.lists(st.integers(1, 4), min_size=1, max_size=24))
def test_every_pea_is_given_out_once_and_every_task_gets_its_share(work: list[float], peas: list[int]) -> None:
    work = work[: sum(peas)]
    shares = share_out(work, sum(peas))
    given_out = deal(shares, work, peas)
    assert [len(tasks) for tasks in given_out] == peas
    assert Counter(task for tasks in given_out for task in tasks) == Counter(dict(enumerate(shares)))


@given(works, st.integers(1, 30), st.integers(1, 4))
def test_equal_tbus_differ_by_no_more_than_one_peas_work(work: list[float], tbus: int, peas: int) -> None:
    work = work[: tbus * peas]
    shares = share_out(work, tbus * peas)
    each = [amount / share for amount, share in zip(work, shares, strict=True)]
    loads = [sum(each[task] for task in tasks) for tasks in deal(shares, work, [peas] * tbus)]
    assert max(loads) - min(loads) <= max(each) + 1e-6 * sum(work)


def test_tbus_with_dead_peas_get_less() -> None:
    given_out = deal([18, 9, 3], [60.0, 30.0, 10.0], [4, 4, 4, 4, 4, 4, 2, 4])
    assert [len(tasks) for tasks in given_out] == [4, 4, 4, 4, 4, 4, 2, 4]
    assert 1 <= given_out[6].count(0) <= 2


def test_the_mesh_without_what_is_dead() -> None:
    config = Config(tbus=2, peas=2)
    masks = dead_masks(["1,0", "0,1.1", "1,1.0.1"], 2, 2, config)
    tbus = mesh_tbus(2, 2, masks, config)
    assert tbus == {(0, 0, 0): 2, (0, 0, 1): 2, (0, 1, 0): 2, (1, 1, 0): 1, (1, 1, 1): 2}
    assert sum(tbus.values()) == live_peas(masks, config)
    assert [place[:2] for place in mesh_tbus(4, 2, [0] * 8, Config(tbus=1))] == [
        *((0, 0), (1, 0), (0, 1), (1, 1)),
        *((2, 0), (3, 0), (2, 1), (3, 1)),
    ]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=40))
def test_owners_that_follow_one_another_lie_in_different_tiles(owners: list[Place]) -> None:
    turn = in_turn(owners)
    assert sorted(turn) == sorted(owners)
    fullest = Counter(place[:2] for place in owners).most_common(1)[0][1]
    neighbours = [one[:2] == other[:2] for one, other in pairwise([*turn, turn[0]])]
    if 2 * fullest <= len(owners):
        assert not any(neighbours)
    at = [number for number, place in enumerate(turn) if place[:2] == turn[0][:2]]
    gaps = {other - one for one, other in pairwise([*at, len(turn)])}
    assert len(at) == fullest and gaps <= {len(turn) // fullest, -(-len(turn) // fullest)}


def test_more_tasks_than_peas_share_by_work() -> None:
    assert pack_mesh([9, 1, 5, 5, 8], [1, 1]) == [0, 1, 1, 0, 1]
    loads = Counter[int]()
    for tbu in pack_mesh([10] * 12, [4, 2]):
        loads[tbu] += 10
    assert loads == {0: 80, 1: 40}


WORK = [300, 100, 40, 8, 1]


def five_tasks(columns: int, rows: int, strategy: str = "profiled-pea", **keys: object) -> Image:
    tasks = [task(f"t{number}", cycles) for number, cycles in enumerate(WORK)]
    return compiled(chain(*tasks), columns, rows, strategy, **keys).image


def test_a_mesh_that_fits_is_given_out_whole() -> None:
    dead = ["1,0", "0,1.2", "3,3.1.0"]
    image = five_tasks(4, 4, dead=dead)
    lists = image_lists(image)
    tbus = mesh_tbus(4, 4, dead_masks(dead, 4, 4, Config()), Config())
    assert Counter(place for owners in lists for place in owners) == Counter(tbus)
    shares = share_out(WORK, sum(tbus.values()))
    assert [len(owners) for owners in lists] == [*shares, 0]
    assert [len({place[:2] for place in owners}) for owners in lists[:2]] == [15, 15]
    assert len({place[:2] for place in lists[2]}) >= 12
    per_tile = Counter(place[:2] for place in lists[0])
    assert max(per_tile.values()) - min(per_tile.values()) <= 4


def test_every_neighbourhood_has_every_task_that_has_as_many_peas() -> None:
    lists = image_lists(five_tasks(4, 4))
    for left in (0, 2):
        for top in (0, 2):
            quarter = [{(x, y) for x, y, _ in owners} for owners in lists[:4]]
            assert all(any(left <= x < left + 2 and top <= y < top + 2 for x, y in tiles) for tiles in quarter)


def test_work_is_that_of_the_whole_workload() -> None:
    image = five_tasks(2, 2, instances=7)
    counts = image.own_heads[0]["count"].tolist()
    assert counts == [*share_out(WORK, 64), 0]


def test_regions_have_the_same_lists_and_start_elsewhere_if_they_fit() -> None:
    image = five_tasks(5, 5)
    assert sum(map(len, image_lists(image))) == 400
    lists = [image_lists(image, region) for region in range(4)]
    for owners in zip(*lists, strict=True):
        assert len({tuple(sorted(each)) for each in owners}) == 1
    assert len({each[0][0] for each in lists}) == 4


def test_regions_keep_to_themselves_where_homes_are_even() -> None:
    image = five_tasks(8, 8, instances=64)
    for region, tiles in enumerate(regions(8, 8)):
        lists = image_lists(image, region)
        assert [len(owners) for owners in lists] == [*share_out(WORK, 256), 0]
        assert Counter(place for owners in lists for place in owners) == Counter(
            {(x, y, tbu): 4 for x, y in tiles for tbu in range(4)}
        )


def test_when_homes_are_even() -> None:
    assert is_even([5.0, 5.0], [40, 40], 10)
    assert is_even([5.0, 3.1], [40, 40], 10) and not is_even([5.0, 2.9], [40, 40], 10)
    assert is_even([10.0, 5.0], [80, 40], 10)
    assert not is_even([5.0, 5.0], [40, 39], 10)  # hardly a PEA for each of ten tasks
    assert is_even([0.0, 0.0], [40, 40], 10) and not is_even([1.0, 1.0], [40, 0], 0)


def test_larger_meshes_are_sampled_and_every_pea_is_used_equally() -> None:
    image = five_tasks(8, 8, instances=64, stream={"homes": "corner"})
    listed = Counter[tuple[int, Place]]()
    for region in range(4):
        lists = image_lists(image, region)
        assert sum(map(len, lists)) <= 512 and all(lists[:5])
        for number, owners in enumerate(lists):
            listed.update((number, place) for place in owners)
            assert all(one[:2] != other[:2] for one, other in pairwise(owners))
    big = [count for (number, _), count in listed.items() if number < 3]
    tbus = Counter[Place]()
    for (_number, place), count in listed.items():
        tbus[place] += count
    assert len(tbus) == 256 and max(tbus.values()) <= 2 * min(tbus.values()) and big
    shares = share_out(WORK, 1024)
    lengths = [sum(image.own_heads[region]["count"][number] for region in range(4)) for number in range(3)]
    assert lengths[0] % shares[0] == 0 and lengths[1] % shares[1] == 0


def test_where_regions_are_too_few_to_sample_all_some_peas_are_left_out() -> None:
    tbus = mesh_tbus(2, 2, [0] * 4, Config())
    (table,) = map_mesh(3, [0, 2], [3.0, 1.0], tbus, 1, Config(owner_entries=16))
    lists = lists_of(*table)
    assert sum(map(len, lists)) == 16 and len(lists[0]) == 3 * len(lists[2])
    (table,) = map_mesh(3, [0, 1, 2], [10.0, 0.0, 1.0], tbus, 1, Config(owner_entries=4))
    assert [len(owners) for owners in lists_of(*table)][1] == 1


def test_one_task_on_many_peas_still_fits_a_head() -> None:
    config = Config(tbus=6, peas=8, owner_entries=1024)
    image = compiled(chain(task("a")), 8, 4, "profiled-pea", config=config).image
    assert all(heads["count"].max() <= config.owner_entries for heads in image.own_heads)


def test_more_tasks_than_peas() -> None:
    image = five_tasks(2, 1, config=Config(tbus=1, peas=1))
    lists = image_lists(image)
    assert [len(owners) for owners in lists] == [1, 1, 1, 1, 1, 0]
    assert lists[0] != lists[1] == lists[2]


def test_no_tasks() -> None:
    assert map_mesh(2, [], [], {(0, 0, 0): 1}, 3, Config(owner_entries=8))[2][0].tolist() == [(0, 0), (0, 0)]
