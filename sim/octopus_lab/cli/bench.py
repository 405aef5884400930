# SPDX-License-Identifier: Apache-2.0
"""``bench``: strategies over suites of workloads and meshes."""

from __future__ import annotations

import sys
from argparse import Namespace

from octopus_hw.contract.config import load_config
from octopus_hw.contract.strategies import STRATEGIES
from octopus_lab.cli.files import output_directory, write

__all__ = ["MESHES", "SUITE", "run"]

SUITE = "octopus"
MESHES = ((2, 2), (4, 4), (8, 8), (16, 16))


def run(arguments: Namespace) -> int:
    """Write ``bench.json`` and plots, print tables; 1 if any run went wrong."""
    from octopus_lab.bench.inputs import workloads_of
    from octopus_lab.bench.jobs import jobs_of
    from octopus_lab.bench.plots.gallery import gallery
    from octopus_lab.bench.plots.style import save
    from octopus_lab.bench.running import run_jobs
    from octopus_lab.bench.store import document_text
    from octopus_lab.bench.summary import summarise
    from octopus_lab.bench.tables import report
    from octopus_lab.bench.workers import WorkerError

    config = load_config(arguments.config, arguments.set)
    suite = arguments.suite or (None if arguments.files else SUITE)
    workloads = workloads_of(suite, arguments.files, arguments.seed)
    meshes = list(dict.fromkeys(arguments.mesh or MESHES))
    names = list(dict.fromkeys(arguments.strategy or STRATEGIES))
    jobs = jobs_of(workloads, meshes, names, config, arguments.engine)
    directory = output_directory(arguments.out)
    try:
        outcome = run_jobs(jobs, directory, arguments.jobs)
    except WorkerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    rows = [row for row in outcome.rows if row is not None]
    document = {"rows": rows, "summary": summarise(rows)}
    paths = [write(directory / "bench.json", document_text(document))]
    paths += [save(figure, directory / f"{name}.svg") for name, figure in gallery(rows).items()]
    for failure in outcome.failures:
        print(f"error: {failure}", file=sys.stderr)
    if arguments.json:
        print(document_text(document), end="")
    else:
        print("\n".join([report(rows), "", "files:", *(f"  {path}" for path in paths)]))
    return 1 if outcome.failures else 0
