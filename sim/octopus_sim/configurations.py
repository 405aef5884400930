# SPDX-License-Identifier: Apache-2.0
"""Whether the configurations that a chip's TBUs were sent are the image's, word for word.

A timed Task Block's configuration has no meaning, so no event would tell. A simulation build prints a weighted sum of
each (`octopus_hw/tbu/configuration_log.py`).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from octopus_hw.image.image import Image, Library
from octopus_hw.owg.objects import ALIGN

__all__ = ["LOADED", "configuration_differences", "parse_loaded"]

#: A load that has ended: where, what, and the sum of its words.
LOADED = np.dtype([(name, np.int64) for name in ("cycle", "x", "y", "tbu", "block", "sum")])
#: What the lines begin with that the RTL prints.
PREFIX = "LOADED "


def parse_loaded(lines: Iterable[str]) -> NDArray[np.void]:
    """Collect the loads in a simulator's output; other lines are passed over."""
    return np.array([tuple(map(int, line.split()[1:])) for line in lines if line.startswith(PREFIX)], LOADED)


def configuration_differences(image: Image, loaded: NDArray[np.void]) -> list[str]:
    """Return what is wrong with some loads, a line for each."""
    sums = _sums(image.libraries[0])
    return [_difference(load, sums[load["block"]]) for load in loaded[loaded["sum"] != sums[loaded["block"]]]]


def _difference(load: np.void, due: int) -> str:
    cycle, x, y, tbu, block, came = load.tolist()
    whose = f"TBU {tbu} of tile {x},{y} had in cycle {cycle} a configuration of block {block}"
    return f"{whose} whose words add up to {came:#010x}, in the image to {due:#010x}"


def _sums(library: Library) -> NDArray[np.int64]:
    """Return by block the sum of (j + 1) x word j modulo 2^32: the same in every region."""
    sums = np.zeros(len(library.table), np.int64)
    places = library.holders["y"] * library.columns + library.holders["x"]
    for block, (row, place) in enumerate(zip(library.table, places, strict=True)):
        words = library.stores[place][row["address"] * ALIGN :][: row["words"]].astype(np.uint64)
        sums[block] = int(np.sum(words * np.arange(1, len(words) + 1, dtype=np.uint64))) & 0xFFFFFFFF
    return sums
