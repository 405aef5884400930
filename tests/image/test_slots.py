# SPDX-License-Identifier: Apache-2.0
from octopus_hw.contract.config import Config
from octopus_hw.image.boot import boot_words
from octopus_hw.image.compile import compile_workload

from .samples import block, chain, compiled, task, workflow, workload


def test_a_slot_is_a_stretch_of_every_table() -> None:
    image = compiled(chain(task("a", config=10), task("b"), words=6, ended=0), instances=9).image
    assert image.slots.tolist() == [(0, 0, 4), (1, 0, 6), (2, 0, 8), (3, 0, 10)]
    assert image.tiles[0].streams[0].tolist() == (0, 9, 2, 0, 4, 0)


def test_no_more_slots_than_instances_at_any_tile() -> None:
    assert len(compiled(chain(task("a")), 2, 1, instances=5).image.slots) == 3


def test_open_streams_share_what_is_left() -> None:
    owg = chain(task("a"))
    streams = [
        {"owg": owg, "instances": 20, "period": 10},
        {"owg": owg, "instances": 20, "window": 3},
        {"owg": owg, "instances": 2, "period": 10},
    ]
    image = compile_workload(workload(*streams), 1, 1, Config(max_instances=10), "naive").image
    assert image.tiles[0].streams["slots"].tolist() == [5, 3, 2, 0]
    assert image.tiles[0].streams["slot"].tolist() == [0, 5, 8, 0]
    image = compile_workload(workload(*streams), 1, 1, Config(home_records=6), "naive").image
    assert image.tiles[0].streams["slots"].tolist() == [2, 3, 1, 0]


def test_open_arrivals_are_listed_as_they_are_due() -> None:
    stream = {"period": 5, "jitter": 60}
    result = compiled(chain(task("a")), 2, 1, instances=40, stream=stream)
    for tile in result.image.tiles:
        due = tile.list["due"].tolist()
        assert due == sorted(due)
        assert due == result.resolved.due[tile.list["instance"]].tolist()
    assert sorted(n for tile in result.image.tiles for n in tile.list["instance"].tolist()) == list(range(40))


def test_slots_are_the_same_in_every_tile_and_expected_adds_up() -> None:
    result = compiled(chain(task("a")), 3, 2, instances=10)
    assert [tile.expected for tile in result.image.tiles] == [2, 2, 2, 2, 1, 1]
    assert len({tuple(tile.streams[["slot", "slots", "entry"]].tolist()) for tile in result.image.tiles}) == 1


def test_a_slot_without_joins_names_none_where_all_are_taken() -> None:
    joined = workflow(
        [task("a"), task("b"), task("c"), block("j", "join", of="all"), block("end", "end")],
        ["a b", "a c", "b j", "c j", "j end"],
    )
    streams = [{"owg": joined, "instances": 1}, {"owg": chain(task("a")), "instances": 1}]
    image = compile_workload(workload(*streams), 1, 1, Config(join_records=1), "naive").image
    assert image.slots["join"].tolist() == [0, 0]
    assert len(boot_words(image))
