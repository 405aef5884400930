# SPDX-License-Identifier: Apache-2.0
"""Which flows a holder goes through: forks flattened, or held at home where they cannot be.

::

    task a ──► fork f ──► b, c          a's list: f's flows (b, c), then d
           └─► d                        f has no list of its own and costs nothing

    branch ──► fork f ──► b, c          a token walks through branches and ends at f: f holds it at home, with a list

A fork's flows are copied into each task's, join's and fork's list that leads to it, with the slice of the holder's data
that they carry: a slice of the fork's, which is a slice itself. A branch takes one flow, a spawn emits along one flow,
and an instance enters by one flow: a fork reached by these has a record and a list at home. So has one that leads to a
branch where what comes to the fork is a part only of the holder's data: behind branches words are taken from word 0 on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from octopus_hw.contract.layout import LANES
from octopus_hw.image.words import Carried, carried, words_behind
from octopus_hw.owg.objects import Branch, End, Fork, Join, Spawn, Task, Workflow
from octopus_hw.owg.ranges import Bounds

__all__ = ["Lists", "lanes_of", "lists_of"]


@dataclass(frozen=True)
class Lists:
    """The lists of a workflow.

    Attributes
    ----------
    of : dict of int to list of Carried
        For each block with rows of its own, these in order. Tasks, joins, spawns and held forks have a list that ends
        in a `last` row; branches have their flows side by side.
    held : frozenset of int
        The forks that hold their tokens at home.
    """

    of: dict[int, list[Carried]]
    held: frozenset[int]

    def holders(self, workflow: Workflow) -> list[int]:
        """Return the blocks whose tokens have a home record of the block's own."""
        return [number for number in self.of if not isinstance(workflow.blocks[number], Branch)]


def lists_of(workflow: Workflow) -> Lists:
    """Return the lists of a well-formed workflow."""
    held = frozenset(number for number, block in enumerate(workflow.blocks) if _is_held(workflow, number, block))
    lists = {}
    for number, block in enumerate(workflow.blocks):
        match block:
            case Branch() | Spawn():
                lists[number] = [carried(workflow, flow) for flow in workflow.outgoing[number]]
            case Task() | Join():
                lists[number] = _flattened(workflow, number, held)
            case Fork():
                if number in held:
                    lists[number] = _flattened(workflow, number, held)
            case End():
                pass
            case missing:
                assert_never(missing)
    return Lists(lists, held)


def _is_held(workflow: Workflow, number: int, block: object) -> bool:
    if not isinstance(block, Fork):
        return False
    sources = [workflow.blocks[workflow.ends[flow][0]] for flow in workflow.incoming[number]]
    if number == workflow.entry_number or any(isinstance(source, Branch | Spawn) for source in sources):
        return True
    targets = {workflow.ends[flow][1] for flow in workflow.outgoing[number]}
    branches = (target for target in targets if isinstance(workflow.blocks[target], Branch))
    taken = max((words_behind(workflow, branch) for branch in branches), default=0)
    return taken > 0 and any(
        isinstance(source, Fork) or workflow.flows[flow].first or workflow.flows[flow].words < taken
        for source, flow in zip(sources, workflow.incoming[number], strict=True)
    )


def _flattened(workflow: Workflow, number: int, held: frozenset[int]) -> list[Carried]:
    found = []
    todo = [carried(workflow, flow) for flow in reversed(workflow.outgoing[number])]
    while todo:
        row = todo.pop()
        target = workflow.ends[row.flow][1]
        if isinstance(workflow.blocks[target], Fork) and target not in held:
            todo += (carried(workflow, flow, row) for flow in reversed(workflow.outgoing[target]))
        else:
            found.append(row)
    return found


def lanes_of(bodies: Mapping[int, tuple[int, ...]], children: Mapping[int, Bounds]) -> dict[int, int]:
    """Return for each block in a spawn's body how many children can be there at once: at most `LANES`."""
    return {number: min(LANES, max(1, children[spawn][1])) for spawn, body in bodies.items() for number in body}
