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

from octopus_hw.config import Config
from octopus_hw.owg.save import workload_to_json
from octopus_hw.owg.workload import Workload, resolve
from octopus_hw.strategies import strategy

__all__ = ["Job", "Mesh", "digest_of", "jobs_of", "sources_version", "version_of", "workload_digest"]

Mesh = tuple[int, int]

#: Parts of the packages that no row depends on. What makes a row (`bench/row.py` and `timeline.py`) counts.
_APART = ("octopus_hw/cli", "octopus_hw/suites", "octopus_hw/bench")
_ROW_MAKERS = ("octopus_hw/bench/row.py", "octopus_hw/bench/timeline.py")


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
    """

    workload: Workload = field(compare=False, repr=False)
    content: str
    columns: int
    rows: int
    strategy: str
    engine: str = "model"
    against: str | None = None
    config: Config = field(default_factory=Config)

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
    """Return a name for a workload: its workflows count with their content, whatever file they came from."""
    streams = tuple(replace(stream, owg=None) for stream in workload.streams)
    return digest_of(workload_to_json(replace(workload, streams=streams)))


def jobs_of(
    workloads: Callable[[int, int], Iterable[Workload]],
    meshes: Sequence[Mesh],
    strategies: Sequence[str],
    config: Config,
    engine: str = "model",
    against: str | None = None,
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
                )
                for name in strategies
            ]
    return jobs


@cache
def sources_version() -> str:
    """Return a name for the sources that decide what a row says: the packages', but for commands, suites and plots."""
    import octopus_sim

    return version_of([Path(__file__).parents[1], Path(octopus_sim.__path__[0])])


def version_of(packages: Sequence[Path]) -> str:
    """Return a name for what rows depend on in the folders of packages."""
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted(package.rglob("*.py")):
            name = path.relative_to(package.parent).as_posix()
            if name in _ROW_MAKERS or not name.startswith(_APART):
                digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:24]


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value
