# SPDX-License-Identifier: Apache-2.0
"""How small and large a token's value can be at each block, and so how many children a spawn can have.

Bounds are pushed along the flows until nothing grows; as a token takes at most 255 back edges in its life, as many
passes suffice.
"""

from __future__ import annotations

from typing import assert_never

from octopus_hw.owg.graph import topological
from octopus_hw.owg.objects import MAX_ROUNDS, Branch, End, Fork, Join, Spawn, Task, Workflow
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
    match workflow.blocks[number]:
        case Task() as task:
            passed_on = known if task.kernel is None else (0, LIMIT)
            return passed_on if task.value is None else task.value.bounds(*known)
        case Fork() | Branch() | End():
            return known
        case Spawn() as spawn:
            return known if spawn.keep_value else (0, max(0, spawn.count.bounds(*known)[1] - 1))
        case Join() as join:
            return _joined(workflow, number, join, known, bounds)
        case missing:
            assert_never(missing)


def _joined(workflow: Workflow, number: int, block: Join, known: Bounds, bounds: list[Bounds | None]) -> Bounds:
    tokens = len(workflow.incoming[number]), len(workflow.incoming[number])
    own = known
    if not block.waits_for_all:
        position = workflow.numbers[block.of]
        spawn = workflow.blocks[position]
        assert isinstance(spawn, Spawn), "a join names a spawn"
        own = bounds[position] or (0, 0)
        tokens = spawn.count.bounds(*own)
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
    return {
        number: block.count.bounds(*known[number])
        for number, block in enumerate(workflow.blocks)
        if isinstance(block, Spawn)
    }
