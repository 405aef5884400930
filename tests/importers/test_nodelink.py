# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.importers import from_graph, from_nodelink
from octopus_hw.importers.attributes import kind_of
from octopus_hw.importers.graph import Data, Task
from octopus_hw.importers.nodelink import read_graph, read_nodelink
from octopus_hw.owg.document import Node

from .samples import as_networkx, random_graph


def diamond() -> nx.DiGraph:
    graph = nx.DiGraph(name="diamond")
    graph.add_node(0, cycles=5)
    graph.add_node("left", time=0.5, type="side")
    graph.add_node((1, 2), weight="250ms")
    graph.add_node("last", cycles=7.0, time=99)
    graph.add_edge(0, "left", words=3)
    graph.add_edge(0, (1, 2), size="1kB")
    graph.add_edge("left", "last", size=np.int64(40))
    graph.add_edge((1, 2), "last")
    return graph


def test_attributes() -> None:
    tasks = read_graph(diamond())
    assert tasks.name == "diamond"
    assert list(tasks.tasks.values()) == [
        Task(name="0", kind="", cycles=5),
        Task(name="left", kind="side", seconds=0.5),
        Task(name="(1, 2)", kind="(1, 2)", seconds=0.25),
        Task(name="last", kind="last", cycles=7),
    ]
    assert list(tasks.data.values()) == [Data(words=3), Data(size=1000.0), Data(size=40.0), Data()]


@pytest.mark.parametrize("edges", ["edges", "links"])
def test_node_link_says_the_same_as_the_graph(edges: str, tmp_path: Path) -> None:
    graph = nx.relabel_nodes(diamond(), {(1, 2): "pair"})
    graph.edges["left", "last"]["size"] = 40
    document = json.loads(json.dumps(nx.node_link_data(graph, edges=edges)))
    assert from_nodelink(document, cycle="1ms") == from_graph(graph, cycle="1ms")
    path = tmp_path / "diamond.json"
    path.write_text(json.dumps(document))
    assert from_nodelink(path, cycle="1ms") == from_graph(graph, cycle="1ms")


@pytest.mark.parametrize("seed", range(5))
def test_random_graphs_come_through_networkx(seed: int) -> None:
    graph = random_graph(seed, tasks=50)
    cycles = {name: task.cycles or 0 for name, task in graph.tasks.items()}
    known = nx.DiGraph()
    for task in graph.tasks.values():
        known.add_node(task.name, cycles=task.cycles, type=task.kind)
    for (source, target), data in graph.data.items():
        known.add_edge(source, target, words=data.words)
    tasks = read_nodelink(Node("f", "", json.loads(json.dumps(nx.node_link_data(known, edges="edges")))))
    assert tasks.tasks == graph.tasks and set(tasks.data) == set(graph.data)
    assert tasks.longest_chain(cycles) == nx.dag_longest_path_length(as_networkx(graph, cycles))


def test_parallel_edges_add_up() -> None:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from("ab", cycles=1)
    graph.add_edge("a", "b", words=2)
    graph.add_edge("a", "b", words=5)
    assert read_graph(graph).data == {("a", "b"): Data(words=7)}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("map_ID0012", "map"), ("map12", "map"), ("a.b-3", "a.b"), ("12", ""), ("solid7", "solid"), ("VALID9", "VALID")],
)
def test_kinds(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def node(**attributes: Any) -> dict[str, Any]:
    return {"nodes": [{"id": "a"} | attributes], "edges": []}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "this is no node-link graph; give a JSON object"),
        ({"edges": []}, "there is no 'nodes'"),
        ({"nodes": []}, "there is no 'links'"),
        (node() | {"directed": False}, "directed: the graph has no directions"),
        (node() | {"nodes": [{"id": 1, "cycles": 1}, {"id": "1"}]}, "nodes[1]: a second task '1'"),
        (node(cycles=1) | {"edges": [{"source": "a", "target": "b"}]}, "edges[0]: there is no task 'b'"),
        (node(cycles=1) | {"edges": [{"source": "a"}]}, "edges[0]: give a JSON object with a key 'target'"),
        (node(), "no run time for 1 tasks: 'a'"),
        (node(cycles=0), "nodes[0].cycles: '0' is out of range; give a whole number from 1 to 65535"),
        (node(cycles=65536), "give the time instead and a longer cycle"),
        (node(cycles=1.5), "'1.5' is out of range"),
        (node(cycles=True), "'True' is out of range"),
        (node(cycles="x"), "'x' is out of range"),
        (node(time=-1), "nodes[0].time: -1.0 is no time"),
        (node(weight={}), "nodes[0].weight: {} is no number"),
    ],
)
def test_what_is_wrong_is_told(document: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        convert_json(document)
    assert message in str(caught.value)


def convert_json(document: Any) -> None:
    if isinstance(document, dict):
        from_nodelink(document)
    read_nodelink(Node("f", "", document))


def test_an_undirected_graph() -> None:
    with pytest.raises(InputError, match="the graph has no directions"):
        from_graph(nx.Graph([("a", "b")]))
