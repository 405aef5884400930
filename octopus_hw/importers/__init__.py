# SPDX-License-Identifier: Apache-2.0
"""Recorded task graphs as workflows.

>>> two = from_dot("digraph { a [cycles=5]; b [cycles=7]; a -> b [words=3] }")
>>> [block.id for block in two.blocks]
['a', 'b', 'end']

Each function takes the keywords of `Options.of`: ``cycle``, ``word``, ``missing``, ``config_words``, ``flat`` and
``limits``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from octopus_hw.importers.convert import Imported, convert
from octopus_hw.importers.dot import read_dot
from octopus_hw.importers.graph import Data, Task, TaskGraph
from octopus_hw.importers.nodelink import read_graph, read_nodelink
from octopus_hw.importers.options import Options
from octopus_hw.importers.wfformat import read_wfformat
from octopus_hw.owg.document import Node, read_document, read_text
from octopus_hw.owg.objects import Workflow

__all__ = [
    "FORMATS",
    "Data",
    "Imported",
    "Options",
    "Task",
    "TaskGraph",
    "convert",
    "from_dot",
    "from_graph",
    "from_nodelink",
    "from_wfformat",
    "read_file",
]

FORMATS = ("wfformat", "nodelink", "dot")

_READERS = {"wfformat": read_wfformat, "nodelink": read_nodelink}

Source = str | Path | dict[str, Any]


def read_file(path: str | Path, format: str, name: str | None = None) -> TaskGraph:
    """Read a task graph from a file in one of `FORMATS`; it is called `name`, or as the file is."""
    name = name or Path(path).name.split(".")[0] or "graph"
    if format == "dot":
        return read_dot(read_text(path), str(path), name)
    return _READERS[format](read_document(path), name)


def _from_json(source: Source, format: str, options: dict[str, Any]) -> Workflow:
    chosen = Options.of(**options)
    if isinstance(source, dict):
        return convert(_READERS[format](Node(format, "", source)), chosen).workflow
    return convert(read_file(source, format), chosen).workflow


def from_wfformat(source: Source, **options: Any) -> Workflow:
    """Import a recorded run in WfFormat: a path, or its JSON data."""
    return _from_json(source, "wfformat", options)


def from_nodelink(source: Source, **options: Any) -> Workflow:
    """Import what networkx's ``node_link_data`` makes: the JSON data, or a path to it.

    Nodes have ``cycles``, or else ``time`` or ``weight``; edges ``words`` or ``size`` (bytes), or nothing. ``type``
    says which nodes are alike; without it, those whose names differ in the number at the end.
    """
    return _from_json(source, "nodelink", options)


def from_dot(source: str | Path, **options: Any) -> Workflow:
    """Import a Graphviz digraph: a path, or its text; attributes as for `from_nodelink`."""
    chosen = Options.of(**options)
    if isinstance(source, str) and "{" in source:
        return convert(read_dot(source, "dot"), chosen).workflow
    return convert(read_file(source, "dot"), chosen).workflow


def from_graph(graph: Any, **options: Any) -> Workflow:
    """Import a networkx ``DiGraph``; attributes as for `from_nodelink`."""
    return convert(read_graph(graph), Options.of(**options)).workflow
