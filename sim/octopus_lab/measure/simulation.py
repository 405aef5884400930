# SPDX-License-Identifier: Apache-2.0
"""How soon a simulation of the chip is ready, and how fast it runs.

Every mesh is built with an empty cache and run on a busy workload. ``--known`` keeps one cache for the whole command,
so that a tile that an earlier row compiled is there; ``--engine`` runs the same image on other engines too. All seconds
are CPU time, user and system, but for those that say wall.
"""

import json
import re
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from octopus_hw.contract.config import Config
from octopus_hw.image.boot import boot_words
from octopus_hw.image.image import Image
from octopus_lab.cli import options
from octopus_lab.measure.model_runs import Job
from octopus_lab.measure.usage import cpu_seconds
from octopus_lab.table import plain
from octopus_sim.build import Simulation, build
from octopus_sim.chip import COORDINATES, chip_source
from octopus_sim.engines import ENGINES, MAX_CYCLES, open_engine
from octopus_sim.host import host_plan
from octopus_sim.progress import Progress
from octopus_sim.toolchain import Effort

__all__ = ["add_arguments", "run", "table"]

Figures = dict[str, Any]

#: Ways to build: as engines do, and what each part of that is worth.
WAYS = {
    "block": "the tile compiled once",
    "unsettled": "the same, but reset and coordinates go straight to the logic",
    "walls": "one program, tiles are C++ classes",
    "flat": "one program without walls",
}

#: Cycles per second are taken from so many runs, less those of one.
_REPEATED = 3


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Result, CPU seconds and wall seconds of some work."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    result = work()
    return result, cpu_seconds() - cpu, time.perf_counter() - wall


def built(columns: int, rows: int, way: str, effort: Effort, cache: Path) -> Simulation:
    """Build a mesh in one of the `WAYS`."""
    source = chip_source(columns, rows, Config(), cache)
    apart = {"blocks": source.blocks, "fixed": COORDINATES}
    kept: dict[str, Any] = {"walls": {"no_inline": source.blocks}, "flat": {}}.get(way, apart)
    with patch("octopus_sim.build.settled", _as_it_is) if way == "unsettled" else nullcontext():
        return build(source.verilog, effort=effort, cache=cache, **kept)


def _as_it_is(verilog: str, *_: object) -> str:
    return verilog


def build_row(columns: int, rows: int, way: str, effort: Effort, cache: Path) -> tuple[Simulation, Figures]:
    """Build what the cache lacks, and once more."""
    before = set(cache.glob("*/build.log"))
    _, exported, wall_export = timed(lambda: chip_source(columns, rows, Config(), cache))
    simulation, whole, wall = timed(lambda: built(columns, rows, way, effort, cache))
    _, again, _ = timed(lambda: built(columns, rows, way, effort, cache))
    phases = {"block": 0.0, "verilator": 0.0}
    for log in set(cache.glob("*/build.log")) - before:
        phases[log.parent.name.partition("-")[0]] += _verilation(log)
    return simulation, {
        "Verilog": exported,
        "verilate tile": phases["block"],
        "verilate mesh": phases["verilator"],
        "compile": max(0.0, whole - sum(phases.values())),
        "build": exported + whole,
        "build wall": wall_export + wall,
        "again": again,
    }


def _verilation(log: Path) -> float:
    """CPU seconds that Verilator says it took."""
    return sum(float(match) for match in re.findall(r"Verilator: Walltime.*; cpu ([\d.]+) s", log.read_text()))


def run_row(run: Callable[[int], list[int]]) -> Figures:
    """Cycles per second; `run` runs so many times and returns the cycles of each."""
    _, less, wall_less = timed(lambda: run(1))
    cycles, more, wall_more = timed(lambda: run(1 + _REPEATED))
    total = sum(cycles[1:])
    return {
        "cycles": cycles[-1],
        "cycles/CPU s": total / max(more - less, 1e-3),
        "cycles/s wall": total / max(wall_more - wall_less, 1e-3),
    }


