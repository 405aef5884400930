# SPDX-License-Identifier: Apache-2.0
"""Run jobs over several processes; what is done is kept, and another run goes on from there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from octopus_hw.contract.config import Config
from octopus_hw.image.compile import compile_workload
from octopus_hw.owg.load import workload_from_json
from octopus_lab.bench.jobs import Job
from octopus_lab.bench.row import Row, check_job
from octopus_lab.bench.store import RowStore
from octopus_lab.bench.worker import Engines, run_group
from octopus_lab.bench.workers import Workers

if TYPE_CHECKING:
    from octopus_sim.progress import Progress

__all__ = ["Outcome", "groups_of", "run_jobs"]

#: A workload of one task, to have the model compiled with.
_SMALLEST = {
    "owg": 1,
    "name": "smallest",
    "blocks": [{"id": "a", "kind": "task", "cycles": 1}, {"id": "b", "kind": "end"}],
    "entry": "a",
    "flows": [{"from": "a", "to": "b"}],
}


@dataclass(frozen=True)
class Outcome:
    """For each job its row, or None if it failed; and what failed how."""

    rows: list[Row | None]
    failures: list[str]


def run_jobs(jobs: Sequence[Job], directory: Path, processes: int | None = None) -> Outcome:
    """Run what has no row yet in ``directory/rows``, and return all rows, in the order of the jobs.

    Parameters
    ----------
    jobs : sequence of Job
    directory : Path
    processes : int, optional
        By default as many as there are processors.

    Raises
    ------
    InputError
        A workload does not fit its mesh; nothing is run then.
    KeyboardInterrupt
        What was done by then is kept.
    """
    from octopus_sim.progress import Progress
    from octopus_sim.toolchain import processors

    store = RowStore(directory / "rows")
    missing = [job for job in {job.digest: job for job in jobs}.values() if store.get(job) is None]
    for job in {(job.subject, job.config): job for job in missing}.values():
        check_job(job)
    by_digest = {job.digest: job for job in missing}
    failures = []
    with Progress(len(missing)) as progress:
        at_hand = len({job.digest for job in jobs}) - len(missing)
        if at_hand:
            progress.note(f"{at_hand} rows are at hand in {store.directory}")
        try:
            for digest, error in _run(missing, store, processes or processors(), progress):
                label = by_digest[digest].label
                if error:
                    failures.append(f"{label}: {error}")
                progress.step(label if not error else f"{label}: FAILED")
        except KeyboardInterrupt:
            kept = at_hand + progress.done - len(failures)
            print(
                f"\n{kept} of {at_hand + len(missing)} rows are done and kept in {store.directory}; "
                "the same command goes on from there",
                file=sys.stderr,
            )
            raise
    return Outcome([store.get(job) for job in jobs], failures)


def groups_of(jobs: Sequence[Job], processes: int) -> list[list[Job]]:
    """Put jobs together that share a subject, the longest group first; split groups if there are too few of them."""
    by_subject: dict[object, list[Job]] = {}
    for job in jobs:
        by_subject.setdefault(job.subject, []).append(job)
    groups = list(by_subject.values())
    while 0 < len(groups) < processes:
        longest = max(groups, key=_cost)
        if len(longest) < 2:
            break
        groups.remove(longest)
        groups += [longest[::2], longest[1::2]]
    return sorted(groups, key=_cost, reverse=True)


def _cost(group: Sequence[Job]) -> int:
    return (1 + len(group)) * group[0].cost  # interpreting once takes about as long as one run


def _run(jobs: Sequence[Job], store: RowStore, processes: int, progress: Progress) -> Iterator[tuple[str, str]]:
    groups = groups_of(jobs, processes)
    processes = min(processes, len(groups))
    if processes <= 1:
        with Engines() as engines:
            for group in groups:
                progress.note(group[0].label)
                for job, error in run_group(group, store, engines):
                    yield job.digest, error
        return
    if any("model" in (job.engine, job.against) for job in jobs):
        progress.note("the model")
        _warm_up()
    with Workers(processes, store.directory) as workers:
        progress.note(f"{len(groups)} workloads and meshes in {processes} processes")
        yield from workers.run(groups)


def _warm_up() -> None:
    """Have the model's kernels compiled and cached, so that not every process does it at the same time."""
    from octopus_sim import model

    model.run(compile_workload(workload_from_json(json.dumps(_SMALLEST)), 1, 1, Config(), "adaptive").image)
