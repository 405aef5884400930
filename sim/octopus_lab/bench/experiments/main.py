# SPDX-License-Identifier: Apache-2.0
"""``main``: all strategies over the suite; ``imported``: the same for workflows that others recorded, untuned."""

from __future__ import annotations

from collections.abc import Iterator

from octopus_hw.contract.strategies import STRATEGIES
from octopus_lab.bench.experiments.base import Case, Experiment, Options, Report, mesh_jobs
from octopus_lab.bench.plots.gallery import gallery
from octopus_lab.bench.row import Row
from octopus_lab.bench.summary import summarise
from octopus_lab.bench.tables import report
from octopus_lab.table import markdown

__all__ = ["IMPORTED", "MAIN"]


def _cases(options: Options) -> Iterator[Case]:
    for mesh in options.meshes:
        workloads = options.on(mesh, closed_only=False)
        yield from map(Case, mesh_jobs(workloads, mesh, options.strategies, options.config))


def _report(rows: list[Row]) -> Report:
    return Report(text=report(rows, markdown), data=summarise(rows), figures=gallery(rows))


MAIN = Experiment(
    name="main",
    help="all strategies over the suite",
    meshes=((2, 2), (4, 4), (8, 8), (16, 16)),
    strategies=tuple(STRATEGIES),
    cases=_cases,
    report=_report,
)

IMPORTED = Experiment(
    name="imported",
    help="the same for workflow files that others recorded; --instances says how many for each tile",
    meshes=((2, 2), (4, 4)),
    strategies=tuple(STRATEGIES),
    cases=_cases,
    report=_report,
)
