# SPDX-License-Identifier: Apache-2.0
"""Where instances live: the home tile of each instance of a stream."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ROUND_ROBIN, CORNER, QUADRANT = HOMES = ("round-robin", "corner", "quadrant")


def home_tiles(
    homes: str | Sequence[int], count: int, columns: int, rows: int, alive: Sequence[int]
) -> NDArray[np.int64]:
    """Return the home tiles of a stream's first `count` instances.

    Parameters
    ----------
    homes : str or sequence of int
        One of `HOMES`, or one weight per tile in row order.
    count : int
    columns, rows : int
        The mesh.
    alive : sequence of int
        The tiles that may be homes, ascending, at least one.

    Raises
    ------
    ValueError
        If the weights do not fit the mesh.
    """
    if not isinstance(homes, str):
        return _weighted(homes, count, columns * rows, alive)
    among = list(alive)
    if homes == CORNER:
        among = among[:1]
    elif homes == QUADRANT:
        width, height = (columns + 1) // 2, (rows + 1) // 2
        quarter = [tile for tile in among if tile % columns < width and tile // columns < height]
        among = quarter or among
    return np.resize(np.array(among, dtype=np.int64), count)


def _weighted(weights: Sequence[int], count: int, tiles: int, alive: Sequence[int]) -> NDArray[np.int64]:
    """Smooth weighted round robin: every tile gains its weight, the richest is chosen and pays the total."""
    if len(weights) != tiles:
        raise ValueError(f"{len(weights)} weights for {tiles} tiles; give one per tile in row order")
    share = np.array([weights[tile] for tile in alive], dtype=np.int64)
    total = int(share.sum())
    if not total:
        raise ValueError("the weights of all tiles that are alive are 0; give one of them a weight")
    credit = np.zeros_like(share)
    chosen = np.empty(count, dtype=np.int64)
    for k in range(count):
        credit += share
        best = int(credit.argmax())
        credit[best] -= total
        chosen[k] = alive[best]
    return chosen
