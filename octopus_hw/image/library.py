# SPDX-License-Identifier: Apache-2.0
"""The configuration library: one after the other, from address 0 of the library tiles' home store on.

A timed Task Block's configuration has no meaning, so its words are a pattern that tells block and position apart:
word i of block b is ``(b << 16 | i) x 0x9E3779B1 mod 2^32``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import row_type
from octopus_hw.owg.objects import Task
from octopus_hw.owg.workload import Workload

__all__ = ["library_tables", "library_tile", "library_words"]

_PATTERN = np.uint64(0x9E3779B1)


def library_words(workload: Workload, config: Config) -> int:
    """Return the words of all configurations.

    Raises
    ------
    InputError
        A configuration is longer than the longest can be.
    """
    total = 0
    for stream in workload.streams:
        for number, task in stream.workflow.tasks.items():
            words, most = task.config, config.config_words
            if words > most:
                message = (
                    f"{words} words of configuration, but the longest has {most}; give fewer or raise config_words"
                )
                raise stream.workflow.error(f"blocks[{number}].config", message)
            total += words
    return total


def library_tables(workload: Workload, config: Config) -> tuple[NDArray[np.void], NDArray[np.uint32]]:
    """Return rows of `Layouts.library_row` by block, and the words of all configurations."""
    blocks = [block for stream in workload.streams for block in stream.workflow.blocks]
    lengths = [block.config if isinstance(block, Task) else 0 for block in blocks]
    library = np.zeros(len(lengths), row_type(layouts(config).library_row))
    library["words"] = lengths
    library["parallel"] = [block.parallel.bit_length() - 1 if isinstance(block, Task) else 0 for block in blocks]
    library["address"] = np.where(lengths, np.cumsum([0, *lengths])[:-1], 0)
    keys = [np.uint64(block << 16) + np.arange(length, dtype=np.uint64) for block, length in enumerate(lengths)]
    words = np.concatenate(keys) * _PATTERN & np.uint64(0xFFFFFFFF)
    return library, words.astype(np.uint32)


def library_tile(x: int, y: int, columns: int, rows: int, side: int) -> tuple[int, int]:
    """Return the tile whose library serves tile x, y: the middle of their square of `side` tiles, or its last."""
    middle = (side - 1) // 2
    return min(x // side * side + middle, columns - 1), min(y // side * side + middle, rows - 1)
