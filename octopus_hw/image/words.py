# SPDX-License-Identifier: Apache-2.0
"""How many words travel on a flow.

Into a task or join: what the file says. Into a branch or the end: none, since a decision takes the value alone, and
the data stay where they were made until the walk ends at a block that takes them. Into a spawn or a held fork: the
most that any block behind it will be sent from there.
"""

from __future__ import annotations

from typing import assert_never

from octopus_hw.owg.graph import topological
from octopus_hw.owg.objects import Branch, End, Fork, Join, Spawn, Task, Workflow

__all__ = ["needed_by_list", "passed_words", "row_words"]


def passed_words(workflow: Workflow) -> list[int]:
    """Return, for each branch, fork and spawn, the most words that are sent on behind it; 0 for other blocks."""
    order = [number for number in reversed(topological(workflow)) if _passes(workflow, number)]
    passed = [0] * len(workflow.blocks)
    before: list[int] = []
    while before != passed:  # once more after the last loop among branches has settled
        before = list(passed)
        for number in order:
            passed[number] = max(_needed(workflow, flow, passed) for flow in workflow.outgoing[number])
    return passed


def row_words(workflow: Workflow, flow: int, passed: list[int]) -> int:
    """Return the words that travel to the block that a flow enters."""
    target = workflow.ends[flow][1]
    match workflow.blocks[target]:
        case Task() | Join():
            return workflow.flows[flow].words
        case Spawn() | Fork():
            return passed[target]
        case Branch() | End():
            return 0
        case missing:
            assert_never(missing)


def needed_by_list(workflow: Workflow, flows: list[int], passed: list[int]) -> int:
    """Return the most words that a holder with these flows is asked to send at once."""
    return max(_needed(workflow, flow, passed) for flow in flows)


def _passes(workflow: Workflow, number: int) -> bool:
    return isinstance(workflow.blocks[number], Branch | Fork | Spawn)


def _needed(workflow: Workflow, flow: int, passed: list[int]) -> int:
    target = workflow.ends[flow][1]
    if isinstance(workflow.blocks[target], Task | Join):
        return workflow.flows[flow].words
    return passed[target]
