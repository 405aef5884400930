# SPDX-License-Identifier: Apache-2.0
"""Find what happens several times over, side by side.

::

             ┌► a1 ─► b1 ─┐
      split ─┼► a2 ─► b2 ─┼► merge        one stage of three lanes, each of an `a` and a `b`
             └► a3 ─► b3 ─┘

A *lane* is a chain of tasks that nothing else enters or leaves. Lanes of the same kinds of tasks, with the same parents
and the same children, are one stage: a spawn with one block for each task of a lane waits for and releases exactly what
the recorded tasks did. Any other task is a stage of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from octopus_hw.contract.layout import Descriptor
from octopus_hw.importers.graph import TaskGraph

__all__ = ["Stage", "find_stages"]

#: Most recorded numbers of one block, by index.
MAX_LANES = Descriptor["n"].most


@dataclass(frozen=True)
class Stage:
    """Lanes of equally many tasks, side by side; or one task."""

    lanes: tuple[tuple[str, ...], ...]

    @property
    def heads(self) -> list[str]:
        """The first task of each lane."""
        return [lane[0] for lane in self.lanes]

    @property
    def tails(self) -> list[str]:
        """The last task of each lane."""
        return [lane[-1] for lane in self.lanes]


def find_stages(graph: TaskGraph, flat: bool = False) -> list[Stage]:
    """Return all stages, each behind those that it waits for.

    Parameters
    ----------
    graph : TaskGraph
        Without circles.
    flat : bool
        Make every task a stage of its own.
    """
    order = graph.ordered()
    if flat:
        return [Stage(((name,),)) for name in order]
    alike: dict[tuple[object, ...], list[tuple[str, ...]]] = {}
    for name in order:
        if not _continues(graph, name):
            lane = _lane(graph, name)
            kinds = tuple(graph.tasks[task].kind for task in lane)
            ends = frozenset(graph.parents[name]), frozenset(graph.children[lane[-1]])
            key = (*ends, kinds) if all(kinds) else (name,)
            alike.setdefault(key, []).append(lane)
    stages = []
    for lanes in alike.values():
        if len(lanes) == 1:
            stages += [Stage(((name,),)) for name in lanes[0]]
        else:
            stages += [Stage(tuple(lanes[first : first + MAX_LANES])) for first in range(0, len(lanes), MAX_LANES)]
    position = {name: number for number, name in enumerate(order)}
    return sorted(stages, key=lambda stage: position[stage.lanes[0][0]])


def _continues(graph: TaskGraph, name: str) -> bool:
    """Whether a task is the only child of its only parent."""
    parents = graph.parents[name]
    return len(parents) == 1 and len(graph.children[parents[0]]) == 1


def _lane(graph: TaskGraph, name: str) -> tuple[str, ...]:
    lane = [name]
    while len(graph.children[lane[-1]]) == 1 and _continues(graph, graph.children[lane[-1]][0]):
        lane.append(graph.children[lane[-1]][0])
    return tuple(lane)
