# SPDX-License-Identifier: Apache-2.0
import networkx as nx
import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.importers import Data, Options, TaskGraph, convert

from .samples import graph_of, random_graph


@pytest.mark.parametrize(
    ("edges", "shown"),
    [
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, ("b -> c -> b", "c -> b -> c")),
        ({"a": ["a"]}, ("a -> a",)),
        ({f"t{n}": [f"t{(n + 1) % 20}"] for n in range(20)}, (" -> ... -> ",)),
    ],
)
def test_circles_are_refused_with_their_names(edges: dict[str, list[str]], shown: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"g.json: the tasks .* wait for each other in a circle") as caught:
        convert(graph_of(edges), Options())
    assert any(one in str(caught.value) for one in shown)


def test_a_second_task_of_a_name_is_refused() -> None:
    graph = graph_of({"a": []})
    with pytest.raises(InputError, match=r"g.json: place: a second task 'a'; give each its own name"):
        graph.add_task(graph.tasks["a"], "place")


def test_unknown_ends_are_refused() -> None:
    with pytest.raises(InputError, match="there is no task 'b'"):
        graph_of({"a": []}).add_edge("a", "b", Data())


def test_no_tasks() -> None:
    with pytest.raises(InputError, match="there are no tasks"):
        convert(TaskGraph("g", "g.json"), Options())


def test_a_second_edge_adds_its_data() -> None:
    graph = graph_of({"a": ["b"]})
    graph.add_edge("a", "b", Data(words=2))
    graph.add_edge("a", "b", Data(words=1, size=5))
    assert graph.data == {("a", "b"): Data(3, 5)} and graph.children["a"] == ["b"]


@pytest.mark.parametrize("seed", range(10))
def test_reduced_graphs_are_those_of_networkx(seed: int) -> None:
    graph = random_graph(seed, tasks=80, degree=4)
    known = nx.transitive_reduction(nx.DiGraph(list(graph.data)))
    reduced = graph.reduced()
    assert set(reduced.data) == set(known.edges) and list(reduced.tasks) == list(graph.tasks)
    assert len(reduced.data) < len(graph.data)
    assert all(graph.data[edge] == data for edge, data in reduced.data.items())
