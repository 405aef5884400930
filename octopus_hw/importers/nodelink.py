# SPDX-License-Identifier: Apache-2.0
"""The node-link JSON of networkx, and graph objects with the interface of its ``DiGraph``."""

from __future__ import annotations

import json
from typing import Any

from octopus_hw.contract.errors import InputError
from octopus_hw.importers.attributes import data_of, task_of
from octopus_hw.importers.graph import TaskGraph
from octopus_hw.owg.document import Node

__all__ = ["read_graph", "read_nodelink"]


def read_nodelink(document: Node, name: str | None = None) -> TaskGraph:
    """Read what ``node_link_data`` makes: ``nodes`` with an ``id`` each, ``edges`` (before networkx 3.4 ``links``)."""
    if not isinstance(document.value, dict):
        raise document.error("this is no node-link graph; give a JSON object")
    links = "edges" if "edges" in document else "links"
    for key in ("nodes", links):
        if key not in document:
            message = f"this is no node-link graph: there is no '{key}'; give a file in that format, or another --from"
            raise document.error(message)
    if document.value.get("directed") is False:
        raise document["directed"].error("the graph has no directions; give a directed one")
    named = document.value.get("graph")
    own = named.get("name") if isinstance(named, dict) else None
    graph = TaskGraph(name or str(own or "graph"), document.file)
    for node in document["nodes"].items():
        task = _key(node, "id")
        graph.add_task(task_of(node.file, node.place, task, node.value), node.place)
    for edge in document[links].items():
        ends = _key(edge, "source"), _key(edge, "target")
        graph.add_edge(*ends, data_of(edge.file, edge.place, edge.value), edge.place)
    return graph


def _key(node: Node, key: str) -> str:
    if not isinstance(node.value, dict) or key not in node.value:
        raise node.error(f"give a JSON object with a key '{key}'")
    value = node.value[key]
    return value if isinstance(value, str) else json.dumps(value)


def read_graph(graph: Any, name: str | None = None) -> TaskGraph:
    """Take over a networkx ``DiGraph`` (or anything with its ``nodes``, ``edges`` and ``is_directed``)."""
    name = name or str(getattr(graph, "name", "") or "graph")
    if not graph.is_directed():
        raise InputError(name, "", "the graph has no directions; give a directed one")
    tasks = TaskGraph(name, name)
    for node, attributes in graph.nodes(data=True):
        tasks.add_task(task_of(name, f"node '{node}'", str(node), attributes), f"node '{node}'")
    for source, target, attributes in graph.edges(data=True):
        place = f"edge '{source}' -> '{target}'"
        tasks.add_edge(str(source), str(target), data_of(name, place, attributes), place)
    return tasks
