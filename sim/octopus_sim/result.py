# SPDX-License-Identifier: Apache-2.0
"""What a run is worth: the measures of ``result.json``."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Event
from octopus_hw.image.compile import Compiled
from octopus_hw.owg.measures import Measures, measures
from octopus_sim.engines import EngineResult
from octopus_sim.results import result_count

__all__ = ["Latency", "Result", "percentile", "result_of"]


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Cycles from an instance's due cycle (open arrivals) or injection to its retirement."""

    mean: float
    p50: int
    p95: int
    p99: int
    max: int


@dataclass(frozen=True, kw_only=True)
class Result:
    """One ``result.json``.

    Attributes
    ----------
    workload, strategy, engine : str
    mesh : tuple of int
        Columns and rows.
    seed, cycles, instances, tasks, work, lower_bound : int
        `cycles` is the makespan, `work` counts TB cycles.
    efficiency, utilization, load : float
    latency : Latency
    missed : int
        Instances that retired later than their stream's deadline.
    moves, dispatches, configurations : int
        Tokens moved between tiles, tokens given to TBUs of the same tile, configurations fetched.
    disabled_peas : int
    rows, results : int
        Rows that came from the host, results that went to it.
    event_hash : str
        Of all tiles' events.
    wall_s, cycles_per_s : float
        Of the engine.
    """

    workload: str
    mesh: tuple[int, int]
    strategy: str
    engine: str
    seed: int
    cycles: int
    instances: int
    tasks: int
    work: int
    lower_bound: int
    efficiency: float
    utilization: float
    load: float
    latency: Latency
    missed: int
    moves: int
    dispatches: int
    configurations: int
    disabled_peas: int
    rows: int
    results: int
    event_hash: str
    wall_s: float
    cycles_per_s: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)

    def to_json(self) -> str:
        """Return the text of ``result.json``."""
        return json.dumps(self.as_dict(), indent=2) + "\n"


def percentile(ordered: NDArray[np.int64], percent: int) -> int:
    """Return the nearest-rank percentile of sorted numbers."""
    return int(ordered[max(0, math.ceil(percent * len(ordered) / 100) - 1)])


def result_of(compiled: Compiled, engine: str, run: EngineResult, known: Measures | None = None) -> Result:
    """Measure a run whose instances have all retired.

    Parameters
    ----------
    compiled
        What was run.
    engine
        Its name.
    run
        What came of it.
    known
        The workload's own measures, if they are at hand.
    """
    image, resolved = compiled.image, compiled.resolved
    known = known or measures(resolved, compiled.peas)
    injected, retired = _cycles_of(run, Event.INJECT, len(resolved)), _cycles_of(run, Event.RETIRE, len(resolved))
    streams = compiled.workload.streams
    is_open = np.array([stream.is_open for stream in streams])[resolved.stream]
    latency = retired - np.where(is_open, resolved.due, injected)
    deadlines = np.array([stream.deadline or np.iinfo(np.int64).max for stream in streams])[resolved.stream]
    cycles = int(retired.max() - injected.min())
    in_flight = float((retired - injected).sum()) / max(1, cycles)
    tasks_in_flight = in_flight * known.tasks / known.instances
    ordered = np.sort(latency)
    return Result(
        workload=compiled.workload.name,
        mesh=(image.columns, image.rows),
        strategy=compiled.strategy.name,
        engine=engine,
        seed=image.seed,
        cycles=cycles,
        instances=known.instances,
        tasks=known.tasks,
        work=known.work,
        lower_bound=known.lower_bound,
        efficiency=known.lower_bound / max(1, cycles),
        utilization=known.work / max(1, compiled.peas * cycles),
        load=tasks_in_flight / compiled.peas,
        latency=Latency(
            mean=float(latency.mean()),
            p50=percentile(ordered, 50),
            p95=percentile(ordered, 95),
            p99=percentile(ordered, 99),
            max=int(ordered[-1]),
        ),
        missed=int((latency > deadlines).sum()),
        moves=int(run.counters["moved"].sum()),
        dispatches=int(run.counters["dispatched"].sum()),
        configurations=int(run.counters["loads"].sum()),
        disabled_peas=len(image.tiles) * image.config.tbus * image.config.peas - compiled.peas,
        rows=int((run.events["event"] == Event.ARRIVE).sum()),
        results=result_count(image),
        event_hash=f"{run.hash:08x}",
        wall_s=run.wall_s,
        cycles_per_s=int(run.events["cycle"].max()) / run.wall_s if run.wall_s else 0.0,
    )


def _cycles_of(run: EngineResult, event: Event, instances: int) -> NDArray[np.int64]:
    """Return the cycle of an event that each instance has once."""
    chosen = run.events[run.events["event"] == event]
    cycles = np.zeros(instances, np.int64)
    cycles[chosen["instance"].astype(np.int64)] = chosen["cycle"]
    return cycles
