# SPDX-License-Identifier: Apache-2.0
"""From a task graph to a workflow, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from octopus_hw.contract.config import Config
from octopus_hw.importers.fit import MOST, Fitted, fit, flow_rows
from octopus_hw.importers.graph import TaskGraph
from octopus_hw.importers.lanes import Stage, find_stages
from octopus_hw.importers.layout import lay_out
from octopus_hw.importers.options import Options
from octopus_hw.importers.times import Times, count_cycles
from octopus_hw.importers.units import show_time
from octopus_hw.owg.objects import Workflow
from octopus_hw.owg.workload import Workload

__all__ = ["Imported", "convert"]


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A workflow, and what was done to make it.

    Attributes
    ----------
    graph : TaskGraph
        As it was read.
    options : Options
    times : Times
    stages : list of Stage
        Those of several lanes became spawns.
    dropped : int
        Edges that others imply and that were left out, since no flow table holds all of them.
    fitted : Fitted
    where : dict
        By task, the block that executes it, and the index it does so with.
    """

    graph: TaskGraph
    options: Options
    times: Times
    stages: list[Stage]
    dropped: int
    fitted: Fitted
    where: dict[str, tuple[str, int]]

    @property
    def workflow(self) -> Workflow:
        """The workflow."""
        return self.fitted.workflow

    @property
    def workload(self) -> Workload:
        """The workflow as a workload, with as many instances in flight as a tile has room for (4 at most)."""
        return self.fitted.workload

    @property
    def chain(self) -> int:
        """Cycles of the critical path."""
        return self.graph.longest_chain(self.times.cycles)

    @property
    def raised_keys(self) -> dict[str, int]:
        """Configuration keys that must be raised for it, and to what."""
        limits: Config = self.options.limits
        return {key: needed for key, needed in self.fitted.needs.items() if getattr(limits, key) < needed <= MOST[key]}

    @property
    def exceeded_keys(self) -> dict[str, int]:
        """Configuration keys that cannot be as large as it needs, and how large that is."""
        return {key: needed for key, needed in self.fitted.needs.items() if needed > MOST[key]}


def convert(graph: TaskGraph, options: Options) -> Imported:
    """Import a task graph.

    Raises
    ------
    InputError
        Tasks wait for each other in a circle, or have no run time or one that does not fit.
    """
    graph.ordered()
    times = count_cycles(graph, options.cycle, options.missing)
    description = f"{len(graph.tasks)} recorded tasks"
    if times.cycle is not None:
        description += f", {show_time(times.cycle)} a cycle"
    used = graph
    stages = find_stages(used, options.flat)
    draft = lay_out(used, times.cycles, stages, description)
    if flow_rows(draft.workflow) > MOST["max_flows"]:
        used = graph.reduced()
        stages = find_stages(used, options.flat)
        draft = lay_out(used, times.cycles, stages, description)
    return Imported(
        graph=graph,
        options=options,
        times=times,
        stages=stages,
        dropped=len(graph.data) - len(used.data),
        fitted=fit(draft, options.limits, options.word, options.config_words),
        where=draft.where,
    )
