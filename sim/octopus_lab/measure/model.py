# SPDX-License-Identifier: Apache-2.0
"""How fast the model is.

Tile-cycles per second with every tile busy, by one process and by two at once; with ``--large`` 100x100 tiles and what
an idle one costs; with ``--against verilator`` the same image on an RTL engine, event by event. Times on the clock
suffer from what else the machine does, CPU time less.
"""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from octopus_hw.contract.config import Config
from octopus_lab.cli import options
from octopus_lab.errors import LabError
from octopus_lab.measure.model_runs import TASKS_PER_INSTANCE, Job, apart
from octopus_lab.measure.usage import cpu_seconds
from octopus_lab.table import plain
from octopus_sim.compare import compare
from octopus_sim.engines import ENGINES, EngineResult, open_engine
from octopus_sim.progress import Progress
from octopus_sim.result_hashes import result_hashes

__all__ = ["add_arguments", "run"]

Figures = dict[str, Any]

#: Cycles per second of an engine are taken from so many runs, less those of one.
_REPEATED = 3


def speed(meshes: Sequence[tuple[int, int]], processes: Sequence[int], arguments: Namespace) -> list[Figures]:
    """Tile-cycles per second on busy meshes, by processes that run at the same time."""
    rows = []
    jobs = [(size, count) for size in meshes for count in processes]
    with Progress(len(jobs)) as progress:
        for (columns, lines), count in jobs:
            what = f"{columns}x{lines}, {count} at once"
            progress.note(what)
            job = Job(
                columns=columns, rows=lines, strategy=arguments.strategy, instances=arguments.instances,
                seconds=arguments.seconds,
            )  # fmt: skip
            done = apart(job, count)
            millions = columns * lines * done[0].cycles / 1e6
            rows.append(
                {
                    "mesh": f"{columns}x{lines}",
                    "processes": count,
                    "cycles": done[0].cycles,
                    "tasks": done[0].tasks,
                    "tiles busy": done[0].looked,
                    "PEAs busy": done[0].busy,
                    "M tile-cycles/s": sum(millions / ran.wall_s for ran in done),
                    "M per CPU second": sum(millions / ran.cpu_s for ran in done) / count,
                }
            )
            progress.step(what)
    return rows


def large(size: tuple[int, int], tasks: int, strategy: str) -> list[Figures]:
    """A large mesh busy all over; then the same work in the corner of a small mesh and of the large one."""
    columns, lines = size
    each = max(1, round(tasks / TASKS_PER_INSTANCE / (columns * lines)))
    corner = min(max(1, round(tasks / TASKS_PER_INSTANCE)), Config().list_depth)
    jobs = [("all homes", Job(columns=columns, rows=lines, strategy=strategy, instances=each))]
    for name in dict.fromkeys(("adaptive", strategy)):
        for across, down in ((4, 4), size):
            job = Job(columns=across, rows=down, strategy=name, instances=corner, corner=True)
            jobs.append((f"home 0,0 {name}", job))
    rows = []
    with Progress(len(jobs)) as progress:
        for what, job in jobs:
            progress.note(f"{job.columns}x{job.rows}, {what}")
            ran = asdict(apart(job)[0])
            rows.append({"mesh": f"{job.columns}x{job.rows}", "what": what, "tiles": job.columns * job.rows} | ran)
            progress.step(f"{job.columns}x{job.rows}, {what}")
    return rows


def idle_cost(rows: Sequence[Figures]) -> str:
    """What an idle tile costs in a cycle: the same events in the corner of two meshes, and the time between them."""
    small, big = (row for row in rows if row["what"] == "home 0,0 adaptive")
    if small["event_hash"] != big["event_hash"]:
        raise LabError("the same work in a corner gave other events on a larger mesh")
    idle = (big["cpu_s"] - small["cpu_s"]) / (big["cycles"] * (big["tiles"] - small["tiles"]))
    busy = small["cpu_s"] / (small["cycles"] * small["tiles"] * small["looked"])
    return f"an idle tile costs {1e9 * idle:.2f} ns a cycle, one that is looked at {1e9 * busy:.0f} ns"


