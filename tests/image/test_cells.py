# SPDX-License-Identifier: Apache-2.0
"""The cells of blocks, and that no two uses of one meet: the machine plays every workflow in many orders."""

import json
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from octopus_hw.contract.errors import InputError
from octopus_hw.image import cells, threads
from octopus_hw.image.lists import lists_of
from octopus_hw.owg import Workflow, workflow_from_json
from octopus_hw.owg.bodies import spawn_bodies
from tests.owg.samples import well_formed

from .machine import run_all
from .samples import ROOMY, block, compiled, task, workflow


def by_name(owg: dict[str, Any], *, reports: bool = False) -> tuple[dict[str, int], int]:
    loaded = workflow_from_json(json.dumps(owg), "sample.json")
    planned = cells.cells_of(loaded, lists_of(loaded), spawn_bodies(loaded), reports=reports)
    return {loaded.blocks[number].id: cell for number, cell in planned.of.items()}, planned.count


def play(owg: dict[str, Any], orders: Iterable[int]) -> None:
    result = compiled(owg, instances=3, config=ROOMY)
    for order in orders:
        list(run_all(result, Random(order)))


def spawning(name: str, words: int) -> tuple[list[dict[str, Any]], list[str]]:
    """A spawn of one task, and its join."""
    blocks = [
        block(f"{name}s", "spawn", count=2, join=f"{name}j"),
        task(name),
        block(f"{name}j", "join", of=f"{name}s"),
    ]
    return blocks, [f"{name}s {name} {words}", f"{name} {name}j {words}"]


ARMS = workflow(
    [task("a"), task("b"), task("c"), block("j", "join", of="all"), block("end", "end")],
    ["a b 4", "a c 4", "b j 4", "c j 4", "j end"],
)
#: A token runs out of a list (ej's), along the loop and to a spawn beside it, before the list's last token has left.
FAR_AHEAD = workflow(
    [
        block("pick", "branch", choose={"quantiles": [0, 1]}),
        *spawning("e", 2)[0],
        *(block(name, "fork") for name in ("one", "two")),
        *(task(name) for name in ("x", "y", "m")),
        *spawning("u", 4)[0],
        block("again", "branch", choose={"quantiles": [0, 1]}),
        block("n", "branch"),
        block("j", "join", of="all"),
        block("end", "end"),
    ],
    [
        *(
            "pick es",
            "pick two",
            "ej one",
            "one m 3",
            "one x 6",
            "x n",
            "two us",
            "two y 1",
            "y n",
            "uj m 1",
            "m again",
        ),
        *(*spawning("e", 2)[1], *spawning("u", 4)[1], {"from": "again", "to": "us", "loop": True, "max_rounds": 3}),
        *("n j 1", "again j 2", "j end"),
    ],
)


def test_a_chain_of_tasks_has_one_cell_which_is_the_injected_tokens() -> None:
    owg = workflow([task("a"), task("b"), task("c"), block("end", "end")], ["a b", "b c", "c end"])
    assert by_name(owg) == ({"a": 0, "b": 0, "c": 0}, 1)


def test_an_end_that_reports_has_the_last_cell() -> None:
    for owg in (ARMS, workflow([block("end", "end")], [])):
        planned, count = by_name(owg)
        assert by_name(owg, reports=True) == (planned | {"end": count}, count + 1)


def test_arms_of_a_fork_have_cells_of_their_own_beside_the_join() -> None:
    assert by_name(ARMS) == ({"a": 0, "b": 2, "c": 0, "j": 1}, 3)


def test_spawns_on_different_ways_lie_on_the_same_level_and_all_bodies_in_the_same_cells() -> None:
    one, two, three = spawning("a", 1), spawning("b", 1), spawning("c", 1)
    blocks = [block("pick", "branch", choose="value"), *one[0], *two[0], *three[0], block("end", "end")]
    flows = ["pick as", "pick bs", *one[1], *two[1], *three[1], "aj cs", "bj cs", "cj end"]
    same = {"as": 2, "a": 1, "aj": 3, "bs": 2, "b": 1, "bj": 3}
    assert by_name(workflow(blocks, flows)) == (same | {"cs": 4, "c": 1, "cj": 5}, 6)


def test_what_sends_several_tokens_shares_nothing_where_there_is_a_loop() -> None:
    planned, count = by_name(FAR_AHEAD)
    alone = {planned["ej"], planned["two"]}
    assert alone == {count - 2, count - 1}
    assert sum(cell in alone for cell in planned.values()) == 2


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1 << 32))
def test_no_two_uses_meet(seed: int) -> None:
    random = Random(seed)
    owg = well_formed(random.randint, size=random.choice([6, 12, 25, 50]), depth=random.choice([3, 4, 5]), slices=True)
    try:
        play(owg, range(3))
    except InputError as error:
        if "the configuration has" not in str(error):
            raise
        reject()


def test_no_two_uses_meet_when_a_token_runs_far_ahead() -> None:
    play(FAR_AHEAD, range(100))


def _one_thread(workflow: Workflow, number: int, found: threads.Threads, into: list[int]) -> None:
    """Let the flows into a join be of its thread, as if one token were in all arms of a fork."""
    for flow in workflow.incoming[number]:
        into[flow] = found.of[number]


def _nothing_before(_plan: Any, _number: int) -> Iterator[int]:
    return iter(())


@pytest.mark.parametrize(
    ("owg", "owner", "name", "rule"),
    [
        (FAR_AHEAD, cells, "_alone", lambda *_: set()),
        (FAR_AHEAD, cells._Plan, "before", _nothing_before),
        (ARMS, threads, "_enter", _one_thread),
    ],
)
def test_the_machine_sees_that_a_rule_is_broken(
    monkeypatch: pytest.MonkeyPatch, owg: dict[str, Any], owner: Any, name: str, rule: Any
) -> None:
    play(owg, range(200))
    monkeypatch.setattr(owner, name, rule)
    with pytest.raises(AssertionError, match="is used twice"):
        play(owg, range(200))
