# SPDX-License-Identifier: Apache-2.0
from random import Random
from typing import Any

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.image import home as layout
from octopus_hw.image.home import Home

from .machine import run_all
from .samples import block, compiled, noise, task, workflow


def home(owg: dict[str, Any], **keys: Any) -> Home:
    return compiled(owg, config=Config(home_records=4096, join_records=4096), **keys).needs.homes[0]


def picking(ways: int, children: Any) -> dict[str, Any]:
    """A spawn whose children each go through one of so many tasks."""
    names = [f"t{way}" for way in range(ways)]
    return workflow(
        [
            block("s", "spawn", count=children, join="j"),
            block("pick", "branch", choose={"quantiles": [0, 1]}),
            *map(task, names),
            block("j", "join", of="s"),
            block("end", "end"),
        ],
        ["s pick", *(f"pick {name} 5" for name in names), *(f"{name} j 1" for name in names), "j end"],
    )


def test_a_branch_over_eight_tasks_in_a_body_takes_the_space_of_one() -> None:
    one, eight = home(picking(1, 32)), home(picking(8, 32))
    assert (eight.records, eight.joins, eight.store) == (one.records, one.joins, one.store)
    # the injected token, 32 lanes, spawn and join; the lanes' operands of two quads, and 32 children of one
    assert (eight.records, eight.joins, eight.store) == (1 + 32 + 1 + 1, 1, 32 * 8 + 32 * 4)


def test_no_more_lanes_than_children() -> None:
    assert home(picking(8, {"quantiles": [0, 3]})).records == 1 + 3 + 1 + 1
    assert home(picking(8, 100)).records == 1 + 32 + 1 + 1
    assert home(picking(8, 0)).records == 1 + 1 + 1 + 1


def test_blocks_that_share_lanes_are_as_far_apart_as_the_largest_needs() -> None:
    owg = picking(2, 3)
    owg["flows"][2]["words"] = 9
    found = home(owg)
    assert [found.stride[number] for number in (2, 3)] == [12, 12]
    assert found.area[2] == found.area[3] and found.store == 3 * 12 + 3 * 4


def test_each_body_has_its_own_distance_between_lanes() -> None:
    blocks = [
        *(block("s", "spawn", count=2, join="j"), task("a"), block("j", "join", of="s")),
        *(block("t", "spawn", count=8, join="k"), task("b"), block("k", "join", of="t"), block("end", "end")),
    ]
    found = home(workflow(blocks, ["s a 8", "a j 1", "j t", "t b 1", "b k", "k end"]))
    assert found.record[1] == found.record[4] and found.area[1] == found.area[4] == 0
    assert (found.stride[1], found.stride[4], found.area[2]) == (8, 4, 8 * 4)


def test_a_join_record_for_each_cell_that_has_a_join() -> None:
    blocks = [block("pick", "branch", choose="value"), block("end", "end")]
    flows = []
    for way in "xy":
        blocks += [task(f"{way}a"), task(f"{way}b"), task(f"{way}c"), block(f"{way}j", "join", of="all")]
        flows += [f"pick {way}a", f"{way}a {way}b", f"{way}a {way}c", f"{way}b {way}j", f"{way}c {way}j", f"{way}j end"]
    assert (home(workflow(blocks, flows)).records, home(workflow(blocks, flows)).joins) == (3, 1)


#: An entry that holds its token, with a task and an end that words reach.
GIVEN = workflow([block("f", "fork"), task("a"), block("end", "end")], ["f a 5", "a end 6"])


def test_a_row_lies_first_and_what_takes_it_has_room_for_all_of_it() -> None:
    found = home(GIVEN, given=noise(1, 2, 17))
    # the row in the cell of the injected token and of task a; the fork's; the end's
    assert (found.area, found.store) == ({0: 20, 1: 0, 2: 40}, 20 + 20 + 8)
    found = home(GIVEN)
    assert (found.area, found.store) == ({0: 0, 1: 0, 2: 8}, 8 + 8)


def test_an_end_reports_if_words_may_reach_it_or_rows_are_given() -> None:
    silent = workflow([task("a"), block("end", "end")], ["a end"])
    assert 1 not in home(silent).record
    for found in (home(silent, given=noise(1, 1, 0)), home(workflow(silent["blocks"], ["a end 1"]))):
        assert (found.record[1], found.records) == (1, 2)


def test_the_machine_sees_a_row_without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def play() -> None:
        list(run_all(compiled(GIVEN, given=noise(1, 2, 17)), Random(1)))

    play()
    monkeypatch.setattr(layout, "aligned", lambda words: 0)
    with pytest.raises(AssertionError, match="is used twice"):
        play()
