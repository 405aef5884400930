# SPDX-License-Identifier: Apache-2.0
"""After how long without progress a home is taken to stand still: far longer than any run that goes on needs."""

from __future__ import annotations

from math import prod

from octopus_hw.contract.layout import WATCHDOG
from octopus_hw.owg.objects import Workflow
from octopus_hw.owg.ranges import child_bounds, value_bounds
from octopus_hw.owg.sources import LIMIT
from octopus_hw.owg.workload import Workload

__all__ = ["LEAST", "SHARED", "watchdog_beats"]

#: Cycles of a beat, in which the register counts.
_BEAT = 4096

#: How often the most work of one instance: as if all instances in flight of a region shared one PEA.
SHARED = 1024

#: The least number of beats: a million cycles.
LEAST = 256

#: Cycles that a task takes beside its own and its configuration's words.
_BESIDE = 256


def watchdog_beats(workload: Workload) -> int:
    """Return what the register WATCHDOG is loaded with: `SHARED` times the most work that an instance can be."""
    most = max(_most_work(stream.workflow) for stream in workload.streams)
    return min(max(-(-SHARED * most // _BEAT), LEAST), (1 << WATCHDOG) - 1)


def _most_work(workflow: Workflow) -> int:
    """Return a bound of the cycles that one instance takes, one task after the other."""
    values = value_bounds(workflow)
    once = sum(
        (task.cycles.bounds(*values[number])[1] if task.cycles else LIMIT) + task.config + _BESIDE
        for number, task in workflow.tasks.items()
    )
    rounds = 1 + max((flow.max_rounds for flow in workflow.flows if flow.loop), default=0)
    return once * rounds * prod(max(1, most) for _, most in child_bounds(workflow).values())
