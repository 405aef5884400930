# SPDX-License-Identifier: Apache-2.0
"""Utilisation over time from events made by hand."""

import numpy as np
import pytest

from octopus_hw.contract.codes import Event
from octopus_lab.bench.timeline import Splits, timeline
from octopus_sim.events import EVENT

NONE = Splits.of([])


def events(*invocations: tuple[int, int, int], begin: int = 0, end: int = 100) -> np.ndarray:
    """Make a run from (unit, start, finish); the instance is the position."""
    rows = [(begin, 0, 0, 0, Event.INJECT, 0, 0, 0, 0, 0), (end, 0, 0, 0, Event.RETIRE, 0, 0, 0, 0, 0)]
    for instance, (unit, start, finish) in enumerate(invocations):
        rows += [
            (start, 0, 0, unit, Event.START, instance, 3, 0, 0, 0),
            (finish, 0, 0, unit, Event.FINISH, instance, 3, 0, 0, 0),
        ]
    return np.array(sorted(rows), EVENT)


def test_one_pea_of_two() -> None:
    assert timeline(events((1, 10, 50)), 2, NONE, bins=4) == [0.3, 0.5, 0, 0]


def test_invocations_of_different_peas_and_of_one_after_another() -> None:
    found = timeline(events((1, 0, 50), (2, 0, 100), (1, 50, 75), (9, 75, 100)), 4, NONE, bins=4)
    assert found == [0.5, 0.5, 0.5, 0.5]


def test_time_counts_from_the_first_injection() -> None:
    assert timeline(events((1, 120, 140), begin=100, end=140), 1, NONE, bins=2) == [0, 1]


def test_a_split_invocation_is_worth_its_own_cycles() -> None:
    splits = Splits.of([(1, 3, 0, 0, 80), (0, 3, 0, 0, 40), (7, 3, 0, 0, 1)])
    # 40 cycles in 20 on each of two PEAs, 80 in 20 on each of four, and one that is not split
    found = timeline(events((1, 0, 20), (1, 40, 60), (1, 80, 100)), 4, splits, bins=5)
    assert found == [0.5, 0, 1, 0, 0.25]


def test_the_mean_is_the_utilisation() -> None:
    random = np.random.default_rng(1)
    cuts = np.sort(random.choice(1000, 40, replace=False)).reshape(20, 2)
    run = events(*((1, int(start), int(finish)) for start, finish in cuts), end=1000)
    busy = int((cuts[:, 1] - cuts[:, 0]).sum())
    assert np.mean(timeline(run, 1, NONE)) == pytest.approx(busy / 1000, abs=1e-4)
