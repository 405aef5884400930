# SPDX-License-Identifier: Apache-2.0
"""Graph walks on a workflow; none recurses, so that graphs may be of any size."""

from __future__ import annotations

from collections.abc import Iterable

from octopus_hw.owg.objects import Workflow


def reached(workflow: Workflow, start: Iterable[int], *, backward: bool = False) -> set[int]:
    """Return the blocks that flows (loops too) lead to from some blocks, or from which they lead to them."""
    flows = workflow.incoming if backward else workflow.outgoing
    seen = set(start)
    todo = list(seen)
    while todo:
        for flow in flows[todo.pop()]:
            block = workflow.ends[flow][0 if backward else 1]
            if block not in seen:
                seen.add(block)
                todo.append(block)
    return seen


def topological(workflow: Workflow) -> list[int]:
    """Return the blocks so that every flow that is no loop leads forward; those on cycles are missing."""
    waiting = [sum(not workflow.flows[flow].loop for flow in flows) for flows in workflow.incoming]
    ready = [block for block, count in enumerate(waiting) if not count]
    for block in ready:
        for flow in workflow.outgoing[block]:
            if not workflow.flows[flow].loop:
                target = workflow.ends[flow][1]
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
    return ready


def find_cycle(workflow: Workflow, ordered: list[int]) -> list[int]:
    """Return the flows of one cycle without a loop flow, given what `topological` could order."""
    left = set(range(len(workflow.blocks))) - set(ordered)
    block = min(left)
    path: list[int] = []
    seen: dict[int, int] = {}
    while block not in seen:
        seen[block] = len(path)
        back = next(f for f in workflow.incoming[block] if not workflow.flows[f].loop and workflow.ends[f][0] in left)
        path.append(back)
        block = workflow.ends[back][0]
    return path[seen[block] :][::-1]


def loops_unreached(workflow: Workflow, ordered: list[int]) -> list[int]:
    """Return the loop flows whose target does not lead to their source by flows that are no loops."""
    loops = [number for number, flow in enumerate(workflow.flows) if flow.loop]
    leads_to = [0] * len(workflow.blocks)
    for bit, flow in enumerate(loops):
        leads_to[workflow.ends[flow][0]] |= 1 << bit
    for block in reversed(ordered):
        for flow in workflow.outgoing[block]:
            if not workflow.flows[flow].loop:
                leads_to[block] |= leads_to[workflow.ends[flow][1]]
    return [flow for bit, flow in enumerate(loops) if not leads_to[workflow.ends[flow][1]] >> bit & 1]
