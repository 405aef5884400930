# SPDX-License-Identifier: Apache-2.0
"""Cells: which blocks of a workflow use the same space at home.

A *cell* is a home record, room for an operand and, if need be, a join record; in a spawn's body it is that for each
lane. Each thread has a stretch of cells::

    thread    | tasks | bodies of spawns         | levels of spawns, joins, held forks, and the end              |
              | 1     | as the largest one needs | s | its join | join j | threads that j is the host of | ...    |

- All tasks of a thread have one cell, and so has the injected token, in thread 0. A parked token is the thread's only
  one, and its data have left before it runs, so before it can be parked again.
- All bodies of a thread's spawns lie in the same cells: children live while their spawn, or its join, has the thread's
  token.
- Spawns, joins and held forks of a thread are on top of one another where flows (but for loops) lead from one to the
  other, beside one another where not: these are on different ways out of a branch.
- A join of ``all`` has the threads that it is the host of on its level. They have tokens only before it fires.
- An end that reports is on top of all: nothing else is left when it has the token, but perhaps data on their way to it.

Blocks beside one another are never in use at the same time. Say b and c are of one thread, no flows lead from one to
the other, and both are in use, or something on their levels is.

- *Without loops* a token comes to each block at most once. The thread's token was, is or will be at b, and at c too,
  since a thread that a join is the host of has a token only if that join fires. So one of the two leads to the other.
- *With loops* the token can come from b to c. But a block whose token cannot leave it before all data have left is in
  use only while the thread's token is there; a join, and what is on its level, also while that is where every way
  leads to the join: else the join could wait for ever. So there is a way from that place to b and on to c, or to c and
  on to b.

A fork or join *lingers* that sends several tokens: the first can be far ahead when the last one's data leave. In a body
with a loop, or outside of bodies if there is a loop there, such a block has a cell that nothing shares. A spawn may
share: its thread's token is not past the join before the last child is.

A token can go from home to home without passing a TBU, along a loop even from b to c. Then its data go from one cell to
another, or to where they are, word by word; and the engine writes no record of a holder after its last token has left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from octopus_hw.image.lists import Lists
from octopus_hw.image.threads import threads_of
from octopus_hw.owg.graph import topological
from octopus_hw.owg.objects import Fork, Join, Task, Workflow

__all__ = ["Cells", "cells_of"]


@dataclass(frozen=True)
class Cells:
    """`of`: the cell of each block that holds tokens at home; `count`: of how many. The injected token's is 0."""

    of: dict[int, int]
    count: int


def cells_of(workflow: Workflow, lists: Lists, bodies: Mapping[int, tuple[int, ...]], *, reports: bool) -> Cells:
    """Give each block that holds tokens at home a cell, in time linear in the size of the workflow.

    Parameters
    ----------
    workflow : Workflow
    lists : Lists
    bodies : mapping of int to tuple of int
        The blocks of each spawn's body.
    reports : bool
        Whether the end holds its token until the host takes it.
    """
    holders = [*lists.holders(workflow), *([workflow.end_number] if reports else [])]
    return _Plan(workflow, holders, _alone(workflow, lists, bodies)).cells()


class _Plan:
    """The levels of blocks and the sizes of threads, in cells; what is `alone` comes after all threads.

    `level` and `top` are by block: where its part of its thread's levels begins and ends. `tasks`, `bodies` and
    `levels` are by thread: the cells of each of its parts.
    """

    def __init__(self, workflow: Workflow, holders: Collection[int], alone: Collection[int]) -> None:
        self.workflow = workflow
        self.holders = set(holders)
        self.alone = alone
        self.threads = threads_of(workflow)
        count = len(self.threads.hosts)
        self.hosted: dict[int, list[int]] = {}
        for thread in range(1, count):
            self.hosted.setdefault(self.threads.hosts[thread], []).append(thread)
        self.tasks, self.bodies, self.levels = [0] * count, [0] * count, [0] * count
        self.tasks[0] = 1
        self.level, self.top = [0] * len(workflow.blocks), [0] * len(workflow.blocks)
        for number in topological(workflow):
            self.place(number)

    def size(self, thread: int) -> int:
        return self.tasks[thread] + self.bodies[thread] + self.levels[thread]

    def own(self, number: int) -> int:
        """Return the cells of its level that a block itself has."""
        is_task = isinstance(self.workflow.blocks[number], Task)
        return int(number in self.holders and not is_task and number not in self.alone)

    def before(self, number: int) -> Iterator[int]:
        """Yield the blocks from which flows that are no loops lead to a block, and a join's spawn."""
        block = self.workflow.blocks[number]
        if isinstance(block, Join) and not block.waits_for_all:
            yield self.workflow.numbers[block.of]
        for flow in self.workflow.incoming[number]:
            if not self.workflow.flows[flow].loop:
                yield self.workflow.ends[flow][0]

    def place(self, number: int) -> None:
        """Give a block its level; what leads to it has one."""
        block, thread = self.workflow.blocks[number], self.threads.of[number]
        below = (self.top[other] for other in self.before(number) if self.threads.of[other] == thread)
        self.level[number] = max(below, default=0)
        self.top[number] = self.level[number] + self.own(number)
        if isinstance(block, Task):
            self.tasks[thread] = 1
        elif block.waits_for_all:
            self.top[number] += sum(map(self.size, self.hosted.get(number, ())))
        elif isinstance(block, Join):
            self.bodies[thread] = max(self.bodies[thread], self.size(*self.hosted[number]))
        self.levels[thread] = max(self.levels[thread], self.top[number])

    def cells(self) -> Cells:
        first = self.firsts()
        of, count = {}, self.size(0)
        for number, block in enumerate(self.workflow.blocks):
            if number in self.alone:
                of[number] = count
                count += 1
            elif isinstance(block, Task):
                of[number] = first[self.threads.of[number]]
            elif number in self.holders:
                of[number] = self.at_level(first, number)
        return Cells(of, count)

    def at_level(self, first: list[int], number: int) -> int:
        thread = self.threads.of[number]
        return first[thread] + self.tasks[thread] + self.bodies[thread] + self.level[number]

    def firsts(self) -> list[int]:
        """Return the first cell of each thread."""
        first = [0] * len(self.threads.hosts)
        used = dict.fromkeys(self.hosted, 0)
        for thread in range(1, len(first)):
            host = self.threads.hosts[thread]
            if self.workflow.blocks[host].waits_for_all:
                first[thread] = self.at_level(first, host) + self.own(host) + used[host]
                used[host] += self.size(thread)
            else:
                outer = self.threads.of[host]
                first[thread] = first[outer] + self.tasks[outer]
        return first


def _alone(workflow: Workflow, lists: Lists, bodies: Mapping[int, tuple[int, ...]]) -> set[int]:
    """Return the blocks that share with nothing: those that linger in a body, or outside of all, that has a loop."""
    spawn = {number: spawn for spawn, body in bodies.items() for number in body}
    looped = {spawn.get(workflow.ends[n][0]) for n, flow in enumerate(workflow.flows) if flow.loop}
    return {
        number
        for number, rows in lists.of.items()
        if isinstance(workflow.blocks[number], Fork | Join) and len(rows) > 1 and spawn.get(number) in looped
    }
