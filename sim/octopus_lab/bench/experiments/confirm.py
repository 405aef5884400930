# SPDX-License-Identifier: Apache-2.0
"""``confirm``: the RTL against the model, every event, on suites cut short."""

from __future__ import annotations

from collections.abc import Iterator

from octopus_hw.contract.strategies import STRATEGIES
from octopus_lab.bench.experiments.base import Case, Experiment, Options, Report, grouped, mesh_jobs
from octopus_lab.bench.row import Row
from octopus_lab.bench.variants import shortened
from octopus_lab.table import markdown

__all__ = ["CONFIRM"]

#: Instances of each stream for each tile, unless it is said how many.
_INSTANCES = 4


def _cases(options: Options) -> Iterator[Case]:
    for mesh in options.meshes:
        workloads = options.on(mesh, closed_only=False)
        if options.instances is None:
            workloads = [shortened(workload, *mesh, _INSTANCES) for workload in workloads]
        jobs = mesh_jobs(workloads, mesh, options.strategies, options.config, "verilator", "model")
        yield from map(Case, jobs)


def _report(rows: list[Row]) -> Report:
    lines, different = [], []
    for (mesh, workload), group in grouped(rows, "mesh", "workload"):
        found = [f"{row['strategy']}: {line}" for row in group for line in row["differences"]]
        different += [f"{mesh}, {workload}, {line}" for line in found]
        lines.append([f"{mesh}, {workload}", len(group), sum(row["events"] for row in group), len(found)])
    total = sum(row["events"] for row in rows)
    lines.append(["all", len(rows), total, len(different)])
    headings = ["mesh, workload", "strategies", "events compared", "runs that differ"]
    parts = ["RTL (Verilator) against the model", markdown(headings, lines), *different]
    data = {"runs": len(rows), "events": total, "differences": different}
    return Report(text="\n\n".join(parts), data=data, holds=not different)


CONFIRM = Experiment(
    name="confirm",
    help="RTL against model, every event, on workloads cut short",
    meshes=((2, 2), (4, 4)),
    strategies=tuple(STRATEGIES),
    cases=_cases,
    report=_report,
)
