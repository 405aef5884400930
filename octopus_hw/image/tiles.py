# SPDX-License-Identifier: Apache-2.0
"""Each tile's instances: stream after stream, and within a stream in the order in which they are due."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.errors import InputError
from octopus_hw.contract.layout import ListRow, StreamRow, Variant
from octopus_hw.image.image import row_type
from octopus_hw.image.slots import SlotPlan
from octopus_hw.owg.workload import Resolved

__all__ = ["instance_lists", "stream_mask", "stream_rows"]

_MAX_COUNT = StreamRow["count"].most


def instance_lists(resolved: Resolved, replay_rows: Sequence[int]) -> list[list[NDArray[np.void]]]:
    """Return rows of `ListRow` for each tile and stream.

    Raises
    ------
    InputError
        A tile has more instances of a stream than it can count.
    """
    table = np.zeros(len(resolved), row_type(ListRow))
    table["instance"] = np.arange(len(resolved)) & ListRow["instance"].most
    table["due"] = resolved.due
    table["variant"] = Variant.pack(scene=resolved.scene, row=resolved.k % np.asarray(replay_rows)[resolved.stream])
    tiles, streams = resolved.columns * resolved.rows, len(resolved.workload.streams)
    order = np.lexsort((resolved.due, resolved.stream, resolved.home))
    group = resolved.home[order] * streams + resolved.stream[order]
    parts = np.split(table[order], np.searchsorted(group, np.arange(1, tiles * streams)))
    if max(map(len, parts)) > _MAX_COUNT:
        message = f"{max(map(len, parts))} instances of a stream at one tile; let them be at most {_MAX_COUNT}"
        raise InputError(resolved.workload.file, "streams", message)
    return [parts[tile * streams : (tile + 1) * streams] for tile in range(tiles)]


def stream_mask(streams: int) -> int:
    """Return which bits of the cycle choose the stream that may inject."""
    return max(1, (1 << (streams - 1).bit_length()) - 1)


def stream_rows(lists: Sequence[NDArray[np.void]], entries: Sequence[int], slots: SlotPlan) -> NDArray[np.void]:
    """Return a tile's rows of `StreamRow`, one for each stream that it visits, also where there is none."""
    counts = [len(rows) for rows in lists]
    table = np.zeros(stream_mask(len(lists)) + 1, row_type(StreamRow))
    used = table[: len(lists)]
    used["first"] = np.where(counts, np.cumsum([0, *counts])[:-1], 0)
    used["count"] = counts
    used["entry"] = entries
    used["slot"] = slots.first
    used["slots"] = slots.counts
    return table
