# SPDX-License-Identifier: Apache-2.0
"""From a job to its row: what ``result.json`` has, and what summaries and plots need beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.config import Config
from octopus_hw.contract.strategies import strategy
from octopus_hw.image.compile import compile_workload, place_workload
from octopus_hw.image.dead import dead_masks
from octopus_hw.image.limits import require_all
from octopus_hw.image.needs import needs_of
from octopus_hw.owg.interpret import Execution
from octopus_hw.owg.measures import executions
from octopus_hw.owg.profile import Profile, profile
from octopus_hw.owg.workload import Instance, Resolved, Workload
from octopus_lab.bench.jobs import Job
from octopus_lab.bench.timeline import Splits, timeline

if TYPE_CHECKING:
    from octopus_sim.engines import Engine
    from octopus_sim.expected import Expected

__all__ = ["Row", "RunError", "Subject", "check_job", "make_row", "resolve_job", "resolved_on"]

Row = dict[str, Any]

#: A run is given up after so many times its lower bound, and some cycles more for the smallest.
PATIENCE, AT_LEAST = 100, 1_000_000


class RunError(Exception):
    """A run did not do what its workload says."""


def resolved_on(workload: Workload, columns: int, rows: int, config: Config) -> Resolved:
    """List the instances of a workload on a mesh without dead parts."""
    return place_workload(workload, columns, rows, config, dead_masks((), columns, rows, config))


def resolve_job(job: Job) -> Resolved:
    """List the instances of a job's workload on its mesh."""
    return resolved_on(job.workload, job.columns, job.rows, job.config)


def check_job(job: Job) -> None:
    """Refuse a workload that does not fit its mesh and configuration."""
    require_all(job.workload.file, needs_of(job.workload, job.config, resolve_job(job)).by_key, job.config)


@dataclass(frozen=True)
class Subject:
    """What is the same for every strategy of a workload on a mesh, worked out once."""

    resolved: Resolved
    expected: Expected
    splits: Splits

    @classmethod
    def of(cls, job: Job) -> Subject:
        """Interpret every instance of a job's workload; its words too, if an engine has them."""
        from octopus_sim.expected import expect

        resolved = resolve_job(job)
        rows: list[tuple[int, int, int, int, int]] = []
        peas = job.columns * job.rows * job.config.tbus * job.config.peas
        words = not {job.engine, job.against} <= {"model", None}
        expected = expect(resolved, peas, _noting_splits(resolved, rows, words=words))
        return cls(resolved, expected, Splits.of(rows))

    @cached_property
    def profile(self) -> Profile:
        """What strategies know in advance."""
        return profile(self.resolved)

    @cached_property
    def hashes(self) -> NDArray[np.void]:
        """What the model's finishes carry, where it is held against another engine."""
        from octopus_sim.result_hashes import result_hashes

        return result_hashes(self.resolved)


def _noting_splits(
    resolved: Resolved, rows: list[tuple[int, int, int, int, int]], *, words: bool
) -> Iterator[tuple[Instance, Execution]]:
    workload = resolved.workload
    divisible = {
        base + number
        for stream, base in zip(workload.streams, workload.block_bases, strict=True)
        for number, task in stream.workflow.tasks.items()
        if task.parallel > 1
    }
    for instance, run in executions(resolved, words=words):
        if divisible:
            rows += [
                (instance.number, done.block, done.index, done.round, done.cycles)
                for done in run.invocations
                if done.block in divisible
            ]
        yield instance, run


def make_row(job: Job, subject: Subject, engine_of: Callable[[str], Engine]) -> Row:
    """Run a job and return its row.

    Raises
    ------
    RunError
        The run lost or invented something.
    """
    from octopus_sim.compare import compare
    from octopus_sim.conformance import violations
    from octopus_sim.engines import MAX_CYCLES, runs_of
    from octopus_sim.result import result_of

    known = subject.profile if strategy(job.strategy).is_profiled else None
    compiled = compile_workload(job.workload, job.columns, job.rows, job.config, job.strategy, known=known)
    most = min(MAX_CYCLES, PATIENCE * subject.expected.measures.lower_bound + AT_LEAST)
    engines = [engine_of(name) for name in (job.engine, job.against) if name is not None]
    for engine in engines:
        engine.hashes, engine.host_cycles = None if job.against is None else subject.hashes, job.host_cycles
    outcomes = dict(runs_of(engines, compiled.image, most))
    outcome = outcomes[engines[0]]
    wrong = violations(compiled, outcome, subject.expected)
    if wrong:
        raise RunError("; ".join(wrong))
    row = result_of(compiled, job.engine, outcome, subject.expected.measures).as_dict()
    row["mesh"] = list(row["mesh"])
    row["arrivals"] = "open" if any(stream.is_open for stream in job.workload.streams) else "closed"
    row["with_deadline"] = _with_deadline(subject.resolved)
    row["events"] = len(outcome.events)
    row["timeline"] = timeline(outcome.events, compiled.peas, subject.splits)
    if job.against is not None:
        row["against"] = job.against
        found = compare(outcome, outcomes[engines[1]], (job.engine, job.against), job.columns)
        row["differences"] = [str(found)] if found else []
    return row


def _with_deadline(resolved: Resolved) -> int:
    """Return how many instances have a deadline."""
    has = np.array([stream.deadline is not None for stream in resolved.workload.streams])
    return int(has[resolved.stream].sum())
