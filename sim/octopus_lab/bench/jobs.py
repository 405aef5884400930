# SPDX-License-Identifier: Apache-2.0
"""A job: one run of one workload, and the digest of everything that its outcome depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from octopus_hw.contract.config import Config
from octopus_hw.contract.strategies import strategy
from octopus_hw.owg.save import workload_to_json
from octopus_hw.owg.workload import Workload, resolve
from octopus_hw.sources import read_sources

__all__ = ["Job", "Mesh", "digest_of", "jobs_of", "sources_version", "version_of", "workload_digest"]

Mesh = tuple[int, int]

#: The sources of this package that make a row.
_ROW_MAKERS = ("row.py", "timeline.py")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run.

    Attributes
    ----------
    workload : Workload
    content : str
        Its digest.
    columns, rows : int
    strategy, engine : str
    against : str or None
        An engine that must agree with `engine` on every event.
    config : Config
    host_cycles : int
        Cycles that the host takes for each word of a row or result.
    """

    workload: Workload = field(compare=False, repr=False)
    content: str
    columns: int
    rows: int
    strategy: str
    engine: str = "model"
    against: str | None = None
    config: Config = field(default_factory=Config)
    host_cycles: int = 1

    @property
    def mesh(self) -> Mesh:
        """Columns and rows."""
        return self.columns, self.rows

    @property
    def label(self) -> str:
        """What progress calls it."""
        engines = self.engine if self.against is None else f"{self.engine} against {self.against}"
        return f"{self.workload.name}, {self.columns}x{self.rows}, {self.strategy}, {engines}"

    @property
    def subject(self) -> tuple[str, Mesh, int]:
        """What jobs share if work, bound and profile are the same: workload, mesh and PEAs."""
        return self.content, self.mesh, self.config.tbus * self.config.peas

    @cached_property
    def digest(self) -> str:
        """The name of this job's row."""
        preset = {key: _plain(value) for key, value in asdict(strategy(self.strategy)).items()}
        parts = {
            "workload": self.content,
            "mesh": self.mesh,
            "strategy": preset,
            "engine": self.engine,
            "against": self.against,
            "config": asdict(self.config),
            "host_cycles": self.host_cycles,
            "sources": sources_version(),
        }
        return digest_of(parts)

    @cached_property
    def cost(self) -> int:
        """A guess at how long it takes, in invocations."""
        resolved = resolve(self.workload, self.columns, self.rows)
        counts = np.bincount(resolved.stream, minlength=len(self.workload.streams)).tolist()
        return sum(n * len(s.workflow.tasks) for n, s in zip(counts, self.workload.streams, strict=True))


def digest_of(data: Any) -> str:
    """Return a name for JSON data."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:24]


def workload_digest(workload: Workload) -> str:
    """Return a name for a workload: workflows and rows count with their content, whatever file they came from."""
    streams = tuple(replace(stream, owg=None) for stream in workload.streams)
    rows = [None if stream.rows is None else stream.rows.tolist() for stream in streams]
    return digest_of([workload_to_json(replace(workload, streams=streams)), rows])


def jobs_of(
    workloads: Callable[[int, int], Iterable[Workload]],
    meshes: Sequence[Mesh],
    strategies: Sequence[str],
    config: Config,
    engine: str = "model",
    against: str | None = None,
    host_cycles: int = 1,
) -> list[Job]:
    """Return the jobs of strategies over workloads over meshes; `workloads` are given a mesh's columns and rows."""
    jobs = []
    for columns, rows in meshes:
        for workload in workloads(columns, rows):
            content = workload_digest(workload)
            jobs += [
                Job(
                    workload=workload,
                    content=content,
                    columns=columns,
                    rows=rows,
                    strategy=name,
                    engine=engine,
                    against=against,
                    config=config,
                    host_cycles=host_cycles,
                )
                for name in strategies
            ]
    return jobs


@cache
def sources_version() -> str:
    """Return a name for the sources that decide what a row says: both packages, and here what makes a row."""
    import octopus_hw
    import octopus_sim

    packages = [Path(package.__path__[0]) for package in (octopus_hw, octopus_sim)]
    here = Path(__file__).parent
    return version_of([*packages, *(here / name for name in _ROW_MAKERS)])


def version_of(paths: Sequence[Path]) -> str:
    """Return a name for the content of these files and folders."""
    texts = (text for path in paths for text in read_sources(path.parent, [path]))
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:24]


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value
