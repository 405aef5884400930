# SPDX-License-Identifier: Apache-2.0
"""What an experiment is, and how it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octopus_hw.contract.config import Config
from octopus_hw.files import Outputs
from octopus_hw.owg.workload import Workload
from octopus_lab.bench.inputs import Workloads
from octopus_lab.bench.jobs import Job, Mesh, jobs_of
from octopus_lab.bench.row import Row
from octopus_lab.bench.running import run_jobs
from octopus_lab.bench.store import document_text
from octopus_lab.bench.summary import geomean, mesh_name
from octopus_lab.bench.variants import is_closed, roomy, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Case", "Evaluated", "Experiment", "Options", "Report", "evaluate", "geomean_by", "grouped", "mesh_jobs"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What an experiment is run on.

    Attributes
    ----------
    workloads : callable
        Gives the workloads for columns and rows.
    meshes : sequence of (int, int)
    strategies : sequence of str
    config : Config
    instances : int or None
        Most instances of each stream for each tile.
    poisson : bool
        Whether open arrivals have drawn gaps.
    """

    workloads: Workloads
    meshes: Sequence[Mesh]
    strategies: Sequence[str]
    config: Config
    instances: int | None = None
    poisson: bool = False

    def on(self, mesh: Mesh, closed_only: bool = True) -> list[Workload]:
        """Return the workloads for a mesh, cut short if that is asked for."""
        found = [workload for workload in self.workloads(*mesh) if is_closed(workload) or not closed_only]
        if self.instances is None:
            return found
        return [shortened(workload, *mesh, self.instances) for workload in found]


@dataclass(frozen=True)
class Case:
    """A job, and what is written into its row beside what the job gives."""

    job: Job
    tags: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of an experiment: Markdown, JSON data, figures by file name; and whether the answer is yes."""

    text: str
    data: Any
    figures: dict[str, Figure] = field(default_factory=dict)
    holds: bool = True


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment; `meshes` and `strategies` are its defaults."""

    name: str
    help: str
    meshes: tuple[Mesh, ...]
    strategies: tuple[str, ...]
    cases: Callable[[Options], Iterable[Case]]
    report: Callable[[list[Row]], Report]


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """An experiment that was run: its Markdown, its JSON text, and whether all is well."""

    text: str
    document: str
    holds: bool


def evaluate(experiment: Experiment, options: Options, directory: Path, processes: int | None) -> Evaluated:
    """Run an experiment; write ``NAME.json`` and plots."""
    from octopus_lab.bench.plots.style import svg

    cases, name = list(experiment.cases(options)), experiment.name
    with Outputs(directory, (f"{name}.json", f"{name}_*.svg")) as outputs:
        outcome = run_jobs([case.job for case in cases], directory, processes)
        pairs = zip(cases, outcome.rows, strict=True)
        records = [row | case.tags for case, row in pairs if row is not None]
        report = experiment.report(records)
        paths = [outputs.write(f"{name}_{part}.svg", svg(figure)) for part, figure in report.figures.items()]
        document = {"experiment": name, "rows": records, "summary": report.data, "failures": outcome.failures}
        told = document_text(document)
        paths.append(outputs.write(f"{name}.json", told))
    failures = [f"- FAILED: {failure.splitlines()[0]}" for failure in outcome.failures]
    files = [f"- `{path}`" for path in paths]
    text = "\n".join([report.text, "", *failures, *files])
    return Evaluated(text=text, document=told, holds=report.holds and not failures)


def mesh_jobs(
    workloads: Iterable[Workload],
    mesh: Mesh,
    strategies: Sequence[str],
    config: Config,
    engine: str = "model",
    against: str | None = None,
    storage: bool = False,
) -> list[Job]:
    """Return the jobs of one mesh, each workload with a configuration that it fits (see `roomy`)."""
    return [
        job
        for workload in workloads
        for job in jobs_of(
            lambda columns, rows, workload=workload: [workload],  # type: ignore[misc]
            [mesh],
            strategies,
            roomy(workload, *mesh, config, storage),
            engine,
            against,
        )
    ]


def grouped(rows: Iterable[Row], *keys: str) -> Iterator[tuple[tuple[Any, ...], list[Row]]]:
    """Yield rows that agree on keys, with their values; ``mesh`` is given like ``4x2``."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        values = tuple(mesh_name(row) if key == "mesh" else row[key] for key in keys)
        groups.setdefault(values, []).append(row)
    yield from groups.items()


def geomean_by(rows: Iterable[Row], *keys: str) -> dict[tuple[Any, ...], float | None]:
    """Return the geometric mean efficiency of rows by keys."""
    return {values: geomean(row["efficiency"] for row in group) for values, group in grouped(rows, *keys)}
