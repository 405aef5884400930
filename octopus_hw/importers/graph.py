# SPDX-License-Identifier: Apache-2.0
"""A task graph as it was recorded: tasks with their times, and what each hands to another."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from octopus_hw.contract.errors import InputError

__all__ = ["Data", "Task", "TaskGraph", "listed"]

#: Names that a message lists before it stops.
_SHOWN = 5


def listed(names: list[str]) -> str:
    """Return the first few of many names for a message."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"'{name}'" for name in names[:_SHOWN]) + more


@dataclass(frozen=True)
class Data:
    """What travels: words that are meant exactly, and bytes that are scaled."""

    words: int = 0
    size: float = 0.0

    def __add__(self, other: Data) -> Data:
        return Data(self.words + other.words, self.size + other.size)

    def __or__(self, other: Data) -> Data:
        """Make room for either."""
        return Data(max(self.words, other.words), max(self.size, other.size))


@dataclass(frozen=True, kw_only=True)
class Task:
    """One recorded task.

    Attributes
    ----------
    name : str
    kind : str
        The program; tasks with equal ones are alike. Empty if it is like no other.
    seconds : float or None
        Its run time, in seconds or whatever else one cycle is said to stand for.
    cycles : int or None
        Its cycles, where they are given as such; `seconds` plays no part then.
    """

    name: str
    kind: str = ""
    seconds: float | None = None
    cycles: int | None = None


class TaskGraph:
    """Tasks by name, and data by (source, target), in the order in which they were added.

    Parameters
    ----------
    name : str
    file : str
        What errors call it.
    """

    def __init__(self, name: str, file: str) -> None:
        self.name = name
        self.file = file
        self.tasks: dict[str, Task] = {}
        self.data: dict[tuple[str, str], Data] = {}
        self.parents: dict[str, list[str]] = {}
        self.children: dict[str, list[str]] = {}

    def error(self, place: str, message: str) -> InputError:
        """Make the error that says what is wrong at a place."""
        return InputError(self.file, place, message)

    def add_task(self, task: Task, place: str = "") -> None:
        """Add a task; a second one of the same name is refused."""
        if task.name in self.tasks:
            raise self.error(place, f"a second task '{task.name}'; give each its own name")
        self.tasks[task.name] = task
        self.parents[task.name] = []
        self.children[task.name] = []

    def add_edge(self, source: str, target: str, data: Data, place: str = "") -> None:
        """Let one task wait for another; a second edge between the two adds to the data."""
        for name in (source, target):
            if name not in self.tasks:
                raise self.error(place, f"there is no task '{name}'; add it or remove what names it")
        if (source, target) not in self.data:
            self.children[source].append(target)
            self.parents[target].append(source)
        self.data[source, target] = self.data.get((source, target), Data()) + data

    def ordered(self) -> list[str]:
        """Return the tasks, each behind its parents.

        Raises
        ------
        InputError
            There are no tasks, or they wait for each other in a circle.
        """
        if not self.tasks:
            raise self.error("", "there are no tasks; give at least one")
        try:
            return list(TopologicalSorter(self.parents).static_order())
        except CycleError as error:
            names = error.args[1]
            shown = " -> ".join(names if len(names) < 9 else [*names[:6], "...", names[-1]])
            message = f"the tasks {shown} wait for each other in a circle; remove one of these edges"
            raise self.error("", message) from None

    def longest_chain(self, cycles: dict[str, int]) -> int:
        """Return the cycles along the critical path."""
        done: dict[str, int] = {}
        for name in self.ordered():
            done[name] = cycles[name] + max((done[parent] for parent in self.parents[name]), default=0)
        return max(done.values())

    def reduced(self) -> TaskGraph:
        """Return the graph without the edges that others imply: everything waits for the same tasks as before."""
        order = self.ordered()
        position = {name: number for number, name in enumerate(order)}
        behind = [0] * len(order)  # bit sets
        kept: set[tuple[str, str]] = set()
        for name in reversed(order):
            found = 0
            for child in sorted(self.children[name], key=position.__getitem__):
                if not found >> position[child] & 1:
                    kept.add((name, child))
                    found |= behind[position[child]] | 1 << position[child]
            behind[position[name]] = found
        graph = TaskGraph(self.name, self.file)
        for task in self.tasks.values():
            graph.add_task(task)
        for (source, target), data in self.data.items():
            if (source, target) in kept:
                graph.add_edge(source, target, data)
        return graph
