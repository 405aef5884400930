# SPDX-License-Identifier: Apache-2.0
"""Which flows a holder goes through: forks flattened, or held at home where they cannot be.

::

    task a ──► fork f ──► b, c          a's list: f's flows (b, c), then d
           └─► d                        f has no list of its own and costs nothing

    branch ──► fork f ──► b, c          a token walks through branches and ends at f: f holds it at home, with a list

A fork's flows are copied into each task's, join's and fork's list that leads to it. A branch takes one flow, a spawn
emits along one flow, and an instance enters by one flow: a fork reached by these has a record and a list at home.
"""

from __future__ import annotations

from typing import assert_never

from octopus_hw.contract.layout import LANES
from octopus_hw.owg.bodies import spawn_bodies
from octopus_hw.owg.objects import Branch, End, Fork, Join, Spawn, Task, Workflow
from octopus_hw.owg.ranges import child_bounds

__all__ = ["held_forks", "holds_tokens", "lanes_of", "outgoing_lists"]


def held_forks(workflow: Workflow) -> frozenset[int]:
    """Return the forks that hold their tokens at home."""
    held = set()
    for number, block in enumerate(workflow.blocks):
        if isinstance(block, Fork):
            sources = (workflow.blocks[workflow.ends[flow][0]] for flow in workflow.incoming[number])
            if number == workflow.entry_number or any(isinstance(source, Branch | Spawn) for source in sources):
                held.add(number)
    return frozenset(held)


def holds_tokens(workflow: Workflow, number: int, held: frozenset[int]) -> bool:
    """Whether a block's tokens have a home record of the block's own."""
    return isinstance(workflow.blocks[number], Task | Join | Spawn) or number in held


def outgoing_lists(workflow: Workflow) -> dict[int, list[int]]:
    """Return, for each block with rows of its own, its flows in the order of its rows.

    Tasks, joins, spawns and held forks have a list that ends in a `last` row; branches have their flows side by side.
    """
    held = held_forks(workflow)
    lists = {}
    for number, block in enumerate(workflow.blocks):
        match block:
            case Branch() | Spawn():
                lists[number] = list(workflow.outgoing[number])
            case Task() | Join():
                lists[number] = _flattened(workflow, number)
            case Fork():
                if number in held:
                    lists[number] = _flattened(workflow, number)
            case End():
                pass
            case missing:
                assert_never(missing)
    return lists


def _flattened(workflow: Workflow, number: int) -> list[int]:
    found = []
    todo = list(reversed(workflow.outgoing[number]))
    while todo:
        flow = todo.pop()
        target = workflow.ends[flow][1]
        if isinstance(workflow.blocks[target], Fork):
            todo += reversed(workflow.outgoing[target])
        else:
            found.append(flow)
    return found


def lanes_of(workflow: Workflow) -> dict[int, int]:
    """Return for each block in a spawn's body how many children can be there at once: at most `LANES`."""
    children = child_bounds(workflow)
    return {
        number: min(LANES, max(1, children[spawn][1]))
        for spawn, body in spawn_bodies(workflow).items()
        for number in body
    }
