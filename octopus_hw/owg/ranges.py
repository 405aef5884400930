# SPDX-License-Identifier: Apache-2.0
"""How small and large a token's value can be at each block, and so how many children a spawn can have.

Bounds are pushed along the flows until nothing grows; as a token takes at most 255 back edges in its life, as many
passes suffice.
"""

from __future__ import annotations

from octopus_hw.owg.graph import topological
from octopus_hw.owg.objects import ALL, JOIN, MAX_ROUNDS, SPAWN, TASK, Workflow
from octopus_hw.owg.sources import LIMIT, clamp

Bounds = tuple[int, int]


def value_bounds(workflow: Workflow) -> list[Bounds]:
    """Return, for each block of a well-formed workflow, the bounds of the value that its tokens come with.

    For a join these are the bounds of what it collects.
    """
    ordered = topological(workflow)
    bounds: list[Bounds | None] = [None] * len(workflow.blocks)
    bounds[workflow.entry_number] = (0, 0)
    for _ in range(MAX_ROUNDS + 1):
        before = list(bounds)
        for number in ordered:
            known = bounds[number]
            if known is None:
                continue
            out = _outgoing(workflow, number, known, bounds)
            for flow in workflow.outgoing[number]:
                target = workflow.ends[flow][1]
                old = bounds[target]
                bounds[target] = out if old is None else (min(old[0], out[0]), max(old[1], out[1]))
        if bounds == before:
            break
    return [known if known is not None else (0, 0) for known in bounds]


def _outgoing(workflow: Workflow, number: int, known: Bounds, bounds: list[Bounds | None]) -> Bounds:
    block = workflow.blocks[number]
    if block.kind == TASK:
        if block.kernel is not None and block.value is None:
            return 0, LIMIT
        return known if block.value is None else block.value.bounds(*known)
    if block.kind == SPAWN and not block.keep_value:
        return 0, max(0, _children(workflow, number, known)[1] - 1)
    if block.kind == JOIN:
        return _joined(workflow, number, known, bounds)
    return known


def _children(workflow: Workflow, spawn: int, known: Bounds) -> Bounds:
    count = workflow.blocks[spawn].count
    assert count is not None, "a spawn has a count"
    return count.bounds(*known)


def _joined(workflow: Workflow, number: int, known: Bounds, bounds: list[Bounds | None]) -> Bounds:
    block = workflow.blocks[number]
    tokens = len(workflow.incoming[number]), len(workflow.incoming[number])
    own = known
    if block.of != ALL:
        spawn = workflow.numbers[block.of or ""]
        own = bounds[spawn] or (0, 0)
        tokens = _children(workflow, spawn, own)
    if block.collect == "count":
        return tokens
    if block.collect == "sum":
        return clamp(tokens[0] * known[0]), clamp(tokens[1] * known[1])
    if block.collect == "max":
        return (known[0] if tokens[0] else 0), known[1]
    return own


def child_bounds(workflow: Workflow) -> dict[int, Bounds]:
    """Return the fewest and most children of each spawn, by its position."""
    known = value_bounds(workflow)
    spawns = [number for number, block in enumerate(workflow.blocks) if block.kind == SPAWN]
    return {number: _children(workflow, number, known[number]) for number in spawns}
