# SPDX-License-Identifier: Apache-2.0
"""Imported workflows execute every recorded task once, with its time, in the recorded order and no other."""

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.image.compile import compile_workload
from octopus_hw.importers import Options, TaskGraph, convert
from octopus_hw.importers.fit import MOST
from octopus_hw.owg.objects import Block, Fork, Join, Spawn, Task

from .samples import check_faithful, graph_of, random_graph


def kinds(graph: TaskGraph, **options: object) -> dict[type[Block], int]:
    blocks = check_faithful(graph, **options).workflow.blocks
    return {kind: sum(isinstance(block, kind) for block in blocks) for kind in (Task, Fork, Join, Spawn)}


def test_one_task_is_task_and_end() -> None:
    workflow = check_faithful(graph_of({"a": []}, a=9)).workflow
    assert [block.id for block in workflow.blocks] == ["a", "end"] and workflow.entry == "a"


def test_tasks_of_one_parent_hang_on_it_directly() -> None:
    graph = graph_of({"a": ["b", "c"]}, a=2, b=3, c=4)
    assert kinds(graph) == {Task: 3, Fork: 0, Join: 1, Spawn: 0}


def test_several_entries_stand_behind_a_fork_and_several_sinks_before_a_join() -> None:
    assert kinds(graph_of({"a": [], "b": [], "c": []})) == {Task: 3, Fork: 1, Join: 1, Spawn: 0}


def test_what_waits_for_the_same_tasks_waits_at_one_join() -> None:
    edges = {f"{name}": ["x", "y", "z"] for name in "abcd"}
    imported = check_faithful(graph_of(edges))
    assert len(imported.workflow.flows) == 4 + 4 + 1 + 3 + 3 + 1


def test_lanes_become_a_spawn() -> None:
    edges = {"split": ["m1", "m2", "m3"], "m1": ["n1"], "m2": ["n2"], "m3": ["n3"]}
    edges |= {name: ["all", "end"] for name in ("n1", "n2", "n3")}
    graph = graph_of(edges, m1=5, m2=6, m3=7, n1=30, n2=20, n3=10)
    imported = check_faithful(graph)
    assert imported.where["m2"] == ("m", 1) and imported.where["n3"] == ("n", 2)
    assert imported.chain == 1 + 35 + 1
    assert kinds(graph) == {Task: 5, Fork: 1, Join: 2, Spawn: 1}
    assert kinds(graph, flat=True) == {Task: 9, Fork: 1, Join: 2, Spawn: 0}


def test_lanes_may_be_all_there_is() -> None:
    assert kinds(graph_of({"a1": ["b1"], "a2": ["b2"]})) == {Task: 2, Fork: 0, Join: 1, Spawn: 1}


@pytest.mark.parametrize(
    "edges",
    [
        {"s": ["a1", "b1"], "a1": ["t"], "b1": ["t"]},  # other programs
        {"s": ["a1", "a2"], "a1": ["t"], "a2": []},  # other children
        {"s": ["a1", "a2"], "r": ["a2"], "a1": ["t"], "a2": ["t"]},  # other parents
        {"s": ["a1", "a2"], "a1": ["b1"], "b1": ["t"], "a2": ["t"]},  # other lengths
    ],
)
def test_what_is_not_alike_is_no_lane(edges: dict[str, list[str]]) -> None:
    assert kinds(graph_of(edges))[Spawn] == 0


def test_a_task_without_a_kind_is_like_no_other() -> None:
    assert kinds(graph_of({"s": ["1", "2"], "1": ["t"], "2": ["t"]}))[Spawn] == 0


def test_too_many_lanes_for_one_list_of_numbers_become_several_spawns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octopus_hw.importers.lanes.MAX_LANES", 3)
    graph = graph_of({f"a{n}": [f"b{n}"] for n in range(7)})
    assert kinds(graph) == {Task: 6, Fork: 1, Join: 4, Spawn: 3}


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_random_graphs(seed: int, flat: bool) -> None:
    graph = random_graph(seed, tasks=5 + 3 * seed, degree=0.5 + seed % 4)
    imported = check_faithful(graph, flat=flat)
    assert imported.workflow.name == f"random {seed}"


def test_some_random_graphs_have_lanes() -> None:
    counts = [kinds(random_graph(seed, tasks=60))[Spawn] for seed in range(8)]
    assert sum(counts) > 8


def test_two_thousand_tasks() -> None:
    graph = random_graph(5, tasks=2000, degree=1.0)
    imported = check_faithful(graph, flat=True)
    assert len(imported.workflow.tasks) == len(graph.tasks) >= 2000
    assert not imported.dropped and set(imported.exceeded_keys) == {"owner_entries"}
    assert imported.fitted.window == 3  # 1,359 records each
    assert {"max_blocks", "max_flows", "store_words"} <= set(imported.raised_keys)


def test_two_thousand_tasks_compile_with_the_keys_that_are_named() -> None:
    imported = convert(random_graph(6, tasks=2000, degree=1.0), Options())
    compiled = compile_workload(imported.workload, 2, 1, Config(**imported.raised_keys), "adaptive")
    assert len(compiled.resolved) == 32


def test_edges_that_others_imply_go_if_no_flow_table_holds_them() -> None:
    chain = [f"t{n}x" for n in range(95)]
    graph = graph_of({name: chain[n + 1 :] for n, name in enumerate(chain)})
    assert len(graph.data) > MOST["max_flows"]
    imported = check_faithful(graph)
    assert imported.dropped == len(graph.data) - 94 and len(imported.workflow.blocks) == 96


def test_names_become_identifiers() -> None:
    names = ["all", "end", "start", "a b", "a-b", "a_b", "1st", "größe", "", "_", "join_all"]
    imported = check_faithful(graph_of({name: [] for name in names}))
    ids = [imported.where[name][0] for name in names]
    assert ids == ["all_2", "end", "start", "a_b", "a_b_2", "a_b_3", "_1st", "gr__e", "task", "_", "join_all"]
    assert len({block.id for block in imported.workflow.blocks}) == len(imported.workflow.blocks)
