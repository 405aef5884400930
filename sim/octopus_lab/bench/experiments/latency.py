# SPDX-License-Identifier: Apache-2.0
"""``latency``: open arrivals at 10 to 95 % of the rate at which the lower bound lets no PEA be idle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from octopus_lab.bench.experiments.base import Case, Experiment, Options, Report, grouped, mesh_jobs
from octopus_lab.bench.plots.curves import Panel, curves
from octopus_lab.bench.row import Row
from octopus_lab.bench.summary import geomean, main_strategy, strategies
from octopus_lab.bench.variants import opened, total_work
from octopus_lab.table import markdown

__all__ = ["LATENCY"]

_LOADS = (10, 30, 50, 70, 80, 90, 95)
#: At which p99 latencies are compared, in percent.
JUDGED = 90


def _cases(options: Options) -> Iterator[Case]:
    for mesh in options.meshes:
        peas = mesh[0] * mesh[1] * options.config.tbus * options.config.peas
        for workload in options.on(mesh):
            least = total_work(workload, *mesh, options.config) / peas
            for percent in _LOADS:
                some = opened(workload, *mesh, options.config, 100 * least / percent, options.poisson)
                for job in mesh_jobs([some], mesh, options.strategies, options.config, storage=True):
                    yield Case(job, {"offered": percent})


def _report(rows: list[Row]) -> Report:
    names, chosen = strategies(rows), main_strategy(rows)
    parts, data = [], []
    for (mesh, offered), group in grouped(rows, "mesh", "offered"):
        lines: list[list[Any]] = []
        ratios: dict[str, list[float]] = {name: [] for name in names}
        for (workload,), some in grouped(group, "workload"):
            latency = {row["strategy"]: row["latency"] for row in some}
            p99 = {name: float(found["p99"]) for name, found in latency.items()}
            for name in names:
                if name in p99 and chosen in p99:
                    ratios[name].append(p99[name] / p99[chosen])
            cells = [f"{latency[name]['p50']} / {latency[name]['p99']}" if name in latency else None for name in names]
            up = p99["profiled"] / p99[chosen] if {"profiled", chosen} <= p99.keys() else None
            lines.append([workload, *cells, up])
        means = {name: geomean(found) for name, found in ratios.items()}
        data.append({"mesh": mesh, "offered": offered, f"p99 over that of {chosen}": means})
        lines.append([f"geomean of p99 / p99 of {chosen}", *(means[name] for name in names), means.get("profiled")])
        if offered == JUDGED:
            headings = ["workload", *names, f"p99: profiled / {chosen}"]
            parts += [f"{mesh} at {offered} %: latency in cycles, p50 / p99", markdown(headings, lines)]
    shares = [
        [f"{entry['mesh']}, {entry['offered']} %", *entry[f"p99 over that of {chosen}"].values()] for entry in data
    ]
    parts += [f"p99 latency over that of {chosen}, geomean", markdown(["mesh, offered", *names], shares)]
    return Report(text="\n\n".join(parts), data=data, figures=_figures(rows, names))


def _figures(rows: list[Row], names: list[str]) -> dict[str, Any]:
    figures = {}
    for (mesh,), on_mesh in grouped(rows, "mesh"):
        for key in ("p50", "p99"):
            panels = []
            for (workload,), some in grouped(on_mesh, "workload"):
                lines = {
                    name: [(row["offered"], float(row["latency"][key])) for row in some if row["strategy"] == name]
                    for name in names
                }
                panels.append(
                    Panel(
                        title=f"{workload}, {mesh}",
                        x="offered load, % of the bound",
                        y=f"{key} latency, cycles",
                        lines=lines,
                        log_y=True,
                    )
                )
            figures[f"{key}_{mesh}"] = curves(panels)
    return figures


LATENCY = Experiment(
    name="latency",
    help="latency with open arrivals at 10 to 95 % of the bound's throughput",
    meshes=((4, 4), (8, 8)),
    strategies=("naive", "profiled", "profiled-pea", "adaptive", "reactive", "octopus"),
    cases=_cases,
    report=_report,
)
