# SPDX-License-Identifier: Apache-2.0
"""A workload as objects, and what it comes to on a given mesh.

`Workload` and `Stream` hold what the file says; `resolve` lists every instance with its number, scene, due cycle and
home tile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.errors import InputError
from octopus_hw.contract.layout import LAST_DUE
from octopus_hw.owg.data import EMPTY, Words
from octopus_hw.owg.draw import FIELD_JITTER, draw_array
from octopus_hw.owg.homes import home_tiles
from octopus_hw.owg.instances import MAX_INSTANCES, Instances
from octopus_hw.owg.objects import Workflow

DEFAULT_SEED = 1
DEFAULT_PER_TILE = 16


@dataclass(frozen=True, kw_only=True)
class Stream(Instances):
    """Instances of one workflow.

    Attributes
    ----------
    workflow : Workflow
    owg : str or None
        The path that the file gave; None if the workflow is embedded.
    rows : array of uint32, shape (rows, words), or None
        What the file `inputs` holds (`octopus_hw.owg.inputs.load_inputs`). It plays no part in equality.
    """

    workflow: Workflow
    owg: str | None = None
    rows: NDArray[np.uint32] | None = field(default=None, compare=False)

    @property
    def given(self) -> int | None:
        """The words of each row; None if the stream has no inputs."""
        return None if self.rows is None else self.rows.shape[1]

    def row(self, k: int) -> Words:
        """Return the words that the stream's instance number `k` starts with."""
        return EMPTY if self.rows is None else self.rows[k % len(self.rows)]


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Streams of instances with a seed; `file` plays no part in equality."""

    name: str
    streams: tuple[Stream, ...]
    seed: int = DEFAULT_SEED
    description: str = ""
    file: str = field(default="workload", compare=False)

    @property
    def block_bases(self) -> tuple[int, ...]:
        """For each stream, the block number of its workflow's first block."""
        sizes = [len(stream.workflow.blocks) for stream in self.streams]
        return tuple(sum(sizes[:number]) for number in range(len(sizes)))


class Instance(NamedTuple):
    """One instance of a resolved workload."""

    #: Number over the whole workload.
    number: int
    stream: int
    #: Number within the stream.
    k: int
    #: Index into the stream's `scene_names`; 0 if it names none.
    scene: int
    #: Cycle of arrival; 0 in a closed loop.
    due: int
    #: Home tile, row by row.
    home: int


@dataclass(frozen=True, eq=False)
class Resolved:
    """A workload on a mesh: arrays with one entry per instance, in order of their numbers."""

    workload: Workload
    columns: int
    rows: int
    alive: tuple[int, ...]
    seed: int
    stream: NDArray[np.int64]
    k: NDArray[np.int64]
    scene: NDArray[np.int64]
    due: NDArray[np.int64]
    home: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.stream)

    def __iter__(self) -> Iterator[Instance]:
        columns = (self.stream, self.k, self.scene, self.due, self.home)
        lists = (column.tolist() for column in columns)
        return (Instance(number, *row) for number, row in enumerate(zip(*lists, strict=True)))

    def scene_name(self, instance: Instance) -> str | None:
        """Return the instance's scene; None where its stream names none (each source's first scene holds)."""
        names = self.workload.streams[instance.stream].scene_names
        return names[instance.scene] if names else None


def resolve(
    workload: Workload, columns: int, rows: int, alive: Sequence[int] | None = None, seed: int | None = None
) -> Resolved:
    """List every instance of a workload on a mesh.

    Parameters
    ----------
    workload : Workload
    columns, rows : int
        The mesh; tile numbers go row by row.
    alive : sequence of int, optional
        The tiles that may be homes; by default all. ``instances_per_tile`` counts all tiles, dead ones too, so that the
        work is the same.
    seed : int, optional
        Replaces the workload's seed.

    Raises
    ------
    InputError
        If the workload does not fit the mesh.
    """
    tiles = tuple(range(columns * rows)) if alive is None else tuple(sorted(alive))
    if not tiles:
        raise InputError(workload.file, "", "no tile is alive to be a home; leave at least one")
    seed = workload.seed if seed is None else seed
    parts = []
    first = 0
    for number, stream in enumerate(workload.streams):
        count = _count(workload, number, columns * rows)
        if first + count > MAX_INSTANCES:
            raise InputError(workload.file, f"streams[{number}]", f"more than {MAX_INSTANCES} instances; ask for fewer")
        entry = workload.block_bases[number] + stream.workflow.entry_number
        k = np.arange(count)
        due = _due(stream, k, seed, first, entry)
        _check_due(workload, number, due)
        try:
            home = home_tiles(stream.homes, count, columns, rows, tiles)
        except ValueError as error:
            raise InputError(workload.file, f"streams[{number}].homes.weights", str(error)) from None
        parts.append((np.full(count, number), k, _scenes(stream, k), due, home))
        first += count
    arrays = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Resolved(workload, columns, rows, tiles, seed, *arrays)


def _count(workload: Workload, number: int, tiles: int) -> int:
    stream = workload.streams[number]
    recorded = len(stream.arrivals or ())
    count = stream.instances
    if stream.instances_per_tile is not None:
        count = stream.instances_per_tile * tiles
    elif count is None:
        count = recorded
    if stream.arrivals is not None and count > recorded:
        message = f"{count} instances but only {recorded} arrivals; add arrivals or ask for fewer instances"
        raise InputError(workload.file, f"streams[{number}].arrivals", message)
    return count


def _scenes(stream: Stream, k: NDArray[np.int64]) -> NDArray[np.int64]:
    if not stream.scenes:
        return np.zeros_like(k)
    ends = np.cumsum([count for _, count in stream.scenes])
    index = np.array([stream.scene_names.index(name) for name, _ in stream.scenes])
    scenes: NDArray[np.int64] = index[np.searchsorted(ends, k % ends[-1], side="right")]
    return scenes


def _due(stream: Stream, k: NDArray[np.int64], seed: int, first: int, entry: int) -> NDArray[np.int64]:
    if stream.arrivals is not None:
        return np.array(stream.arrivals[: len(k)], dtype=np.int64)
    if stream.period is None:
        return np.zeros_like(k)
    drawn = draw_array(seed, k + first, entry, 0, 0, FIELD_JITTER).astype(np.uint64)
    late = (drawn * np.uint64(stream.jitter + 1)) >> np.uint64(32)
    return stream.start + k * stream.period + late.astype(np.int64)


def _check_due(workload: Workload, number: int, due: NDArray[np.int64]) -> None:
    """Refuse what is due later than a chip's cycle counter allows (docs/timing.md#the-last-due-cycle)."""
    stream = workload.streams[number]
    last = int(due.argmax())
    if due[last] <= LAST_DUE:
        return
    if stream.arrivals is not None:
        key, remedy = f"arrivals[{last}]", "let it arrive earlier"
    elif stream.start > LAST_DUE:
        key, remedy = "start", "let the stream start earlier"
    elif stream.start + last * (stream.period or 0) > LAST_DUE:
        key, remedy = "period", "give a shorter period or fewer instances"
    else:
        key, remedy = "jitter", "give a smaller jitter"
    message = f"instance {last} is due in cycle {due[last]}, and {LAST_DUE} is the last that can be; {remedy}"
    raise InputError(workload.file, f"streams[{number}].{key}", message)
