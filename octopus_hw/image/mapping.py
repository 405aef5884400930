# SPDX-License-Identifier: Apache-2.0
"""Static mappings: which TBUs own which Task Block.

**Equal shares, or by profiled work**, region by region. The live TBUs of a region stand in one order: TBU 0 of every
tile (row by row), then TBU 1 of every tile, and so on::

    order   0      1      2      3      4      5    ...
    TBU   0,0.0  1,0.0  0,1.0  1,1.0  0,0.1  1,0.1  ...     (a region of 2x2 tiles)
            A      A      A      B      B      C            A has a share of 3, B of 2, C of 1

Each Task Block gets a run of this order, so that its owners lie in different tiles. Shares are equal, or in proportion
to profiled work: at least 1 each, and what is left of the division goes to the largest remainders, ties to the lower
block. When there are more Task Blocks than TBUs each gets one owner: in turn, or, by work, the largest first and each
to the TBU that has least.

**By PEAs** (`mesh_mapping.py`): every live PEA is one owner entry of one Task Block, so a TBU stands in a block's list
as often as it has PEAs for it. Shares follow work as above, with PEAs in place of TBUs. They are dealt out in rounds
(`spread.py`) in which the TBU with least work gets the largest PEA left: TBUs end up with equal work, within one
PEA's. Which of several equal TBUs gets a block is decided by an order that spreads every block evenly::

    TBU   0,0.0  1,0.0  0,1.0  1,1.0
    PEAs   AAAB   AABB   AABC   AABC       A: 0,0.0 0,1.0 1,0.0 ... nine entries, one tile after another

When there are more Task Blocks than PEAs each gets one owner, by work, the largest first and each to the TBU with
least work for each of its PEAs.

Where instances have their homes evenly all over the mesh, each region is dealt out on its own: far owners cost the
network more than they give. Where a region has over 5/4 of its share of the work, or hardly PEAs enough for all blocks,
the PEAs of the whole mesh are dealt out, and all regions have the same lists, each starting elsewhere, as far as they
fit `owner_entries`. Where they do not, a region's lists are samples: every d-th entry along a curve through the mesh,
region r from entry r mod d on. d is the least that fits and divides the number of regions n, so that over all regions
each PEA is listed equally often; where n is too little, d is the least multiple of it that fits, and PEAs are left
out, as evenly. A block that a sample leaves out has one of its owners there.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.config import REGION, Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.dead import live_tbus
from octopus_hw.image.image import row_type
from octopus_hw.image.spread import Place

__all__ = ["Tables", "map_region", "pack", "region_tbus", "regions", "share_out"]

#: One region's owner tables: heads by block, and owners.
Tables = tuple[NDArray[np.void], NDArray[np.void]]


def regions(columns: int, rows: int) -> list[list[tuple[int, int]]]:
    """Return the tiles (x, y) of every region, row by row; those at the edge may be smaller."""
    return [
        [(x, y) for y in range(top, min(top + REGION, rows)) for x in range(left, min(left + REGION, columns))]
        for top in range(0, rows, REGION)
        for left in range(0, columns, REGION)
    ]


def region_tbus(columns: int, rows: int, dead: Sequence[int], config: Config) -> list[list[Place]]:
    """Return, for every region, the live TBUs (x, y, tbu) in the order in which they are shared out.

    A region without any uses those of the nearest region that has some (in steps from region to region, ties to the
    lower number).
    """
    across = -(-columns // REGION)
    own = []
    for tiles in regions(columns, rows):
        live = {(x, y): live_tbus(dead[y * columns + x], config) for x, y in tiles}
        own.append([(x, y, tbu) for tbu in range(config.tbus) for x, y in tiles if tbu in live[x, y]])
    some = [region for region, places in enumerate(own) if places]

    def steps(one: int, other: int) -> tuple[int, int]:
        return abs(one % across - other % across) + abs(one // across - other // across), other

    return [own[min(some, key=lambda other: steps(region, other))] for region in range(len(own))]


def share_out(work: Sequence[float], total: int) -> list[int]:
    """Divide `total` TBUs among no more tasks in proportion to their work, at least one each."""
    exact = [Fraction(w) for w in work]
    if not any(exact):
        exact = [Fraction(1)] * len(exact)
    shares = [1] * len(exact)
    rich = list(range(len(exact)))
    while True:  # those that deserve less than one get one, and the others share the rest
        left, weight = total - (len(exact) - len(rich)), sum(exact[task] for task in rich)
        poor = [task for task in rich if exact[task] * left < weight]
        if not poor:
            break
        rich = [task for task in rich if task not in set(poor)]
    ideal = {task: exact[task] * left / weight for task in rich}
    for task in rich:
        shares[task] = int(ideal[task])
    over = sorted(rich, key=lambda task: (shares[task] - ideal[task], task))
    for task in over[: total - sum(shares)]:
        shares[task] += 1
    return shares


def pack(work: Sequence[float] | None, tasks: int, total: int) -> list[int]:
    """Give each of many tasks one of `total` TBUs: in turn, or by work, the largest first to the least loaded."""
    if work is None:
        return [task % total for task in range(tasks)]
    loads = [Fraction(0)] * total
    chosen = [0] * tasks
    for task in sorted(range(tasks), key=lambda task: (-work[task], task)):
        chosen[task] = min(range(total), key=lambda tbu: (loads[tbu], tbu))
        loads[chosen[task]] += Fraction(work[task])
    return chosen


def map_region(
    blocks: int, tasks: Sequence[int], work: Sequence[float] | None, places: Sequence[Place], config: Config
) -> Tables:
    """Return one region's owner tables: heads by block, and owners.

    Parameters
    ----------
    blocks : int
        Blocks of the workload.
    tasks : sequence of int
        The numbers of those that are Task Blocks.
    work : sequence of float or None
        Profiled work of each task; None shares equally.
    places : sequence of (x, y, tbu)
        The TBUs, in order.
    config : Config
    """
    heads, owners = np.zeros(blocks, row_type(layouts(config).own_head)), []
    if len(tasks) <= len(places):
        shares = share_out(work or [1] * len(tasks), len(places)) if tasks else []
        owners = list(places[: sum(shares)])
        heads["base"][list(tasks)] = np.cumsum([0, *shares])[: len(tasks)]
        heads["count"][list(tasks)] = shares
    else:
        owners = [places[chosen] for chosen in pack(work, len(tasks), len(places))]
        heads["base"][list(tasks)] = np.arange(len(tasks))
        heads["count"][list(tasks)] = 1
    return heads, np.array(owners, row_type(layouts(config).owner))
