# SPDX-License-Identifier: Apache-2.0
"""Data have lengths, flows carry slices of them, joins gather them: RTL beside its twin, and what TBUs must get."""

from collections import Counter
from functools import cache
from typing import Any

import pytest

from octopus_hw.image.compile import Compiled
from tests.cbu.rig import Bench, run_in_a_mesh
from tests.cbu.samples import SMALL
from tests.image.samples import block, compiled, task, workflow

END = block("end", "end")


def halos(count: Any, entry: bool = False) -> dict[str, Any]:
    """Children with halos of 18 words, or of none at the entry; some bring nothing; what they bring is shared again."""
    before = [] if entry else [task("before")]
    return workflow(
        [*before, block("many", "spawn", count=count, join="all_of"), task("child"),
         block("some", "branch", choose={"quantiles": [0, 1]}), block("all_of", "join", of="many"), task("after"), END],
        [*([] if entry else ["before many 18"]), {"from": "many", "to": "child", "words": 6, "stride": 4},
         "child some", "some all_of 0", "some all_of 5", {"from": "all_of", "to": "after", "words": 30, "first": 8},
         "after end"],
    )  # fmt: skip


def shared() -> dict[str, Any]:
    """A join of all with gaps, whose words a held fork's arms share, and a spawn's children, and those of the next."""
    return workflow(
        [task("first"), task("left"), task("right"), block("both", "join", of="all"), block("split", "fork"),
         block("many", "spawn", count={"quantiles": [0, 2]}, join="all_of"), task("child"),
         block("all_of", "join", of="many"), block("again", "spawn", count=2, join="rest"), task("grandchild"),
         block("rest", "join", of="again"), task("other"), block("gather", "join", of="all"), task("last"), END],
        ["first left 3", {"from": "first", "to": "right", "words": 9, "first": 4}, "left both 7", "right both 2",
         "both split 12", {"from": "split", "to": "many", "words": 8, "first": 4}, "split other 10",
         {"from": "many", "to": "child", "words": 5, "stride": 4}, "child all_of 3", "all_of again 7",
         {"from": "again", "to": "grandchild", "words": 4, "stride": 4}, "grandchild rest 1", "rest gather 5",
         {"from": "other", "to": "gather", "words": 2, "first": 8},
         {"from": "gather", "to": "last", "words": 4, "first": 8}, "last end"],
    )  # fmt: skip


def from_the_middle() -> dict[str, Any]:
    """Tasks one after the other: the second takes words from the middle, the third from the start."""
    return workflow(
        [task("a"), task("b"), task("c"), END],
        [{"from": "a", "to": "b", "words": 5, "first": 4}, "b c 7", "c end"],
    )


#: name: workflow, strategy, columns, keys of the world, instances and window.
SCENARIOS: dict[str, tuple[dict[str, Any], str, int, dict[str, Any], dict[str, Any]]] = {
    "halos": (halos(5), "adaptive", 1, {}, {"instances": 4}),
    "halos, static": (halos(5), "naive", 2, {"longest": 60}, {"instances": 6}),
    "halos of nothing": (halos({"quantiles": [0, 3, 5]}, entry=True), "adaptive", 1, {}, {"instances": 4}),
    "more lanes than children": (halos(5), "octopus", 2, {"slow": 300}, {"instances": 4}),
    "shared": (shared(), "adaptive", 1, {}, {"instances": 4}),
    "shared, static": (shared(), "naive", 2, {"longest": 60}, {"instances": 6}),
    "from the middle": (from_the_middle(), "adaptive", 1, {}, {"instances": 4}),
    "from the middle, static": (from_the_middle(), "naive", 1, {"longest": 60}, {"instances": 4}),
    "no place for a slice": (
        from_the_middle(),
        "naive",
        1,
        {"longest": 60},
        {"instances": 8, "stream": {"window": 6}},
    ),
}


@cache
def run_of(name: str) -> tuple[Compiled, Bench]:
    owg, strategy, columns, keys, more = SCENARIOS[name]
    result = compiled(owg, columns, 1, strategy, config=SMALL, **{"stream": {"window": 3}} | more)
    return result, run_in_a_mesh(result.image, 5, **keys)


