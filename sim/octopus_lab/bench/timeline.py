# SPDX-License-Identifier: Apache-2.0
"""Utilisation over time, from the events of a run.

An invocation of c cycles adds c PEA cycles, spread evenly from its `start` to its `finish`: one that is split over
several PEAs has its events on the first of them and is done in less than c.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Event

__all__ = ["BINS", "Splits", "timeline"]

#: Points of a timeline.
BINS = 100


@dataclass(frozen=True)
class Splits:
    """The cycles of every invocation that may be split, by key, in the order of the keys."""

    keys: NDArray[np.int64]
    cycles: NDArray[np.int64]

    @classmethod
    def of(cls, rows: list[tuple[int, int, int, int, int]]) -> Splits:
        """Make it from (instance, block, index, round, cycles)."""
        table = np.array(rows, np.int64).reshape(-1, 5)
        keys = _keys(*table[:, :4].T)
        order = np.argsort(keys)
        return cls(keys[order], table[order, 4])

    def lengths(self, starts: NDArray[np.void], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the cycles of each invocation: as looked up, or else as long as it was seen to take."""
        if not len(self.keys):
            return lengths
        keys = _keys(*(starts[name].astype(np.int64) for name in ("instance", "block", "index", "round")))
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.cycles[at], lengths)


def timeline(events: NDArray[np.void], peas: int, splits: Splits, bins: int = BINS) -> list[float]:
    """Return the utilisation of `peas` PEAs in equal parts of the time from first injection to last retirement."""
    starts, finishes = (_by_pea(events, code) for code in (Event.START, Event.FINISH))
    begin = int(events["cycle"][events["event"] == Event.INJECT].min())
    end = max(begin + 1, int(events["cycle"][events["event"] == Event.RETIRE].max()))
    edges = np.linspace(begin, end, bins + 1)
    first, last = (part["cycle"].astype(np.int64) for part in (starts, finishes))
    lengths = np.maximum(1, last - first)
    density = splits.lengths(starts, lengths) / lengths
    times, change = np.concatenate((first, first + lengths)), np.concatenate((density, -density))
    order = np.argsort(times, kind="stable")
    times = times[order]
    done = np.concatenate(([0.0], np.cumsum(np.cumsum(change[order])[:-1] * np.diff(times))))
    busy = np.diff(np.interp(edges, times, done)) / (peas * np.diff(edges))
    return [round(float(part), 4) for part in busy]


def _by_pea(events: NDArray[np.void], code: Event) -> NDArray[np.void]:
    """Return events of one kind, PEA after PEA: a PEA's starts and finishes alternate, so that they pair up."""
    chosen = events[events["event"] == code]
    place = chosen["y"].astype(np.int64) << 16 | chosen["x"].astype(np.int64) << 8 | chosen["unit"]
    return chosen[np.argsort(place, kind="stable")]


def _keys(
    instance: NDArray[np.int64], block: NDArray[np.int64], index: NDArray[np.int64], round_: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Pack what tells invocations apart: 24, 12, 16 and 8 bits."""
    return instance << 36 | block << 24 | index << 8 | round_
