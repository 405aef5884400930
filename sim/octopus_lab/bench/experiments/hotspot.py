# SPDX-License-Identifier: Apache-2.0
"""``hotspot``: half of all instances have their home in one quadrant, or in one corner tile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from octopus_lab.bench.experiments.base import Case, Experiment, Options, Report, grouped, mesh_jobs
from octopus_lab.bench.plots.bars import grouped_bars
from octopus_lab.bench.row import Row
from octopus_lab.bench.summary import arrange, geomean, strategies
from octopus_lab.bench.variants import half_in, with_homes, with_most
from octopus_lab.table import markdown

__all__ = ["HOTSPOT"]


def _cases(options: Options) -> Iterator[Case]:
    for columns, rows in options.meshes:
        places = {"quadrant": ((columns + 1) // 2, (rows + 1) // 2), "corner": (1, 1)}
        for where, (width, height) in places.items():
            weights = half_in(columns, rows, width, height)
            workloads = [
                with_most(with_homes(workload, weights), columns, rows, options.config)
                for workload in options.on((columns, rows))
            ]
            for job in mesh_jobs(workloads, (columns, rows), options.strategies, options.config):
                yield Case(job, {"half_in": where})


def _report(rows: list[Row]) -> Report:
    names = strategies(rows)
    parts, data, figures = [], [], {}
    for (mesh, where), group in grouped(rows, "mesh", "half_in"):
        table = arrange(group, mesh)
        lines: list[list[Any]] = [
            [workload, *(1 / row[name]["efficiency"] if name in row else None for name in names)]
            for workload, row in table.items()
        ]
        means = [geomean(line[at] for line in lines if line[at]) for at in range(1, 1 + len(names))]
        lines.append(["geomean", *means])
        parts += [f"{mesh}, half of all instances in one {where}: makespan / lower bound"]
        parts += [markdown(["workload", *names], lines)]
        data.append({"mesh": mesh, "half_in": where, "over_bound": dict(zip(names, means, strict=True))})
        figures[f"{where}_{mesh}"] = grouped_bars(
            table,
            names,
            lambda row, name: 1 / row[name]["efficiency"] if name in row else None,
            f"{mesh} tiles, half of all instances in one {where}: makespan / lower bound",
            "makespan / bound",
            1.0,
        )
    return Report(text="\n\n".join(parts), data=data, figures=figures)


HOTSPOT = Experiment(
    name="hotspot",
    help="half of all instances in one quadrant, and in one corner tile",
    meshes=((4, 4), (8, 8), (16, 16)),
    strategies=("adaptive", "reactive", "octopus"),
    cases=_cases,
    report=_report,
)
