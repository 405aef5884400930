# SPDX-License-Identifier: Apache-2.0
"""Workflows made to drive the engine through every transition; each run is compared with the twin in every cycle."""

from collections import Counter
from functools import cache
from typing import Any

import pytest

from octopus_hw.image.image import Image
from tests.cbu.rig import Bench, run_in_a_mesh
from tests.cbu.samples import SMALL
from tests.image.samples import block, chain, compiled, task, workflow

END = block("end", "end")


def spawn(count: Any, words: int = 0, **join: Any) -> dict[str, Any]:
    """A spawn at the entry; every child is one task."""
    return workflow(
        [block("many", "spawn", count=count, join="all_of"), task("child"), block("all_of", "join", of="many", **join),
         END],
        [f"many child {words}", f"child all_of {words}", "all_of end"],
    )  # fmt: skip


def late_spawn(count: Any, words: int = 0, keep: bool = False) -> dict[str, Any]:
    """A spawn behind a task; children fork, branch and join in their lanes."""
    return workflow(
        [task("before"), block("many", "spawn", count=count, join="all_of", keep_value=keep), task("child"),
         block("split", "fork"), task("left"), task("right"), block("both", "join", of="all", value="max"),
         block("choice", "branch", choose={"thresholds": [2]}), block("all_of", "join", of="many", value="sum"), END],
        [f"before many {words}", f"many child {words}", f"child split {words}", "split left", f"split right {words}",
         f"left both {words}", "right both", "both choice", "choice all_of",
         {"from": "choice", "to": "child", "words": words, "loop": True, "max_rounds": 2}, "all_of end"],
    )  # fmt: skip


def forking_children() -> dict[str, Any]:
    """A spawn behind a task, whose children fork at once: they arrive where their holder is at work."""
    return workflow(
        [task("before"), block("many", "spawn", count=5, join="all_of"), block("split", "fork"), task("left"),
         task("right"), block("both", "join", of="all"), block("all_of", "join", of="many"), END],
        ["before many", "many split", "split left", "split right", "left both", "right both", "both all_of",
         "all_of end"],
    )  # fmt: skip


def wide(words: int = 0, value: str | None = None) -> dict[str, Any]:
    """Six tasks side by side behind a task, and a join of all."""
    names = [f"t{number}" for number in range(6)]
    join = block("all", "join", of="all", **({"value": value} if value else {}))
    flows = [f"first {name} {words * (number % 2)}" for number, name in enumerate(names)]
    flows += [f"{name} gather {words * (number % 3)}" for number, name in enumerate(names)]
    return workflow(
        [task("first"), *(task(name) for name in names), join | {"id": "gather"}, END], [*flows, "gather end"]
    )


def loop(words: int = 0) -> dict[str, Any]:
    """A loop that is always taken, until it is closed; then a second task, or none."""
    return workflow(
        [task("first"), block("again", "branch", choose=0), task("second"), END],
        [f"first again {words}", {"from": "again", "to": "first", "words": words, "loop": True, "max_rounds": 3},
         f"again second {words}", "second end"],
    )  # fmt: skip


def again() -> dict[str, Any]:
    """One task, three times."""
    return workflow(
        [task("only"), block("again", "branch", choose=0), END],
        ["only again", {"from": "again", "to": "only", "loop": True, "max_rounds": 2}, "again end"],
    )


def row(words: int) -> dict[str, Any]:
    """Four tasks, one after the other."""
    return chain(*(task(f"t{number}") for number in range(4)), words=words)


def late_nothing() -> dict[str, Any]:
    """No children behind a task with a value, which the join does not hand on."""
    return workflow(
        [task("before"), block("none", "spawn", count=0, join="nothing"), task("body"),
         block("nothing", "join", of="none", value="sum"), task("after"), END],
        ["before none", "none body", "body nothing", "nothing after", "after end"],
    )  # fmt: skip


