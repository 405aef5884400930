# SPDX-License-Identifier: Apache-2.0
"""The experiments behind docs/evaluation.md: each prints its tables as Markdown and writes JSON and SVG.

Run as ``python bench/evaluate.py EXPERIMENT [FILE...] [--suite NAME] [--mesh CxR]... [--strategy S]... [--out DIR]``.
An interrupted run goes on where it stopped.
"""

import argparse
import sys
from pathlib import Path

from octopus_hw.contract.config import load_config
from octopus_hw.contract.errors import InputError
from octopus_lab.bench.experiments import EXPERIMENTS, Options, evaluate
from octopus_lab.bench.inputs import workloads_of
from octopus_lab.bench.workers import WorkerError
from octopus_lab.cli.parser import mesh, processes, seed, strategy_name


def build_parser() -> argparse.ArgumentParser:
    """Return the parser: one subcommand for each experiment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="experiment", required=True, metavar="EXPERIMENT")
    for experiment in EXPERIMENTS.values():
        part = commands.add_parser(experiment.name, help=experiment.help, description=experiment.help)
        nargs = "+" if experiment.name == "imported" else "*"
        part.add_argument("files", metavar="FILE", nargs=nargs, help="workload or workflow files instead of a suite")
        part.add_argument("--suite", metavar="NAME", help="default: octopus, unless files are given")
        known = " ".join(f"{columns}x{rows}" for columns, rows in experiment.meshes)
        part.add_argument("--mesh", type=mesh, action="append", metavar="CxR", help=f"default: {known}")
        names = " ".join(experiment.strategies)
        part.add_argument("--strategy", type=strategy_name, action="append", metavar="S", help=f"default: {names}")
        about = "most instances of each stream for each tile, for a shorter run"
        part.add_argument("--instances", type=processes, metavar="N", help=about)
        part.add_argument("--poisson", action="store_true", help="latency: drawn gaps between arrivals")
        part.add_argument("--seed", type=seed, metavar="N", help="replaces the workloads' seeds")
        part.add_argument("--config", metavar="FILE", help="TOML file with a table [octopus]")
        part.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="override one of its keys")
        part.add_argument("--jobs", type=processes, metavar="N", help="processes; default: as many as processors")
        part.add_argument("--out", type=Path, default=Path("build/evaluation"), help="default: build/evaluation")
    return parser


def main() -> int:
    """Run one experiment."""
    try:
        arguments = build_parser().parse_args()
        experiment = EXPERIMENTS[arguments.experiment]
        suite = arguments.suite or (None if arguments.files else "octopus")
        options = Options(
            workloads=workloads_of(suite, arguments.files, arguments.seed),
            meshes=arguments.mesh or experiment.meshes,
            strategies=arguments.strategy or experiment.strategies,
            config=load_config(arguments.config, arguments.set),
            instances=arguments.instances,
            poisson=arguments.poisson,
        )
        text, holds = evaluate(experiment, options, arguments.out, arguments.jobs)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except WorkerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(text)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
