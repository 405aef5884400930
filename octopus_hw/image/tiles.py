# SPDX-License-Identifier: Apache-2.0
"""Each tile's instances: stream after stream, and within a stream in the order in which they are due."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import INSTANCE, Variant
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import row_type
from octopus_hw.image.slots import SlotPlan
from octopus_hw.owg.workload import Resolved, Workload

__all__ = ["instance_lists", "stream_mask", "stream_rows"]


def instance_lists(resolved: Resolved, replay_rows: Sequence[int], config: Config) -> list[list[NDArray[np.void]]]:
    """Return rows of `Layouts.list_row` for each tile and stream."""
    table = np.zeros(len(resolved), row_type(layouts(config).list_row))
    table["instance"] = np.arange(len(resolved)) & (1 << INSTANCE) - 1
    table["due"] = resolved.due
    table["variant"] = Variant.pack(scene=resolved.scene, row=resolved.k % np.asarray(replay_rows)[resolved.stream])
    tiles, streams = resolved.columns * resolved.rows, len(resolved.workload.streams)
    order = np.lexsort((resolved.due, resolved.stream, resolved.home))
    group = resolved.home[order] * streams + resolved.stream[order]
    parts = np.split(table[order], np.searchsorted(group, np.arange(1, tiles * streams)))
    return [parts[tile * streams : (tile + 1) * streams] for tile in range(tiles)]


def stream_mask(streams: int) -> int:
    """Return which bits of the cycle choose the stream that may inject."""
    return max(1, (1 << (streams - 1).bit_length()) - 1)


def stream_rows(
    lists: Sequence[NDArray[np.void]], entries: Sequence[int], slots: SlotPlan, workload: Workload, config: Config
) -> NDArray[np.void]:
    """Return a tile's rows of `Layouts.stream_row`, one for each stream that it visits, also where there is none."""
    counts = [len(rows) for rows in lists]
    table = np.zeros(stream_mask(len(lists)) + 1, row_type(layouts(config).stream_row))
    used = table[: len(lists)]
    used["first"] = np.where(counts, np.cumsum([0, *counts])[:-1], 0)
    used["count"] = counts
    used["entry"] = entries
    used["slot"] = slots.first
    used["slots"] = slots.counts
    used["rows"] = [stream.given is not None for stream in workload.streams]
    return table
