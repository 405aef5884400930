# SPDX-License-Identifier: Apache-2.0
"""Slices for random workflows: flows that take words from the middle, children that share words or get none."""

from typing import Any

from octopus_hw.owg.objects import ALIGN, Branch, Spawn, Workflow
from octopus_hw.owg.ranges import child_bounds
from octopus_hw.owg.slices import held_words
from octopus_lab.soak.choose import Choose

__all__ = ["give_slices"]

#: Quads that a slice begins later, or a child's words lie apart, at most.
_MOST = 4


def give_slices(choose: Choose, document: dict[str, Any], workflow: Workflow) -> None:
    """Let some flows of a workflow, in its JSON object, begin at later words wherever they may."""
    children = child_bounds(workflow)
    for number, flow in enumerate(document["flows"]):
        source, target = workflow.ends[number]
        if choose(0, 1) or any(isinstance(workflow.blocks[end], Branch) for end in (source, target)):
            continue
        size = held_words(workflow, source, children)
        spare = _MOST if size is None else max(0, min(_MOST, (size - flow["words"]) // ALIGN))
        flow["first"] = ALIGN * choose(0, spare)
        if isinstance(workflow.blocks[source], Spawn) and size is not None and flow["first"] + flow["words"] <= size:
            apart = (size - 1 - flow["first"]) // max(1, children[source][1] - 1) // ALIGN
            flow["stride"] = ALIGN * choose(0, max(0, min(_MOST, apart)))
