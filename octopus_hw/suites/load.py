# SPDX-License-Identifier: Apache-2.0
"""Load a suite for a mesh.

::

    NAME.workload.json ──► load_workload ──► on_mesh ──► Workload
                           as for one tile    as for all

A stream with `instances_per_tile` keeps its load per tile on every mesh: where its arrivals are open, the file states
those of one tile, and a mesh of n tiles gets n times as many in the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

from octopus_hw.contract.errors import InputError, nearest
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.workload import Stream, Workload

__all__ = ["SUITES", "load_suite", "on_mesh", "suite_files"]

#: What there is, and what for.
SUITES = {
    "octopus": "applications: the evaluation's",
    "stress": "what is hard for a scheduler: hot spots, bursts, chains, too many configurations, tiny tasks",
}

#: Largest part by which a period may be off once it is divided by the tiles and rounded.
_ROUNDING = 0.01


@contextmanager
def suite_files(name: str) -> Iterator[list[Path]]:
    """Give the paths of a suite's workload files, sorted by name.

    Raises
    ------
    InputError
        There is no such suite.
    """
    if name not in SUITES:
        raise InputError("--suite", name, f"is not known; {nearest(name, list(SUITES))}")
    with as_file(files("octopus_hw.suites") / name) as directory:
        yield sorted(directory.glob("*.workload.json"))


def load_suite(name: str, columns: int, rows: int) -> list[Workload]:
    """Load all workloads of a suite as they are on a mesh, sorted by name.

    Parameters
    ----------
    name : str
        A key of `SUITES`.
    columns, rows : int
        The mesh.

    Raises
    ------
    InputError
        There is no such suite, or one of its periods is too short to be shared by so many tiles.
    """
    with suite_files(name) as paths:
        return [on_mesh(load_workload(path), columns, rows) for path in paths]


def on_mesh(workload: Workload, columns: int, rows: int) -> Workload:
    """Return a workload whose streams with `instances_per_tile` and open arrivals have them for every tile."""
    tiles = columns * rows
    streams = tuple(_scaled(workload, number, stream, tiles) for number, stream in enumerate(workload.streams))
    return replace(workload, streams=streams)


def _scaled(workload: Workload, number: int, stream: Stream, tiles: int) -> Stream:
    if stream.instances_per_tile is None:
        return stream
    if stream.arrivals is not None:
        return replace(stream, arrivals=tuple(cycle for cycle in stream.arrivals for _ in range(tiles)))
    if stream.period is None:
        return stream
    period = max(1, round(stream.period / tiles))
    if abs(period * tiles / stream.period - 1) > _ROUNDING:
        message = f"{stream.period} cycles cannot be shared by {tiles} tiles within {_ROUNDING:.0%}"
        raise InputError(workload.file, f"streams[{number}].period", f"{message}; use a smaller mesh or longer frames")
    return replace(stream, period=period)
