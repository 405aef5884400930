# SPDX-License-Identifier: Apache-2.0
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octopus_hw.owg.homes import home_tiles


def homes(kind, count, columns, rows, alive=None):
    return home_tiles(kind, count, columns, rows, range(columns * rows) if alive is None else alive).tolist()


def test_round_robin():
    assert homes("round-robin", 5, 2, 2) == [0, 1, 2, 3, 0]
    assert homes("round-robin", 5, 2, 2, [1, 3]) == [1, 3, 1, 3, 1]


def test_corner():
    assert homes("corner", 3, 2, 2) == [0, 0, 0]
    assert homes("corner", 3, 2, 2, [2, 3]) == [2, 2, 2]


def test_quadrant():
    assert homes("quadrant", 5, 4, 4) == [0, 1, 4, 5, 0]
    assert homes("quadrant", 5, 3, 2) == [0, 1, 0, 1, 0]
    assert homes("quadrant", 3, 1, 1) == [0, 0, 0]
    assert homes("quadrant", 3, 4, 4, [1, 5, 15]) == [1, 5, 1]
    assert homes("quadrant", 3, 4, 4, [2, 15]) == [2, 15, 2]


def test_smooth_weighted_round_robin():
    assert homes((5, 1, 1), 7, 3, 1) == [0, 0, 1, 0, 2, 0, 0]
    assert homes((1, 1), 4, 2, 1) == [0, 1, 0, 1]
    assert homes((0, 3), 2, 2, 1) == [1, 1]
    assert homes((7, 1, 1), 4, 3, 1, [1, 2]) == [1, 2, 1, 2]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(any))
def test_weights_are_met_in_every_cycle(weights):
    counts = Counter(homes(weights, 2 * sum(weights), len(weights), 1))
    assert [counts[tile] for tile in range(len(weights))] == [2 * weight for weight in weights]


def test_weights_that_do_not_fit():
    with pytest.raises(ValueError, match=r"^2 weights for 4 tiles; give one per tile in row order$"):
        homes((1, 2), 1, 2, 2)
    with pytest.raises(ValueError, match=r"^the weights of all tiles that are alive are 0; give one of them a weight$"):
        homes((1, 0), 1, 2, 1, [1])
