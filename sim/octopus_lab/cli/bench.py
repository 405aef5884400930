# SPDX-License-Identifier: Apache-2.0
"""``bench``: strategies over suites of workloads and meshes."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from octopus_hw.contract.config import load_config
from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.files import Outputs
from octopus_lab.bench.inputs import SUITE, workloads_of
from octopus_lab.cli import options

__all__ = ["add_arguments", "run"]

MESHES = ((2, 2), (4, 4), (8, 8), (16, 16))


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_config(parser)
    options.add_files(parser, "*", "workload or workflow files instead of a suite")
    parser.add_argument("--suite", metavar="NAME", help=f"default: {SUITE}, unless files are given")
    options.add_mesh(parser, action="append", help=f"default: {options.mesh_texts(MESHES)}")
    options.add_strategy(parser, action="append")
    options.add_engine(parser, default="model", help="default: model")
    options.add_seed(parser, "replaces the workloads' seeds")
    options.add_host_cycles(parser)
    options.add_jobs(parser)
    options.add_out(parser, "build/bench")


def run(arguments: Namespace) -> int:
    """Write ``bench.json`` and plots, print tables; 1 if any run went wrong."""
    from octopus_lab.bench.jobs import jobs_of
    from octopus_lab.bench.plots.gallery import PATTERNS, gallery
    from octopus_lab.bench.plots.style import svg
    from octopus_lab.bench.running import run_jobs
    from octopus_lab.bench.store import document_text
    from octopus_lab.bench.summary import summarise
    from octopus_lab.bench.tables import report

    config = load_config(arguments.config, arguments.set)
    workloads = workloads_of(arguments.suite, arguments.files, arguments.seed)
    meshes = list(dict.fromkeys(arguments.mesh or MESHES))
    names = list(dict.fromkeys(arguments.strategy or STRATEGIES))
    jobs = jobs_of(workloads, meshes, names, config, arguments.engine, host_cycles=arguments.host_cycles)
    with Outputs(arguments.out, ("bench.json", *PATTERNS)) as outputs:
        outcome = run_jobs(jobs, outputs.directory, arguments.jobs)
        rows = [row for row in outcome.rows if row is not None]
        document = {"rows": rows, "summary": summarise(rows)}
        paths = [outputs.write("bench.json", document_text(document))]
        paths += [outputs.write(f"{name}.svg", svg(figure)) for name, figure in gallery(rows).items()]
    for failure in outcome.failures:
        print(f"error: {failure}", file=sys.stderr)
    if arguments.json:
        print(document_text(document), end="")
    else:
        print("\n".join([report(rows), "", "files:", *(f"  {path}" for path in paths)]))
    return 1 if outcome.failures else 0