def loop_in_an_arm() -> dict[str, Any]:
    """A task with two flows; a loop flow is in the first one's way, and counts for that one alone."""
    return workflow(
        [task("top"), block("again", "branch", choose=0), task("inner"), task("other"), block("both", "join", of="all"),
         END],
        ["top again", "top other", {"from": "again", "to": "inner", "loop": True, "max_rounds": 2}, "again both",
         "inner again", "other both", "both end"],
    )  # fmt: skip


def forks() -> dict[str, Any]:
    """A fork at the entry whose arms are forks, a spawn and the end of nothing."""
    return workflow(
        [block("top", "fork"), block("none", "spawn", count=0, join="nothing"), task("body"),
         block("nothing", "join", of="none", value="count"), block("left", "fork"), task("a"), task("b"),
         block("mid", "join", of="all"), block("out", "join", of="all", value="sum"), END],
        ["top none", "none body", "body nothing", "nothing out", "top left", "left a 3", "left b", "a mid", "b mid 3",
         "mid out 2", "out end"],
    )  # fmt: skip


#: name: workflow, strategy, columns, keys of the world, instances and window.
SCENARIOS: dict[str, tuple[dict[str, Any], str, int, dict[str, Any], dict[str, Any]]] = {
    "children wait for lanes": (spawn(40), "adaptive", 1, {"slow": 500}, {"instances": 1}),
    "children with data wait": (spawn(40, 2, value="sum"), "adaptive", 1, {"slow": 500, "values": (65535, 7)}, {}),
    "no children": (spawn(0), "adaptive", 1, {}, {"instances": 3}),
    "no children, but a value": (late_nothing(), "adaptive", 1, {"values": (7,)}, {"instances": 3}),
    "a loop in an arm": (loop_in_an_arm(), "adaptive", 1, {}, {"instances": 3}),
    "one child or none": (late_spawn({"quantiles": [0, 1, 2]}, 3), "adaptive", 2, {}, {"instances": 6}),
    "children in lanes": (late_spawn(5, 0, True), "naive", 2, {}, {"instances": 2}),
    "children fork at once": (forking_children(), "adaptive", 1, {}, {"instances": 3}),
    "children stay inline": (late_spawn(3), "adaptive", 1, {}, {"instances": 3}),
    "wide, inline": (wide(), "adaptive", 1, {}, {"instances": 4}),
    "wide, with data": (wide(4, "sum"), "adaptive", 2, {"values": (40000,)}, {"instances": 4}),
    "wide, static": (wide(4, "count"), "naive", 2, {"longest": 60}, {"instances": 6}),
    "wide, static, one tile": (wide(), "naive", 1, {"longest": 60}, {"instances": 6}),
    "wide, static, data in one tile": (wide(4), "naive", 1, {}, {"instances": 6}),
    "a loop is closed": (loop(), "adaptive", 1, {}, {"instances": 3}),
    "a loop between owners": (loop(5), "naive", 2, {"longest": 60}, {"instances": 8, "stream": {"window": 4}}),
    "owners are busy": (loop(), "naive", 1, {"longest": 60}, {"instances": 8, "stream": {"window": 6}}),
    "one task, two owners": (again(), "naive", 1, {"longest": 60}, {"instances": 8, "stream": {"window": 6}}),
    "an owner far away is busy": (row(3), "naive", 2, {"longest": 90}, {"instances": 12, "stream": {"window": 6}}),
    "forks of forks": (forks(), "adaptive", 1, {}, {"instances": 3}),
    "forks of forks, static": (forks(), "naive", 2, {}, {"instances": 6}),
    "open arrivals": (loop(), "adaptive", 1, {}, {"instances": 5, "stream": {"period": 40, "jitter": 30, "start": 9}}),
}


