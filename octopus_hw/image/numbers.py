# SPDX-License-Identifier: Apache-2.0
"""The number table: two words of `layout.Descriptor` for each block, then what they point to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import SourceKind as Code
from octopus_hw.contract.errors import InputError
from octopus_hw.contract.layout import Descriptor, Variant
from octopus_hw.image.limits import require
from octopus_hw.owg import sources as src
from octopus_hw.owg.objects import Block, Task
from octopus_hw.owg.workload import Stream, Workload

__all__ = ["MAX_REPLAY_ROWS", "MAX_SCENES", "NumberTable", "number_table"]

#: Scenes of a stream, and instances after which its recorded numbers have all wrapped round together.
MAX_SCENES = Variant["scene"].most + 1
MAX_REPLAY_ROWS = Variant["row"].most + 1
#: Most numbers in one list of the table.
_MAX_LIST = Descriptor["n"].most


@dataclass(frozen=True)
class NumberTable:
    """The words, and after how many instances the recorded numbers of each stream repeat."""

    words: NDArray[np.uint32]
    replay_rows: tuple[int, ...]


def number_table(workload: Workload) -> NumberTable:
    """Build the table.

    Raises
    ------
    InputError
        A source does not fit the table's fields, or a task has a kernel.
    """
    builder = _Builder(2 * sum(len(stream.workflow.blocks) for stream in workload.streams))
    replay_rows = []
    for number, (stream, base) in enumerate(zip(workload.streams, workload.block_bases, strict=True)):
        if len(stream.scene_names) > MAX_SCENES:
            message = f"{len(stream.scene_names)} scenes, but an instance names one of {MAX_SCENES}; use fewer"
            raise InputError(workload.file, f"streams[{number}].scenes", message)
        replay_rows.append(_replay_rows(workload, number))
        for position, block in enumerate(stream.workflow.blocks):
            for field, (key, source) in enumerate(_fields(stream, position, block)):
                builder.stream, builder.rows = stream, replay_rows[-1]
                try:
                    builder.words[2 * (base + position) + field] = builder.descriptor(source)
                except ValueError as error:
                    raise stream.workflow.error(f"blocks[{position}].{key}", str(error)) from None
    require(workload.file, "number_words", len(builder.words), 1 << 16, "words of number sources")
    return NumberTable(np.array(builder.words, dtype=np.uint32), tuple(replay_rows))


def _replay_rows(workload: Workload, stream: int) -> int:
    """Return after how many instances of a stream all of its recorded numbers repeat.

    Raises
    ------
    InputError
        They are more than `MAX_REPLAY_ROWS`.
    """
    blocks = workload.streams[stream].workflow.blocks
    counts = {replay for block in blocks for source in block.sources().values() for replay in _replays(source)}
    rows = math.lcm(*counts)
    if rows > MAX_REPLAY_ROWS:
        message = f"recorded numbers for {sorted(counts)} instances repeat together after {rows} instances only"
        raise InputError(
            workload.file, f"streams[{stream}].owg", f"{message}; let that be at most {MAX_REPLAY_ROWS}: record alike"
        )
    return rows


def _replays(source: src.NumberSource) -> Iterator[int]:
    if isinstance(source, src.Replay):
        yield len(source.numbers)
    elif isinstance(source, src.Scenes):
        for _, inner in source.pairs:
            yield from _replays(inner)


def _fields(stream: Stream, position: int, block: Block) -> list[tuple[str, src.NumberSource]]:
    """Return the sources of a block's fields 0 and 1, with their keys."""
    if not isinstance(block, Task):
        return list(block.sources().items())
    if block.cycles is None:
        message = f"task '{block.id}' has a kernel, which this version does not compute; give it 'cycles'"
        raise stream.workflow.error(f"blocks[{position}].kernel", message)
    return [("cycles", block.cycles), ("value", block.value or src.Value())]


class _Builder:
    def __init__(self, descriptors: int) -> None:
        self.words = [0] * descriptors
        self.known: dict[tuple[int, ...], int] = {}
        self.stream: Stream
        self.rows = 1

    def descriptor(self, source: src.NumberSource) -> int:
        match source:
            case src.Const(number):
                return self.word(Code.CONST, 0, number)
            case src.Value():
                return self.word(Code.VALUE, 0, 0)
            case src.Affine(a, b):
                return self.word(Code.AFFINE, 0, self.put((a & 0xFFFFFFFF, b & 0xFFFFFFFF)))
            case src.Quantiles(numbers):
                return self.word(Code.QUANTILES, len(numbers), self.put(numbers))
            case src.Thresholds(()):
                return self.word(Code.CONST, 0, 0)
            case src.Thresholds(numbers):
                return self.word(Code.THRESHOLDS, len(numbers), self.put(numbers))
            case src.Scenes() if self.stream.scene_names:
                inner = tuple(self.descriptor(source.for_scene(name)) for name in self.stream.scene_names)
                return self.word(Code.SCENES, len(inner), self.put(inner))
            case src.Scenes():
                return self.descriptor(source.for_scene(None))
            case src.Replay(numbers):
                return self.word(Code.REPLAY, 0, self.replay(numbers))
        raise TypeError(f"{source!r} has no place in the number table")

    def replay(self, numbers: tuple[tuple[tuple[int, ...], ...], ...]) -> int:
        """Return where the words by replay row are: each points to words by round, and these to numbers by index."""
        instances = []
        for rounds in numbers:
            pointers = tuple(self.word(Code.REPLAY, len(indices), self.put(indices)) for indices in rounds)
            instances.append(self.word(Code.REPLAY, len(pointers), self.put(pointers)))
        return self.put(tuple(instances[row % len(instances)] for row in range(self.rows)))

    def put(self, words: tuple[int, ...]) -> int:
        """Return where these words stand in the table; equal ones stand there once."""
        if words not in self.known:
            self.known[words] = len(self.words)
            self.words += words
        return self.known[words]

    @staticmethod
    def word(code: Code, n: int, base: int) -> int:
        if n > _MAX_LIST:
            raise ValueError(f"{n} numbers in one list; give at most {_MAX_LIST}")
        word: int = Descriptor.pack(kind=code, n=n, base=base & Descriptor["base"].most)
        return word