def simulated(simulation: Simulation, image: Image, directory: Path) -> Callable[[int], list[int]]:
    """Runs of a simulation, each in a process of its own."""

    def run(times: int) -> list[int]:
        with simulation.session(directory) as session:
            return [session.run(host_plan(image, MAX_CYCLES, None)).cycles for _ in range(times)]

    return run


def on_engine(name: str, image: Image) -> Callable[[int], list[int]]:
    """Runs on any other engine; its cycles are those of loading and those up to the last event."""

    def run(times: int) -> list[int]:
        with open_engine(name) as engine:
            loading = len(boot_words(image))
            return [loading + int(engine.run(image).events["cycle"].max()) for _ in range(times)]

    return run


def measure(arguments: Namespace) -> list[Figures]:
    """All rows that were asked for."""
    jobs = [(size, way, effort) for size in arguments.mesh for way in arguments.way for effort in arguments.effort]
    rows: list[Figures] = []
    with Progress(len(jobs) + len(arguments.mesh) * len(arguments.engine)) as progress:
        with tempfile.TemporaryDirectory() as shared:
            for (columns, lines), way, effort in jobs:
                what = f"{columns}x{lines} {way} {effort}"
                progress.note(what)
                image = (
                    Job(columns=columns, rows=lines, strategy="octopus", instances=arguments.instances).compiled().image
                )
                with tempfile.TemporaryDirectory() as own:
                    cache = Path(shared if arguments.known else own)
                    simulation, row = build_row(columns, lines, way, effort, cache)
                    row |= run_row(simulated(simulation, image, Path(own) / "run"))
                rows.append({"mesh": f"{columns}x{lines}", "way": f"verilator {way}", "effort": effort} | row)
                progress.step(what)
        for columns, lines in arguments.mesh:
            for name in arguments.engine:
                progress.note(f"{columns}x{lines} {name}")
                image = (
                    Job(columns=columns, rows=lines, strategy="octopus", instances=arguments.instances).compiled().image
                )
                rows.append({"mesh": f"{columns}x{lines}", "way": name} | run_row(on_engine(name, image)))
                progress.step(f"{columns}x{lines} {name}")
    return rows


def table(rows: Sequence[Figures]) -> str:
    """Rows for a terminal; a dash where a column is not for a row."""
    headings = list(dict.fromkeys(key for row in rows for key in row))
    digits = {"cycles/CPU s": 0, "cycles/s wall": 0}
    return plain(headings, [[_rounded(row.get(key), digits.get(key, 1)) for key in headings] for row in rows])


def _rounded(value: Any, digits: int) -> Any:
    return f"{value:,.{digits}f}" if isinstance(value, float) else value


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_mesh(parser, action="append", help="default: 2x2, 4x4 and 8x8")
    parser.add_argument("--way", action="append", choices=list(WAYS), help="see below; default: block")
    parser.add_argument("--effort", action="append", choices=("build", "speed"), help="default: build")
    parser.add_argument("--engine", action="append", choices=sorted(set(ENGINES) - {"verilator"}), help="these too")
    count = options.number("--instances")
    parser.add_argument("--instances", type=count, default=128, metavar="N", help="of each tile (default: 128)")
    parser.add_argument("--known", action="store_true", help="one cache for all rows")
    width = max(map(len, WAYS))
    parser.epilog = "\n".join(["ways to build:", *(f"  {name:<{width}}  {what}" for name, what in WAYS.items())])


def run(arguments: Namespace) -> int:
    """Print the table."""
    arguments.mesh = arguments.mesh or [(2, 2), (4, 4), (8, 8)]
    arguments.way = arguments.way or ["block"]
    arguments.effort = arguments.effort or ["build"]
    arguments.engine = arguments.engine or []
    rows = measure(arguments)
    print(json.dumps(rows) if arguments.json else table(rows))
    return 0
