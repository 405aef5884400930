# SPDX-License-Identifier: Apache-2.0
"""From the JSON of a workflow to its objects, every field checked on its own.

What concerns several blocks or flows together is left to `check`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from octopus_hw.owg.complaints import read
from octopus_hw.owg.document import Node
from octopus_hw.owg.file_forms import WorkflowFile
from octopus_hw.owg.objects import Workflow
from octopus_hw.owg.source_forms import Number
from octopus_hw.owg.sources import NumberSource

__all__ = ["adapter", "parse_source", "parse_workflow", "workflow_of"]


@cache
def adapter(form: Any) -> TypeAdapter[Any]:
    """Return what reads a form, made once and not before it is needed."""
    return TypeAdapter(form)


def parse_source(node: Node) -> NumberSource:
    """Read a number source."""
    source: NumberSource = read(adapter(Number), node, "source")
    return source


def parse_workflow(node: Node) -> Workflow:
    """Read a workflow; `octopus_hw.owg.check.check` says whether it is well-formed."""
    return workflow_of(read(adapter(WorkflowFile), node, "workflow"), node)


def workflow_of(read: WorkflowFile, node: Node) -> Workflow:
    """Return the workflow that was read at a node."""
    return Workflow(
        name=read.name,
        description=read.description,
        blocks=read.blocks,
        entry=read.entry,
        flows=read.flows,
        file=node.file,
        place=node.place,
    )
