# SPDX-License-Identifier: Apache-2.0
"""``sweep``: the schedulers' parameters around their defaults, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from octopus_lab.bench.experiments.base import Case, Experiment, Options, Report, geomean_by, grouped, mesh_jobs
from octopus_lab.bench.plots.curves import Panel, curves
from octopus_lab.bench.row import Row
from octopus_lab.bench.summary import meshes
from octopus_lab.table import markdown

__all__ = ["PARAMETERS", "SWEEP"]

#: Values; the default one is always among those that are run.
PARAMETERS = {
    "balance_period": (32, 64, 128, 256, 512),
    "balance_shift": (0, 1, 2, 3, 4, 5),
    "hysteresis": (0, 64, 128, 256, 512, 1024, 2048),
    "config_slots": (2, 4, 6, 8, 12, 16),
    "switch_cycles": (0, 2, 4, 8, 15),
}


def _cases(options: Options) -> Iterator[Case]:
    for mesh in options.meshes:
        workloads = options.on(mesh)
        for key, values in PARAMETERS.items():
            default = getattr(options.config, key)
            for value in sorted({*values, default}):
                config = replace(options.config, **{key: value})
                for job in mesh_jobs(workloads, mesh, options.strategies, config):
                    yield Case(job, {"parameter": key, "value": value, "default": value == default})


def _report(rows: list[Row]) -> Report:
    parts, data, figures = [], [], {}
    for (name,), of_strategy in grouped(rows, "strategy"):
        panels = []
        for (key,), group in grouped(of_strategy, "parameter"):
            means = geomean_by(group, "mesh", "value")
            usual = next(row["value"] for row in group if row["default"])
            lines: list[list[Any]] = [
                [f"{value} (default)" if value == usual else str(value), *(means.get((m, value)) for m in meshes(rows))]
                for value in sorted({row["value"] for row in group})
            ]
            parts += [f"Efficiency of {name} over `{key}`", markdown([key, *meshes(rows)], lines)]
            data += [
                {"strategy": name, "parameter": key, "mesh": mesh, "value": value, "efficiency": mean}
                for (mesh, value), mean in means.items()
            ]
            by_mesh = {
                mesh: [(value, mean) for (other, value), mean in means.items() if other == mesh]
                for mesh in meshes(rows)
            }
            panels.append(
                Panel(title=f"{key}, {name}", x=f"{key} (dotted: default)", y="efficiency", lines=by_mesh, mark=usual)
            )
        figures[name] = curves(panels)
    return Report(text="\n\n".join(parts), data=data, figures=figures)


SWEEP = Experiment(
    name="sweep",
    help="the schedulers' parameters around their defaults",
    meshes=((4, 4), (8, 8)),
    strategies=("octopus",),
    cases=_cases,
    report=_report,
)