def words_of_tasks(name: str) -> dict[str, Counter[tuple[int, int]]]:
    """Each task's indices, with the words that it got."""
    result, bench = run_of(name)
    assert bench.world
    found: dict[str, Counter[tuple[int, int]]] = {}
    names = [block_.id for stream in result.resolved.workload.streams for block_ in stream.workflow.blocks]
    for token in bench.world.tasks:
        found.setdefault(names[token["block"]], Counter())[token["index"], token["words"]] += 1
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_does_what_its_twin_does(name: str) -> None:
    _, bench = run_of(name)
    assert bench.printed() == bench.events


@pytest.mark.parametrize("name", ["halos", "halos, static", "more lanes than children"])
def test_children_have_halos_up_to_the_end_of_the_data(name: str) -> None:
    tasks = words_of_tasks(name)
    assert set(tasks["before"]) == {(0, 0)}
    assert set(tasks["child"]) == {(0, 6), (1, 6), (2, 6), (3, 6), (4, 2)}
    # Each of five children has brought two quads, whatever they hold.
    assert set(tasks["after"]) == {(0, 30)}


def test_children_of_nothing_have_no_words() -> None:
    tasks = words_of_tasks("halos of nothing")
    assert {words for _, words in tasks["child"]} == {0}
    counts = Counter(index for index, _ in tasks["child"].elements())
    # 8 words of each child, without the first 8; of no child, none.
    assert set(tasks["after"]) <= {(0, 0), (0, 16), (0, 30)}
    assert tasks["after"][0, 0] == 4 - counts[0] and tasks["after"][0, 30] == counts[4]


@pytest.mark.parametrize("name", ["shared", "shared, static"])
def test_slices_of_what_a_join_gathers(name: str) -> None:
    tasks = words_of_tasks(name)
    assert set(tasks["left"]) == {(0, 3)} and set(tasks["right"]) == {(0, 9)}
    assert set(tasks["other"]) == {(0, 10)}
    # The spawn has 8 of the fork's 12 words; its children take 5 each, 4 further on each time, or there are none.
    assert set(tasks["child"]) == {(0, 5), (1, 4)}
    assert set(tasks["grandchild"]) == {(0, 0), (1, 0), (0, 4), (1, 3)}
    # 5 words, in two quads, then the other task's quad.
    assert set(tasks["last"]) == {(0, 4)}


@pytest.mark.parametrize("name", ["from the middle", "from the middle, static"])
def test_a_place_is_inherited_only_with_its_data_from_the_start(name: str) -> None:
    _, bench = run_of(name)
    tasks = words_of_tasks(name)
    assert set(tasks["a"]) == {(0, 0)} and set(tasks["b"]) == {(0, 5)} and set(tasks["c"]) == {(0, 7)}
    begins = Counter((command["unit"] < 7, command["begin"]) for kind, command in bench.commands if kind == "PLACE")
    # Into a place all words come from the middle, but for those of a task that waited at home.
    assert begins[True, 1] and not (name == "from the middle" and begins[True, 0])


def test_every_kind_of_holder_has_data() -> None:
    """Some, a slice of some, and fewer than a flow would take; what was parked is all of what goes on."""
    seen: Counter[tuple[str, str]] = Counter()
    for name in SCENARIOS:
        for kind, command in run_of(name)[1].commands:
            left = command["length"] - 4 * command["begin"]
            seen[kind, "begins"] += command["begin"] > 0
            seen[kind, "ends"] += 0 <= left < command["words"]
            seen[kind, "is behind"] += left < 0
            seen[kind, "goes on"] += left > command["words"]
            seen[kind, "is whole"] += left == command["words"] > 0
            seen[kind, "has room"] += 4 * command["room"] > max(0, min(left, command["words"]))
    wanted = {(kind, way) for kind in ("LIST", "SPAWN") for way in ("ends", "goes on")}
    wanted |= {(kind, way) for kind in ("PLACE", "LIST") for way in ("begins", "has room")}
    wanted |= {("PLACE", "goes on"), ("LIST", "is behind"), ("SINGLE", "is whole")}
    assert {row for row in wanted if not seen[row]} == set()
    assert not any(seen["SINGLE", way] for way in ("begins", "goes on"))