def image_of(name: str) -> tuple[Image, dict[str, Any]]:
    owg, strategy, columns, keys, more = SCENARIOS[name]
    more = {"instances": 2} | more
    stream = {"window": 2} | more.get("stream", {})
    if "period" in stream:
        del stream["window"]
    more = more | {"stream": stream}
    return compiled(owg, columns, 1, strategy, config=SMALL, **more).image, keys


@cache
def bench_of(name: str) -> Bench:
    image, keys = image_of(name)
    return run_in_a_mesh(image, 5, **keys)


@pytest.mark.parametrize("name", SCENARIOS)
def test_does_what_its_twin_does(name: str) -> None:
    bench = bench_of(name)
    assert bench.printed() == bench.events


def test_every_transition_is_driven() -> None:
    seen: Counter[tuple[str, str, str]] = Counter()
    for name in SCENARIOS:
        seen += bench_of(name).twin.seen
    rows = {
        "IDLE": {("arri", "FLOW"), ("answ", "IDLE"), ("aske", "IDLE"), ("done", "FLOW"), ("", "FLOW"), ("", "HOLD")},
        "HOLD": {("PLACE", "FLOW"), ("SINGLE", "FLOW"), ("LIST", "FLOW"), ("SPAWN", "FLOW"), ("SPAWN", "CLAIM")},
        "CLAIM": {("SPAWN", "IDLE"), ("SPAWN", "FLOW")},
        "FLOW": {
            *((kind, state) for kind in ("PLACE", "LIST") for state in ("ACT", "ARRIVE", "DECIDE", "OWN")),
            *((kind, state) for kind in ("SINGLE", "LIST", "SPAWN") for state in ("ACT", "IDLE")),
            ("ARRIVING", "ARRIVE"),
            ("SINGLE", "OWN"),
            ("SPAWN", "OWN"),
            ("SINGLE", "ARRIVE"),
            ("SPAWN", "ARRIVE"),
        },
        "DECIDE": {("PLACE", "DECIDE"), ("PLACE", "CHOSEN"), ("LIST", "CHOSEN")},
        "CHOSEN": {("PLACE", "FLOW"), ("LIST", "FLOW")},
        "OWN": {("PLACE", "TRY"), ("SINGLE", "TRY"), ("LIST", "TRY"), ("PLACE", "ACT"), ("SINGLE", "IDLE")},
        "TRY": {
            *((kind, state) for kind in ("PLACE", "SINGLE", "LIST") for state in ("ACT", "IDLE")),
            ("PLACE", "TRY"),
            ("SINGLE", "TRY"),
            ("PLACE", "ARRIVE"),
        },
        "ACT": {
            *((kind, "IDLE") for kind in ("PLACE", "SINGLE", "LIST", "SPAWN")),
            ("PLACE", "FLOW"),
            ("LIST", "FLOW"),
            ("SPAWN", "CLAIM"),
        },
        "ARRIVE": {("ARRIVING", "IDLE"), ("PLACE", "NEXT"), ("LIST", "NEXT"), ("SINGLE", "NEXT"),
                   ("ARRIVING", "COUNT"), ("SINGLE", "COUNT"), ("LIST", "COUNT"), ("PLACE", "COUNT")},
        "COUNT": {("ARRIVING", "COUNT"), ("ARRIVING", "IDLE"), ("SINGLE", "NEXT"), ("SINGLE", "FIRE"),
                  ("ARRIVING", "FIRE"), ("PLACE", "NEXT")},
        "FIRE": {("ARRIVING", "IDLE"), ("SINGLE", "NEXT")},
        "NEXT": {("PLACE", "IDLE"), ("PLACE", "FLOW"), ("LIST", "FLOW"), ("SINGLE", "IDLE"), ("LIST", "IDLE"),
                 ("SPAWN", "CLAIM"), ("SPAWN", "IDLE")},
    }  # fmt: skip
    missing = [(state, *row) for state, wanted in rows.items() for row in wanted if not seen[state, *row]]
    assert missing == []
