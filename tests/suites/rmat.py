# SPDX-License-Identifier: Apache-2.0
"""The searches that graph_analytics replays: breadth first over an R-MAT graph, level by level, chunk by chunk."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

SCALE, DEGREE, SEED = 12, 8, 1
SOURCES = 12
CHUNK = 96
#: Cycles of a chunk, and edges that one more cycle scans.
BASE, EDGES = 150, 4


def graph() -> NDArray[np.int64]:
    """Return the ends of all edges, both ways, of a graph of 2^SCALE vertices."""
    random = np.random.default_rng(SEED)
    ends = np.zeros((2, DEGREE << SCALE), np.int64)
    for _ in range(SCALE):
        quarter = random.choice(4, ends.shape[1], p=(0.57, 0.19, 0.19, 0.05))
        ends = 2 * ends + np.stack((quarter >> 1, quarter & 1))
    ends = random.permutation(1 << SCALE)[ends]
    return np.concatenate((ends, ends[::-1]), axis=1)


def levels(ends: NDArray[np.int64], source: int) -> Iterator[NDArray[np.int64]]:
    """Yield the vertices of each level, ascending."""
    seen = np.zeros(1 << SCALE, bool)
    front = np.array([source])
    while len(front):
        yield front
        seen[front] = True
        front = np.unique(ends[1][np.isin(ends[0], front)])
        front = front[~seen[front]]


def recorded() -> list[list[list[int]]]:
    """Return cycles by search, level and chunk."""
    ends = graph()
    degree = np.bincount(ends[0], minlength=1 << SCALE)
    sources = np.random.default_rng(SEED + 1).choice(np.flatnonzero(degree), SOURCES, replace=False)
    return [
        [
            [BASE + int(degree[front[first : first + CHUNK]].sum()) // EDGES for first in range(0, len(front), CHUNK)]
            for front in levels(ends, source)
        ]
        for source in sources
    ]
