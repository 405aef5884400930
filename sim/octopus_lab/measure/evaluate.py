# SPDX-License-Identifier: Apache-2.0
"""The experiments behind docs/evaluation.md: each prints its tables as Markdown and writes JSON and SVG.

An interrupted run goes on where it stopped. The exit status is 1 if a run went wrong, or engines that were to agree do
not.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from octopus_hw.contract.config import load_config
from octopus_lab.bench.experiments import EXPERIMENTS, Experiment, Options, evaluate
from octopus_lab.bench.inputs import SUITE, workloads_of
from octopus_lab.cli import options

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the experiments, each a command of its own."""
    parts = parser.add_subparsers(title="experiments", dest="experiment", required=True, metavar="EXPERIMENT")
    for experiment in EXPERIMENTS.values():
        about = experiment.help
        part = parts.add_parser(experiment.name, help=about.replace("%", "%%"), description=about)
        _add_experiment(part, experiment)


def _add_experiment(parser: ArgumentParser, experiment: Experiment) -> None:
    options.add_json(parser)
    nargs = "+" if experiment.name == "imported" else "*"
    options.add_files(parser, nargs, "workload or workflow files instead of a suite")
    parser.add_argument("--suite", metavar="NAME", help=f"default: {SUITE}, unless files are given")
    options.add_mesh(parser, action="append", help=f"default: {options.mesh_texts(experiment.meshes)}")
    options.add_strategy(parser, action="append", help=f"see below; default: {' '.join(experiment.strategies)}")
    about = "most instances of each stream for each tile, for a shorter run"
    parser.add_argument("--instances", type=options.number("--instances"), metavar="N", help=about)
    parser.add_argument("--poisson", action="store_true", help="latency: drawn gaps between arrivals")
    options.add_seed(parser, "replaces the workloads' seeds")
    options.add_config(parser)
    options.add_jobs(parser)
    options.add_out(parser, "build/evaluation")


def run(arguments: Namespace) -> int:
    """Run one experiment; 1 if a run went wrong or the answer is no."""
    experiment = EXPERIMENTS[arguments.experiment]
    chosen = Options(
        workloads=workloads_of(arguments.suite, arguments.files, arguments.seed),
        meshes=arguments.mesh or experiment.meshes,
        strategies=arguments.strategy or experiment.strategies,
        config=load_config(arguments.config, arguments.set),
        instances=arguments.instances,
        poisson=arguments.poisson,
    )
    done = evaluate(experiment, chosen, Path(arguments.out), arguments.jobs)
    print(done.document if arguments.json else f"{done.text}\n", end="")
    return 0 if done.holds else 1
