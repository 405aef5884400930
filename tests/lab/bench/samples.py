# SPDX-License-Identifier: Apache-2.0
"""Engines that run one-task workflows at once, and workloads and rows made by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from octopus_hw.contract.codes import COUNTERS, Event
from octopus_hw.contract.config import Config
from octopus_hw.image.image import Image
from octopus_hw.owg import Workload, workload_from_json
from octopus_lab.bench.jobs import Job, jobs_of
from octopus_sim.conformance import counted
from octopus_sim.engines import Engine, EngineResult
from octopus_sim.events import EVENT, sort_events

TASK = {"id": "a", "kind": "task", "cycles": 5, "config": 2}
TINY = {
    "owg": 1,
    "name": "tiny",
    "blocks": [TASK, {"id": "end", "kind": "end"}],
    "entry": "a",
    "flows": [{"from": "a", "to": "end"}],
}


class Ideal(Engine):
    """Runs the instances of a tile one after another, each 13 cycles after the one before, or after it is due."""

    name = "ideal"
    late = 0
    runs: list[tuple[int, int]] = []

    def run(self, image: Image, max_cycles: int = 0) -> EngineResult:
        self.runs.append((image.columns, image.rows))
        rows: list[Any] = []
        for tile in image.tiles:
            free = 2
            for instance in tile.list:
                at = max(free, int(instance["due"]) + 2)
                steps = [(0, Event.INJECT, 0), (2, Event.DISPATCH, 0), (5, Event.START, 1), (10, Event.FINISH, 1)]
                for after, event, unit in [*steps, (11 + self.late, Event.RETIRE, 0)]:
                    rows.append(
                        (at + after, tile.x, tile.y, unit, event, instance["instance"], event == Event.RETIRE, 0, 0, 0)
                    )
                free = at + 13
        events, work = sort_events(np.array(rows, EVENT)), [5 * len(tile.list) for tile in image.tiles]
        counters = {name: np.zeros(len(image.tiles), np.int64) for name in COUNTERS} | {"work": np.array(work)}
        counters |= counted(events, image.columns, len(image.tiles))
        return EngineResult(events=events, counters=counters, wall_s=0.5)


class Late(Ideal):
    """Retires a cycle late."""

    name = "late"
    late = 1


def workload(name: str = "w", **stream: Any) -> Workload:
    """Return a workload of one stream of one-task workflows."""
    if not stream.keys() & {"instances", "instances_per_tile", "arrivals"}:
        stream["instances_per_tile"] = 4
    return workload_from_json(json.dumps({"workload": 1, "name": name, "streams": [{"owg": TINY, **stream}]}))


def jobs(
    *workloads: Workload,
    meshes: Sequence[tuple[int, int]] = ((1, 1),),
    strategies: Sequence[str] = ("naive", "adaptive"),
    engine: str = "ideal",
    config: Config | None = None,
) -> list[Job]:
    """Return jobs on an engine of this page."""
    return jobs_of(lambda columns, rows: workloads, meshes, strategies, config or Config(), engine)


def a_row(workload: str, strategy: str, cycles: int, bound: int = 50, **more: Any) -> dict[str, Any]:
    """Return what summaries look at in a row."""
    latency = dict.fromkeys(("mean", "p50", "p95", "p99", "max"), cycles)
    row = {"workload": workload, "strategy": strategy, "mesh": [2, 2], "cycles": cycles, "lower_bound": bound}
    row |= {"efficiency": bound / cycles, "load": 4.0, "arrivals": "closed", "latency": latency, "missed": 0}
    return row | {"with_deadline": 0, "timeline": [0.5, 1.0]} | more


def row_files(directory: Path) -> list[Path]:
    """Return the rows that are kept in an output directory."""
    return sorted((directory / "rows").glob("*.json"))
