# SPDX-License-Identifier: Apache-2.0
"""``demo``: face recognition, the whole way from a workflow file to checked RTL."""

from __future__ import annotations

import contextlib
import json
from argparse import ArgumentParser, Namespace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from octopus_hw.contract.config import load_config
from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.files import Outputs
from octopus_hw.image.compile import compile_workload
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.workload import Workload
from octopus_lab.cli import options
from octopus_lab.cli.compare import Comparison, compare_engines
from octopus_lab.table import plain

__all__ = ["add_arguments", "demo_workload", "run"]

_COLUMNS = ("strategy", "makespan", "lower bound", "efficiency", "utilization", "mean latency", "events")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_config(parser)
    options.add_mesh(parser, default=(2, 2), help="columns and rows of tiles (default: 2x2)")
    options.add_engine(parser, default="verilator", help="what is held against the model (default: verilator)")
    options.add_out(parser, "build/demo")


def demo_workload() -> Workload:
    """Load the workload that comes with the package."""
    with as_file(files("octopus_lab.cli") / "demo_files") as directory:
        return load_workload(directory / "face_recognition.workload.json")


def run(arguments: Namespace) -> int:
    """Generate, simulate, model, compare, and print a table of strategies; 1 if anything differs."""
    from octopus_sim.chip import chip_source
    from octopus_sim.engines import open_engine
    from octopus_sim.progress import Progress

    config = load_config(arguments.config, arguments.set)
    workload = demo_workload()
    mesh: tuple[int, int] = arguments.mesh
    jobs = [compile_workload(workload, *mesh, config, strategy) for strategy in STRATEGIES]
    names = list(dict.fromkeys(("model", arguments.engine)))
    rows, paths = [], []
    with contextlib.ExitStack() as stack:
        outputs = stack.enter_context(Outputs(arguments.out, STRATEGIES))
        progress = stack.enter_context(Progress(1 + len(jobs) * len(names)))
        progress.note("Verilog")
        verilog = chip_source(*mesh, config).verilog
        paths.append(outputs.write("octopus.v", verilog))
        progress.step(f"{verilog.count(chr(10))} lines of Verilog")
        engines = [stack.enter_context(open_engine(name, report=progress.note)) for name in names]
        for compiled in jobs:
            comparison = compare_engines(compiled, engines, progress)
            row, written = _keep(comparison, outputs)
            rows.append(row)
            paths += written
    differences = [line for row in rows for line in row["differences"]]
    if arguments.json:
        print(json.dumps({"equal": not differences, "runs": rows, "files": list(map(str, paths))}, indent=2))
    else:
        print(_text(arguments, workload, names, rows, paths))
    return 1 if differences else 0


def _keep(comparison: Comparison, outputs: Outputs) -> tuple[dict[str, Any], list[Path]]:
    """Write what the chip did (the last engine); return its result as JSON data, and the files."""
    from octopus_sim.events import write_events
    from octopus_sim.result import result_of

    name, events = comparison.report["strategy"], comparison.outcomes[-1].events
    paths = [outputs.write(f"{name}/events.csv", lambda path: write_events(path, events))]
    row = {"strategy": name}
    if not comparison.report["differences"]:
        engine = comparison.report["engines"][-1]
        result = result_of(comparison.compiled, engine, comparison.outcomes[-1], comparison.known)
        paths.append(outputs.write(f"{name}/result.json", result.to_json()))
        row = result.as_dict()
    keys = ("events", "differences")
    return row | {key: comparison.report[key] for key in keys}, paths


def _text(
    arguments: Namespace, workload: Workload, names: list[str], rows: list[dict[str, Any]], paths: list[Path]
) -> str:
    columns, lines_of_mesh = arguments.mesh
    lines = [f"{workload.name} on {columns}x{lines_of_mesh} tiles, {' against '.join(names)}"]
    good = [row for row in rows if not row["differences"]]
    cells = [
        (
            row["strategy"],
            row["cycles"],
            row["lower_bound"],
            row["efficiency"],
            row["utilization"],
            round(row["latency"]["mean"]),
            row["events"],
        )
        for row in good
    ]
    lines.append(plain(_COLUMNS, cells))
    if len(good) == len(rows):
        lines.append(f"all {sum(row['events'] for row in rows)} events, counters and hashes are equal")
    lines += [f"DIFFERENT: {row['strategy']}: {line}" for row in rows for line in row["differences"]]
    return "\n".join([*lines, "files:", *(f"  {path}" for path in paths)])
