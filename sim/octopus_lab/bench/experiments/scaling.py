# SPDX-License-Identifier: Apache-2.0
"""``grain``, ``data``: all tasks shorter or longer, with less data; and the same and more on paths of every width.

They show what protocol and links cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from octopus_hw.owg.workload import Workload
from octopus_lab.bench.experiments.base import Case, Experiment, Options, Report, geomean_by, grouped, mesh_jobs
from octopus_lab.bench.plots.curves import Panel, curves
from octopus_lab.bench.row import Row
from octopus_lab.bench.summary import BASELINES, main_strategy, meshes, strategies, summarise
from octopus_lab.bench.variants import scaled, with_configurations, with_data, with_windows
from octopus_lab.table import markdown

__all__ = ["CONFIGURATIONS", "DATA", "GRAIN", "WIDTH", "WINDOW"]

#: Every `Config.data_width`.
WIDTHS = (32, 64, 128)

#: Room for configurations, however long they become.
_LARGEST = {"config_words": 16383, "store_words": 1 << 18}

Change = Callable[[Workload, float], Workload]


def _cases(options: Options, change: Change, factors: tuple[float, ...]) -> Iterator[Case]:
    for mesh in options.meshes:
        for factor in factors:
            workloads = [change(workload, factor) for workload in options.on(mesh)]
            for job in mesh_jobs(workloads, mesh, options.strategies, options.config):
                yield Case(job, {"scale": factor})


def _width_cases(
    options: Options, change: Change, factors: tuple[float, ...], sizes: dict[str, int] | None = None
) -> Iterator[Case]:
    for mesh in options.meshes:
        for factor in factors:
            workloads = [change(workload, factor) for workload in options.on(mesh)]
            for width in WIDTHS:
                config = replace(options.config, data_width=width, **sizes or {})
                for job in mesh_jobs(workloads, mesh, options.strategies, config):
                    yield Case(job, {"scale": factor, "width": width})


def _width_report(rows: list[Row], what: str) -> Report:
    names = strategies(rows)
    lines, data = [], []
    for (mesh, scale, width), group in grouped(rows, "mesh", "scale", "width"):
        means = summarise(group)[mesh]
        cycles = sum(row["work"] for row in group) / sum(row["tasks"] for row in group)
        lines.append([f"{mesh}, {scale:g}", f"{cycles:.0f}", width, *(means[name]["efficiency"] for name in names)])
        data.append({"mesh": mesh, "scale": scale, "width": width, "mean_cycles": cycles, "strategies": means})
    headings = [f"mesh, {what}", "mean TB cycles", "data_width", *names]
    return Report(text="Efficiency with paths of different width\n\n" + markdown(headings, lines), data=data)


def _windowed(workload: Workload, window: float) -> Workload:
    return with_windows(workload, int(window))


def _report(rows: list[Row], what: str, log: bool) -> Report:
    names, chosen = strategies(rows), main_strategy(rows)
    over = [name for name in BASELINES if name in names and name != chosen]
    lines, data = [], []
    for (mesh, scale), group in grouped(rows, "mesh", "scale"):
        means = summarise(group)[mesh]
        cycles = sum(row["work"] for row in group) / sum(row["tasks"] for row in group)
        ups = [means[chosen]["speedup"].get(name, {}).get("geomean") for name in over]
        efficiencies = [means[name]["efficiency"] if name in means else None for name in names]
        lines.append([f"{mesh}, {scale:g}", f"{cycles:.0f}", *efficiencies, *ups])
        data.append({"mesh": mesh, "scale": scale, "mean_cycles": cycles, "strategies": means})
    headings = ["mesh, scale", "mean TB cycles", *names, *(f"{chosen} x {name}" for name in over)]
    means_by = geomean_by(rows, "mesh", "strategy", "scale")
    panels = [
        Panel(
            title=f"{mesh} tiles",
            x=f"{what}, times those of the suite",
            y="efficiency (geomean)",
            lines={
                name: [(scale, mean) for (m, n, scale), mean in means_by.items() if (m, n) == (mesh, name)]
                for name in names
            },
            log_x=log,
            level=1.0,
        )
        for mesh in meshes(rows)
    ]
    text = f"Efficiency with all {what} scaled, and speed-ups\n\n" + markdown(headings, lines)
    return Report(text=text, data=data, figures={"efficiency": curves(panels, 2)})


_STRATEGIES = ("naive", "profiled", "profiled-pea", "adaptive", "octopus")

GRAIN = Experiment(
    name="grain",
    help="all task cycles scaled by 1/8 to 4",
    meshes=((4, 4),),
    strategies=_STRATEGIES,
    cases=partial(_cases, change=scaled, factors=(0.125, 0.25, 0.5, 1.0, 2.0, 4.0)),
    report=partial(_report, what="task cycles", log=True),
)

DATA = Experiment(
    name="data",
    help="all words of data on flows scaled by 0 to 1",
    meshes=((4, 4),),
    strategies=_STRATEGIES,
    cases=partial(_cases, change=with_data, factors=(0.0, 0.25, 0.5, 1.0)),
    report=partial(_report, what="words of data", log=False),
)

WIDTH = Experiment(
    name="width",
    help="data_width 32, 64 and 128, with task cycles scaled by 1/8 to 1",
    meshes=((4, 4),),
    strategies=_STRATEGIES,
    cases=partial(_width_cases, change=scaled, factors=(0.125, 0.25, 0.5, 1.0)),
    report=partial(_width_report, what="scale"),
)

WINDOW = Experiment(
    name="window",
    help="windows of 4 to 32 instances in flight, with data_width 32, 64 and 128",
    meshes=((4, 4),),
    strategies=("adaptive", "octopus"),
    cases=partial(_width_cases, change=_windowed, factors=(4, 8, 12, 16, 24, 32)),
    report=partial(_width_report, what="window"),
)

CONFIGURATIONS = Experiment(
    name="configurations",
    help="words of configuration times 1 to 16, with data_width 32, 64 and 128",
    meshes=((4, 4),),
    strategies=_STRATEGIES,
    cases=partial(_width_cases, change=with_configurations, factors=(1.0, 4.0, 8.0, 16.0), sizes=_LARGEST),
    report=partial(_width_report, what="times the words"),
)