def engine_run(name: str, job: Job) -> tuple[EngineResult, Figures]:
    """Run an image on an engine several times; the CPU time of a run is that of several less that of one."""
    compiled = job.compiled()
    image, hashes = compiled.image, result_hashes(compiled.resolved)
    cpu = []
    with open_engine(name) as engine:
        engine.hashes = hashes
        engine.run(image)  # builds what is not built yet
    for runs in (1, _REPEATED):
        begin = cpu_seconds()
        with open_engine(name) as engine:
            engine.hashes = hashes
            results = [engine.run(image) for _ in range(runs)]
        cpu.append(cpu_seconds() - begin)
    cycles = int(results[0].events["cycle"].max())
    wall = min(result.wall_s for result in results)
    cpu_s = (cpu[1] - cpu[0]) / (_REPEATED - 1)
    row = {"engine": name, "cycles": cycles, "events": len(results[0].events), "wall s": wall, "CPU s": cpu_s}
    return results[0], row | {"cycles/s": cycles / wall, "cycles per CPU s": cycles / cpu_s}


def against(name: str, size: tuple[int, int], strategy: str, instances: int) -> list[Figures]:
    """The model and another engine on one image, events recorded by both; they have to be the same."""
    job = Job(columns=size[0], rows=size[1], strategy=strategy, instances=instances)
    rows: list[Figures] = []
    results = []
    with Progress(2) as progress:
        for engine in ("model", name):
            progress.note(engine)
            result, row = engine_run(engine, job)
            results.append(result)
            rows.append({"mesh": f"{size[0]}x{size[1]}"} | row)
            progress.step(engine)
    difference = compare(results[0], results[1], ("model", name), size[0])
    if difference is not None:
        raise LabError(str(difference))
    for row in rows:
        row["times"] = row["cycles/s"] / rows[1]["cycles/s"]
    return rows


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_mesh(parser, action="append", help="default: 4x4, 8x8 and 16x16")
    about = "at once; can be given several times; default: 1, then 2"
    parser.add_argument(
        "--processes", type=options.number("--processes", most=999), action="append", metavar="N", help=about
    )
    options.add_strategy(parser, default="octopus", help="see below; default: octopus")
    count = options.number("--instances")
    parser.add_argument("--instances", type=count, default=128, metavar="N", help="for each tile (default: 128)")
    about = "how long a run is repeated (default: 2)"
    parser.add_argument("--seconds", type=options.positive("--seconds"), default=2.0, metavar="S", help=about)
    about = "hold the model against this engine"
    parser.add_argument("--against", choices=sorted(set(ENGINES) - {"model"}), help=about)
    parser.add_argument("--large", action="store_true", help="100x100, or --mesh: to the end, and what idle tiles cost")
    count = options.number("--tasks")
    parser.add_argument("--tasks", type=count, default=100_000, metavar="N", help="with --large (default: 100000)")


def run(arguments: Namespace) -> int:
    """Print the table."""
    notes = []
    if arguments.large:
        rows = large((arguments.mesh or [(100, 100)])[0], arguments.tasks, arguments.strategy)
        notes.append(idle_cost(rows))
    elif arguments.against:
        size = (arguments.mesh or [(4, 4)])[0]
        rows = against(arguments.against, size, arguments.strategy, arguments.instances)
        notes.append("all events are equal")
    else:
        rows = speed(arguments.mesh or [(4, 4), (8, 8), (16, 16)], arguments.processes or [1, 2], arguments)
    if arguments.json:
        print(json.dumps(rows))
    else:
        print("\n".join([plain(list(rows[0]), [list(row.values()) for row in rows]), *notes]))
    return 0
