# SPDX-License-Identifier: Apache-2.0
"""``load``: closed workloads with windows for loads from 0.5 to 8 TB invocations in flight per PEA."""

from __future__ import annotations

import math
from collections.abc import Iterator

from octopus_lab.bench.experiments.base import Case, Experiment, Options, Report, grouped, mesh_jobs
from octopus_lab.bench.plots.curves import Panel, curves
from octopus_lab.bench.row import Row
from octopus_lab.bench.summary import BASELINES, main_strategy, mesh_name, strategies, summarise
from octopus_lab.bench.variants import with_load
from octopus_lab.table import markdown

__all__ = ["LOAD"]

_LOADS = (0.5, 1.0, 2.0, 4.0, 8.0)


def _cases(options: Options) -> Iterator[Case]:
    for mesh in options.meshes:
        for load in _LOADS:
            workloads = [with_load(workload, *mesh, options.config, load) for workload in options.on(mesh)]
            for job in mesh_jobs(workloads, mesh, options.strategies, options.config):
                yield Case(job, {"target_load": load})


def _report(rows: list[Row]) -> Report:
    names = strategies(rows)
    chosen = main_strategy(rows)
    over = [name for name in BASELINES if name in names and name != chosen]
    lines, data = [], []
    for (mesh, load), group in grouped(rows, "mesh", "target_load"):
        means = summarise(group)[mesh]
        own = [row["load"] for row in group if row["strategy"] == chosen]
        ups = [means[chosen]["speedup"].get(name, {}).get("geomean") for name in over]
        lines.append([f"{mesh}, {load:g}", math.fsum(own) / len(own), *(means[n]["efficiency"] for n in names), *ups])
        data.append({"mesh": mesh, "target_load": load, "strategies": means})
    headings = ["mesh, load asked for", f"load of {chosen}", *names, *(f"{chosen} x {name}" for name in over)]
    panels = []
    for mesh in dict.fromkeys(map(mesh_name, rows)):
        by_load = [entry for entry in data if entry["mesh"] == mesh]
        lines_of = {
            name: [(entry["target_load"], entry["strategies"][name]["efficiency"]) for entry in by_load]
            for name in names
        }
        panels.append(
            Panel(title=f"{mesh} tiles", x="load", y="efficiency (geomean)", lines=lines_of, log_x=True, level=1.0)
        )
    text = "Efficiency (geomean of lower bound / makespan) over load, and speed-ups\n\n" + markdown(headings, lines)
    return Report(text=text, data=data, figures={"efficiency": curves(panels, 2)})


LOAD = Experiment(
    name="load",
    help="efficiency and speed-ups at loads from 0.5 to 8",
    meshes=((4, 4), (8, 8)),
    strategies=("naive", "profiled", "profiled-pea", "adaptive", "octopus"),
    cases=_cases,
    report=_report,
)
