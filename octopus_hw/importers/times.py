# SPDX-License-Identifier: Apache-2.0
"""From run times to cycles."""

from __future__ import annotations

import math
from dataclasses import dataclass

from octopus_hw.importers.graph import TaskGraph, listed
from octopus_hw.importers.units import nice, show_time
from octopus_hw.owg.sources import LIMIT

__all__ = ["Times", "count_cycles"]

#: A cycle is chosen so that a task takes no more than this on average.
MEAN = 1000
_ENDLESS = 1e15


@dataclass(frozen=True, kw_only=True)
class Times:
    """Cycles of each task, and how they came about.

    Attributes
    ----------
    cycles : dict
        By task.
    cycle : float or None
        What one cycle stands for; None if every task said its cycles.
    raised : int
        Tasks that would round to 0 cycles and take 1.
    missing : int
        Tasks without a run time of their own.
    """

    cycles: dict[str, int]
    cycle: float | None
    raised: int
    missing: int


def count_cycles(graph: TaskGraph, cycle: float | None, missing: float | None) -> Times:
    """Round every run time to cycles, 1 at least.

    Parameters
    ----------
    graph : TaskGraph
    cycle : float or None
        What one cycle stands for. None chooses: the smallest of 1, 2 and 5 times a power of ten for which no task takes
        more cycles than there can be, and tasks take no more than `MEAN` on average.
    missing : float or None
        The run time of tasks that have none; None refuses them.
    """
    exact = {task.name: task.cycles for task in graph.tasks.values() if task.cycles is not None}
    timed = {task.name: task.seconds for task in graph.tasks.values() if task.cycles is None}
    unknown = [name for name, seconds in timed.items() if seconds is None]
    if unknown and missing is None:
        message = f"no run time for {len(unknown)} tasks: {listed(unknown)}; add it, or say what to take (missing)"
        raise graph.error("", message)
    seconds = {name: missing or 0.0 if time is None else time for name, time in timed.items()}
    if not seconds:
        return Times(cycles=exact, cycle=None, raised=0, missing=0)
    if cycle is None:
        cycle = _choose(list(seconds.values()))
    counted = {name: math.floor(min(time / cycle, _ENDLESS) + 0.5) for name, time in seconds.items()}
    longest = max(counted, key=lambda name: counted[name])
    if counted[longest] > LIMIT:
        least = show_time(nice(seconds[longest] / (LIMIT + 0.4)))
        message = f"{show_time(seconds[longest])} are {counted[longest]} cycles of {show_time(cycle)}, but a task"
        raise graph.error(f"task '{longest}'", f"{message} takes at most {LIMIT}; let a cycle be {least} or longer")
    cycles = {name: max(1, counted[name]) if name in counted else exact[name] for name in graph.tasks}
    return Times(cycles=cycles, cycle=cycle, raised=sum(not c for c in counted.values()), missing=len(unknown))


def _choose(seconds: list[float]) -> float:
    least = max(max(seconds) / LIMIT, math.fsum(seconds) / len(seconds) / MEAN)
    return nice(least) if least > 0 else 1.0
