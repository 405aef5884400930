# SPDX-License-Identifier: Apache-2.0
"""``run``: one workload on one engine.

Where the end of a workflow reports, results.npz has what the host is sent: arrays `instance`, `value` and `words`, a
row for each instance, filled up with 0 to the longest. The model holds no words: its results are the interpreter's.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from octopus_hw.contract.config import load_config
from octopus_hw.files import Outputs
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.measures import executions
from octopus_lab.cli import options
from octopus_lab.table import plain

if TYPE_CHECKING:
    from octopus_hw.owg.interpret import Execution
    from octopus_hw.owg.workload import Instance
    from octopus_sim.engines import EngineResult

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_config(parser)
    options.add_files(parser)
    options.add_mesh(parser, required=True)
    options.add_strategy(parser, default="octopus", help="see below; default: octopus")
    options.add_engine(parser, default="model", help="default: model")
    options.add_seed(parser)
    options.add_disable(parser)
    options.add_host_cycles(parser)
    options.add_out(parser, "build/run")
    about = "write every signal to DIR/waves/dump.vcd (not the model)"
    parser.add_argument("--waves", action="store_true", help=about)


def run(arguments: Namespace) -> int:
    """Write ``result.json``, ``events.csv`` and any results; 1 if the run did not do what the workload says."""
    from octopus_sim.conformance import due_results, violations
    from octopus_sim.events import write_events
    from octopus_sim.expected import expect
    from octopus_sim.result import result_of
    from octopus_sim.results import write_results

    config = load_config(arguments.config, arguments.set)
    workload = load_workload(arguments.file)
    columns, rows = arguments.mesh
    compiled = compile_workload(workload, columns, rows, config, arguments.strategy, arguments.seed, arguments.disable)
    with Outputs(arguments.out, ("result.json", "events.csv", "results.npz", "waves")) as outputs:
        runs = list(executions(compiled.resolved, words=True))
        outcome = _outcome(compiled, runs, arguments, outputs)
        expected = expect(compiled.resolved, compiled.peas, runs)
        wrong, due = violations(compiled, outcome, expected), due_results(compiled, expected)
        paths = [outputs.write("events.csv", lambda path: write_events(path, outcome.events))]
        if due:
            results = due if outcome.results is None else outcome.results
            paths.append(outputs.write("results.npz", lambda path: write_results(path, results)))
        for line in wrong:
            print(f"error: {workload.file}: {line}", file=sys.stderr)
        if wrong:
            return 1
        result = result_of(compiled, arguments.engine, outcome, expected.measures)
        paths.insert(0, outputs.write("result.json", result.to_json()))
        paths += [outputs.directory / "waves"] if arguments.waves else []
    if arguments.json:
        print(result.to_json(), end="")
        return 0
    measured = result.as_dict()
    measured |= {f"latency {key}": value for key, value in measured.pop("latency").items()}
    measured["mesh"] = "{}x{}".format(*measured["mesh"])
    lines = [(key, f"{value:.4g}" if isinstance(value, float) else value) for key, value in measured.items()]
    print(plain(("measure", "value"), lines))
    if due:
        whose = (
            "of the interpreter, as the model holds no words" if outcome.results is None else "as the interpreter says"
        )
        print(f"results: {len(due)}, all {whose}")
    print(f"files: {', '.join(map(str, paths))}")
    return 0


def _outcome(
    compiled: Compiled, runs: list[tuple[Instance, Execution]], arguments: Namespace, outputs: Outputs
) -> EngineResult:
    """Run the engine; if it gets stuck, its waves remain, for they tell where."""
    from octopus_sim.engines import open_engine
    from octopus_sim.plan import PlanError
    from octopus_sim.progress import Progress
    from octopus_sim.result_hashes import result_hashes

    waves = outputs.staged("waves") if arguments.waves else None
    try:
        with Progress(1) as progress, open_engine(arguments.engine, waves, progress.note) as engine:
            progress.note(f"{compiled.workload.name}, {arguments.strategy}, {arguments.engine}")
            engine.hashes, engine.host_cycles = result_hashes(compiled.resolved, runs), arguments.host_cycles
            outcome = engine.run(compiled.image)
            progress.step(f"{len(outcome.events)} events")
    except PlanError:
        outputs.commit()
        raise
    return outcome
