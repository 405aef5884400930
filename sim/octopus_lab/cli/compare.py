# SPDX-License-Identifier: Apache-2.0
"""``compare``: workloads on several engines, event by event, and every result with the interpreter's, word by word.

Where rows or results pass through the host port, engines that have one run first, and the model follows the first
one's host.
"""

from __future__ import annotations

import contextlib
import json
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from octopus_hw.contract.config import load_config
from octopus_hw.contract.errors import InputError
from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.measures import Measures, executions
from octopus_lab.cli import options

if TYPE_CHECKING:
    from octopus_sim.engines import Engine, EngineResult
    from octopus_sim.progress import Progress

__all__ = ["Comparison", "add_arguments", "compare_engines", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_config(parser)
    options.add_files(parser, "+")
    options.add_mesh(parser, required=True)
    options.add_strategy(parser, action="append")
    options.add_engine(parser, action="append", help="can be given several times; default: model and verilator")
    options.add_seed(parser)
    options.add_disable(parser)
    options.add_host_cycles(parser)


def run(arguments: Namespace) -> int:
    """Run everything on every engine; 1 if any event, counter or hash differs."""
    from octopus_sim.engines import open_engine
    from octopus_sim.progress import Progress

    names = list(dict.fromkeys(arguments.engine or ("model", "verilator")))
    if len(names) < 2:
        raise InputError("--engine", names[0], "is one engine only; name two or more to compare")
    config = load_config(arguments.config, arguments.set)
    strategies = list(dict.fromkeys(arguments.strategy or STRATEGIES))
    columns, rows = arguments.mesh
    jobs = [
        compile_workload(workload, columns, rows, config, strategy, arguments.seed, arguments.disable)
        for workload in map(load_workload, arguments.files)
        for strategy in strategies
    ]
    with contextlib.ExitStack() as stack:
        progress = stack.enter_context(Progress(len(jobs) * len(names)))
        engines = [stack.enter_context(open_engine(name, report=progress.note)) for name in names]
        for engine in engines:
            engine.host_cycles = arguments.host_cycles
        reports = [compare_engines(compiled, engines, progress).report for compiled in jobs]
    differ = [report for report in reports if report["differences"]]
    if arguments.json:
        print(json.dumps({"equal": not differ, "runs": reports}, indent=2))
    else:
        print("\n".join(_text(report) for report in reports))
    return 1 if differ else 0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One image on several engines: what was run, what came of it, and what is said about it in JSON."""

    compiled: Compiled
    known: Measures
    outcomes: list[EngineResult]
    report: dict[str, Any]


def compare_engines(compiled: Compiled, engines: list[Engine], progress: Progress) -> Comparison:
    """Run one image on every engine and hold each against the first, and all against the workflow."""
    from octopus_sim.compare import compare
    from octopus_sim.conformance import due_results, violations
    from octopus_sim.engines import runs_of
    from octopus_sim.expected import expect
    from octopus_sim.result_hashes import result_hashes

    runs = list(executions(compiled.resolved, words=True))
    expected, hashes = expect(compiled.resolved, compiled.peas, runs), result_hashes(compiled.resolved, runs)
    name = f"{compiled.workload.name}, {compiled.strategy.name}"
    done, differences = {}, []
    for engine in engines:
        engine.hashes = hashes
    for engine, outcome in runs_of(engines, compiled.image):
        done[engine] = outcome
        differences += [f"{engine.name}: {line}" for line in violations(compiled, outcome, expected)]
        progress.step(f"{name}, {engine.name}")
    outcomes = [done[engine] for engine in engines]
    for engine, outcome in zip(engines[1:], outcomes[1:], strict=True):
        found = compare(outcomes[0], outcome, (engines[0].name, engine.name), compiled.image.columns)
        differences += [str(found)] if found else []
    report = {
        "file": compiled.workload.file,
        "workload": compiled.workload.name,
        "mesh": [compiled.image.columns, compiled.image.rows],
        "strategy": compiled.strategy.name,
        "seed": compiled.image.seed,
        "engines": [engine.name for engine in engines],
        "events": len(outcomes[0].events),
        "hash": f"{outcomes[0].hash:08x}",
        "results": len(due_results(compiled, expected)),
        "differences": differences,
    }
    return Comparison(compiled=compiled, known=expected.measures, outcomes=outcomes, report=report)


def _text(report: dict[str, Any]) -> str:
    what = f"{report['file']}, {report['strategy']}, seed {report['seed']}: "
    if not report["differences"]:
        results = f", {report['results']} results as the interpreter says" if report["results"] else ""
        return what + f"{report['events']} events equal, hash {report['hash']}{results}"
    return "\n".join((what + "DIFFERENT", *report["differences"]))
