# SPDX-License-Identifier: Apache-2.0
"""WfFormat, the JSON of WfCommons: a recorded run of a workflow.

From version 1.5 on, ``workflow.specification`` holds tasks and files and ``workflow.execution`` run times; before,
``workflow.tasks`` (or ``jobs``) holds all of it and tasks name each other by ``name``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from octopus_hw.importers.attributes import kind_of, seconds_of, size_of
from octopus_hw.importers.graph import Data, Task, TaskGraph
from octopus_hw.owg.document import Node

__all__ = ["read_wfformat"]


def read_wfformat(document: Node, name: str | None = None) -> TaskGraph:
    """Read the task graph of a recorded run; an edge carries the files that one task writes and the other reads."""
    workflow = _object(_need(document, "workflow"))
    graph = TaskGraph(name or _need(document, "name").name(), document.file)
    if "specification" in workflow:
        specification = _need(workflow, "specification")
        tasks = list(_elements(specification, "tasks"))
        sizes = {_text(file, "id"): _size(file) for file in _elements(specification, "files", optional=True)}
        runs = _runs(workflow)
        inputs = [set(_texts(task, "inputFiles")) for task in tasks]
        outputs = [set(_texts(task, "outputFiles")) for task in tasks]
    else:
        tasks = list(_elements(workflow, "tasks" if "tasks" in workflow or "jobs" not in workflow else "jobs"))
        files = [list(_elements(task, "files", optional=True)) for task in tasks]
        sizes = {_text(file, "name"): _size(file) for some in files for file in some}
        runs = {}
        inputs = [{_text(f, "name") for f in some if f.value.get("link") == "input"} for some in files]
        outputs = [{_text(f, "name") for f in some if f.value.get("link") == "output"} for some in files]
    names = [_text(task, "id" if "specification" in workflow or "name" not in task else "name") for task in tasks]
    for task, known in zip(tasks, names, strict=True):
        graph.add_task(_task(known, task, runs.pop(known, task)), task.place)
    for known, run in runs.items():
        raise run.error(f"there is no task '{known}'; add it or remove what names it")
    _add_edges(graph, tasks, names, (inputs, outputs, sizes))
    return graph


def _add_edges(graph: TaskGraph, tasks: list[Node], names: list[str], files: tuple[Any, Any, dict[str, float]]) -> None:
    inputs, outputs, sizes = files
    number = {name: position for position, name in enumerate(names)}
    ids = {_text(task, "id"): name for task, name in zip(tasks, names, strict=True) if "id" in task}
    for task, name in zip(tasks, names, strict=True):
        edges = [(other, "parents", True) for other in _texts(task, "parents")]
        edges += [(other, "children", False) for other in _texts(task, "children")]
        for other, key, is_parent in edges:
            known = other if other in number else ids.get(other, other)
            edge = (known, name) if is_parent else (name, known)
            if edge in graph.data:
                continue
            shared: set[str] = set()
            if known in number:
                shared = outputs[number[edge[0]]] & inputs[number[edge[1]]]
            size = sum(sizes.get(file, 0.0) for file in shared)
            graph.add_edge(*edge, Data(size=size), f"{task.place}.{key}")


def _task(name: str, described: Node, run: Node) -> Task:
    seconds = None
    for key in ("runtimeInSeconds", "runtime"):
        if seconds is None and run.value.get(key) is not None:
            seconds = seconds_of(run.file, f"{run.place}.{key}", run.value[key])
    command = run.value.get("command")
    program = command.get("program") if isinstance(command, dict) else None
    kind = program or described.value.get("category") or kind_of(described.value.get("name") or name)
    return Task(name=name, kind=str(kind), seconds=seconds)


def _runs(workflow: Node) -> dict[str, Node]:
    if "execution" not in workflow:
        return {}
    return {_text(run, "id"): run for run in _elements(_need(workflow, "execution"), "tasks")}


def _size(file: Node) -> float:
    key = "sizeInBytes" if "sizeInBytes" in file else "size"
    size = file.value.get(key)
    return 0.0 if size is None else size_of(file.file, f"{file.place}.{key}", size)


def _object(node: Node) -> Node:
    if not isinstance(node.value, dict):
        raise node.error("this is no WfFormat; give a JSON object")
    return node


def _need(node: Node, key: str) -> Node:
    if key not in _object(node):
        raise node.error(f"this is no WfFormat: there is no '{key}'; give a file in that format, or another --from")
    return node[key]


def _elements(node: Node, key: str, optional: bool = False) -> Iterator[Node]:
    """Yield the objects of an array."""
    if optional and _object(node).value.get(key) is None:
        return
    yield from map(_object, _need(node, key).items())


def _text(node: Node, key: str) -> str:
    return _need(node, key).name()


def _texts(node: Node, key: str) -> list[str]:
    if node.value.get(key) is None:
        return []
    return [element.name() for element in node[key].items()]
