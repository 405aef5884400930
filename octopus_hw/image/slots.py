# SPDX-License-Identifier: Apache-2.0
"""The slots of a tile, the same in every tile: which stream's instances they take, and where their space lies.

A closed stream has `window` slots. Open streams get one each, then one more in turn, as long as every table and the
home store have room. No stream has more slots than any one tile has instances of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.home import Home
from octopus_hw.image.image import row_type
from octopus_hw.owg.workload import Workload

__all__ = ["SlotPlan", "least_slots", "share_slots", "slot_needs"]

_KEYS = ("max_instances", "home_records", "join_records", "store_words")


@dataclass(frozen=True)
class SlotPlan:
    """The slot table (rows of `Layouts.slot_row`), and for each stream its first slot and how many it has."""

    rows: NDArray[np.void]
    first: tuple[int, ...]
    counts: tuple[int, ...]


def least_slots(workload: Workload, most: list[int]) -> list[int]:
    """Return how many slots each stream must have, where `most` are its instances at the tile that has most of them."""
    return [
        1 if stream.is_open else max(1, min(stream.window, instances))
        for stream, instances in zip(workload.streams, most, strict=True)
    ]


def slot_needs(homes: list[Home], counts: list[int], library_words: int) -> dict[str, int]:
    """Return what so many slots of each stream take, by configuration key."""
    needs = {key: sum(home.needs(key) * n for home, n in zip(homes, counts, strict=True)) for key in _KEYS}
    needs["store_words"] += library_words
    return needs


def share_slots(workload: Workload, homes: list[Home], most: list[int], config: Config, library_words: int) -> SlotPlan:
    """Lay out the slots of a workload whose least needs are met."""
    counts = least_slots(workload, most)
    growing = [number for number, stream in enumerate(workload.streams) if stream.is_open]
    while growing:
        for number in list(growing):
            more = [count + (other == number) for other, count in enumerate(counts)]
            needs = slot_needs(homes, more, library_words)
            if more[number] > most[number] or any(needs[key] > getattr(config, key) for key in _KEYS):
                growing.remove(number)
            else:
                counts = more
    rows = np.zeros(sum(counts), row_type(layouts(config).slot_row))
    slot = record = join = 0
    data = library_words
    first = []
    for home, count in zip(homes, counts, strict=True):
        first.append(slot)
        for _ in range(count):
            rows[slot] = (record, join if home.joins else 0, data if home.store else 0)
            slot, record, join, data = slot + 1, record + home.records, join + home.joins, data + home.store
    return SlotPlan(rows, tuple(first), tuple(counts))
