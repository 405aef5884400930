# SPDX-License-Identifier: Apache-2.0
import json
from random import Random
from typing import Any

from octopus_hw.image.threads import threads_of
from octopus_hw.owg import Branch, Join, Workflow, workflow_from_json
from tests.owg.samples import well_formed

from .samples import block, task, workflow


def load(owg: dict[str, Any]) -> Workflow:
    return workflow_from_json(json.dumps(owg), "sample.json")


def by_name(owg: dict[str, Any]) -> dict[str, int]:
    loaded = load(owg)
    return dict(zip(loaded.numbers, threads_of(loaded).of, strict=True))


def test_the_last_flow_into_a_join_goes_on_with_its_thread_and_the_others_begin_their_own() -> None:
    blocks = [task("a"), task("b"), task("c"), task("d"), block("j", "join", of="all"), block("end", "end")]
    owg = workflow(blocks, ["a b", "a c", "a d", "b j", "c j", "d j", "j end"])
    assert by_name(owg) == {"a": 0, "b": 1, "c": 2, "d": 0, "j": 0, "end": 0}
    assert threads_of(load(owg)).hosts == [5, 4, 4]


def test_ways_out_of_a_branch_are_of_one_thread_and_a_loop_stays_in_its_own() -> None:
    blocks = [
        block("fork", "fork"),
        *(task(name) for name in "abcd"),
        block("pick", "branch", choose="value"),
        block("again", "branch", choose="value"),
        block("j", "join", of="all"),
        block("end", "end"),
    ]
    loop = {"from": "again", "to": "pick", "loop": True}
    flows = ["fork pick", "fork d", "pick a", "pick b", "a c", "b c", "c again", loop, "again j", "d j", "j end"]
    threads = by_name(workflow(blocks, flows))
    assert {name: threads[name] for name in ("pick", "a", "b", "c", "again")} == dict.fromkeys(
        ("pick", "a", "b", "c", "again"), 1
    )
    assert threads["fork"] == threads["d"] == threads["j"] == 0


def test_a_block_that_several_threads_leave_is_in_the_one_whose_join_comes_last() -> None:
    blocks = [*(task(name) for name in "abcd"), *(block(j, "join", of="all") for j in "xy"), block("end", "end")]
    threads = by_name(workflow(blocks, ["a b", "a c", "a d", "b x", "c x", "x y", "d y", "y end"]))
    assert threads == {"a": 0, "b": 2, "c": 1, "x": 1, "d": 0, "y": 0, "end": 0}


def test_a_body_has_a_thread_of_its_own() -> None:
    blocks = [block("s", "spawn", count=3, join="j"), task("a"), block("j", "join", of="s"), block("end", "end")]
    owg = workflow(blocks, ["s a", "a j", "j end"])
    assert by_name(owg) == {"s": 0, "a": 1, "j": 0, "end": 0}
    assert threads_of(load(owg)).hosts == [3, 2]


def test_what_the_cells_rely_on() -> None:
    """Ways out of a branch agree, hosts are in older threads; nothing leads to an older thread, but to a join."""
    for seed in range(300):
        random = Random(seed)
        loaded = load(well_formed(random.randint, size=30, depth=4))
        threads = threads_of(loaded)
        assert all(threads.of[host] < thread for thread, host in enumerate(threads.hosts) if thread)
        for source, target in loaded.ends:
            if isinstance(loaded.blocks[target], Join):
                continue
            assert threads.of[source] <= threads.of[target]
            assert threads.of[source] == threads.of[target] or not isinstance(loaded.blocks[source], Branch)
