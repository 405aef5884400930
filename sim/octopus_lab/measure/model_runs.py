# SPDX-License-Identifier: Apache-2.0
"""Runs of the model in processes of their own, so that memory and CPU time are theirs alone, and begin together."""

import json
import multiprocessing
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

from octopus_hw.contract.config import Config
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg import workload_from_json
from octopus_lab.errors import LabError
from octopus_lab.processes import deaf_to_interrupts
from octopus_sim.model import run

__all__ = ["Job", "Ran", "apart"]

#: Instances of each home in flight: enough to keep the tile's CBU busy all the time.
_WINDOW = 24
#: Task blocks per instance, on average.
TASKS_PER_INSTANCE = 3.5

_BLOCKS: list[dict[str, Any]] = [
    {"id": "detect", "kind": "task", "cycles": {"quantiles": [90, 100, 110, 200]},
     "value": {"quantiles": [0, 1, 2, 5]}},
    {"id": "faces", "kind": "spawn", "count": "value", "join": "gather"},
    {"id": "embed", "kind": "task", "cycles": {"affine": [100, 5]}},
    {"id": "known", "kind": "branch", "choose": {"quantiles": [0, 0, 0, 1]}},
    {"id": "enroll", "kind": "task", "cycles": 250},
    {"id": "gather", "kind": "join", "of": "faces"},
    {"id": "done", "kind": "end"},
]  # fmt: skip
_FLOWS = {
    ("detect", "faces"): 16, ("faces", "embed"): 8, ("embed", "known"): 0, ("known", "gather"): 0,
    ("known", "enroll"): 8, ("enroll", "gather"): 0, ("gather", "done"): 0,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is run: faces to recognise.

    Attributes
    ----------
    columns, rows
        Of the mesh.
    strategy
        Its name.
    instances
        In all, or of each tile.
    corner
        Tile 0,0 is home of all `instances`; else every tile is home of so many.
    seconds
        The run is repeated until so much time has passed.
    """

    columns: int
    rows: int
    strategy: str
    instances: int
    corner: bool = False
    seconds: float = 0.0

    def compiled(self) -> Compiled:
        """Compile the workload."""
        flows = [{"from": source, "to": sink, "words": words} for (source, sink), words in _FLOWS.items()]
        owg = {"owg": 1, "name": "faces", "blocks": _BLOCKS, "entry": "detect", "flows": flows}
        count = {"instances": self.instances, "homes": "corner"} if self.corner else {}
        stream = {"owg": owg, "window": _WINDOW} | (count or {"instances_per_tile": self.instances})
        document = workload_from_json(json.dumps({"workload": 1, "name": "bench", "streams": [stream]}))
        return compile_workload(document, self.columns, self.rows, Config(), self.strategy)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What came of it.

    Attributes
    ----------
    tasks, cycles
        Task blocks started, cycle of the last retirement, of one run.
    looked
        Share of the tile-cycles in which the tile had anything to do.
    busy
        Share of the PEA-cycles spent on work.
    compile_s, wall_s, cpu_s
        Seconds for compiling the workload, and for one run: on the clock, and of user and system time.
    mib
        Most memory that the process ever had.
    event_hash
        Of all tiles' events.
    """

    tasks: int
    cycles: int
    looked: float
    busy: float
    compile_s: float
    wall_s: float
    cpu_s: float
    mib: float
    event_hash: str


def apart(job: Job, processes: int = 1) -> list[Ran]:
    """Run a job in so many processes at the same time."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    with ProcessPoolExecutor(processes, context, initializer=_meet_at, initargs=(barrier,)) as pool:
        try:
            with deaf_to_interrupts():
                runs = pool.map(_run, [job] * processes)
            return list(runs)
        except KeyboardInterrupt:
            for process in multiprocessing.active_children():
                process.terminate()
            raise
        except BrokenProcessPool:
            raise LabError("a process was killed (for want of memory?); take a smaller --mesh") from None


_meeting: list[Barrier] = []


def _meet_at(barrier: Barrier) -> None:
    _meeting.append(barrier)


def _run(job: Job) -> Ran:
    run(
        Job(columns=1, rows=1, strategy=job.strategy, instances=1).compiled().image, record=False
    )  # compiles the kernels
    begin = time.perf_counter()
    image = job.compiled().image
    compiled = time.perf_counter() - begin
    _meeting[0].wait()
    begin, cpu, runs = time.perf_counter(), time.process_time(), 0
    while runs == 0 or time.perf_counter() - begin < job.seconds:
        result = run(image, record=False)
        runs += 1
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    tile_cycles = len(image.tiles) * result.end_cycle
    peas = image.config.tbus * image.config.peas
    return Ran(
        tasks=result.counter("started"),
        cycles=result.end_cycle,
        looked=result.tile_cycles / tile_cycles,
        busy=result.counter("work") / (peas * tile_cycles),
        compile_s=compiled,
        wall_s=wall / runs,
        cpu_s=cpu / runs,
        mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        event_hash=f"{result.counter('hash'):08x}",
    )
