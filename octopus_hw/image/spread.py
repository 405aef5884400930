# SPDX-License-Identifier: Apache-2.0
"""The PEAs of a whole mesh, dealt out to the Task Blocks: the mapping of `profiled-pea` (see `mapping.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COORD, PEAS
from octopus_hw.image.dead import live_tbus

__all__ = ["Place", "deal", "in_turn", "mesh_tbus", "pack_mesh", "spread_order"]

Place = tuple[int, int, int]


def mesh_tbus(columns: int, rows: int, dead: Sequence[int], config: Config) -> dict[Place, int]:
    """Return the live TBUs (x, y, tbu) of a mesh and their live PEAs, along a Z-shaped curve through the tiles."""
    tiles = sorted(((x, y) for y in range(rows) for x in range(columns)), key=_along_curve)
    whole = (1 << config.peas) - 1
    return {
        (x, y, tbu): (~(mask >> tbu * PEAS) & whole).bit_count()
        for x, y, mask in ((x, y, dead[y * columns + x]) for x, y in tiles)
        for tbu in live_tbus(mask, config)
    }


def _along_curve(tile: tuple[int, int]) -> int:
    return sum((tile[0] >> bit & 1) << 2 * bit | (tile[1] >> bit & 1) << 2 * bit + 1 for bit in range(COORD))


def spread_order(count: int) -> list[int]:
    """Return 0 .. count - 1 so that any stretch of the list is spread evenly: by their bits, read backwards."""
    width = (count - 1).bit_length()
    return sorted(range(count), key=lambda number: f"{number:0{width}b}"[::-1])


def deal(shares: Sequence[int], work: Sequence[float], peas: Sequence[int]) -> list[list[int]]:
    """Give each task as many PEAs as its share; return, for each TBU, its tasks, one for each PEA.

    In each round every TBU gets one PEA's worth: the TBU with least work the largest one left, and so on. So two TBUs
    with equally many PEAs never differ by more than one PEA's work, and TBUs that are alike get the same task in spread
    order.

    Parameters
    ----------
    shares : sequence of int
        PEAs of each task; they add up to all PEAs.
    work : sequence of float
        Of each task.
    peas : sequence of int
        Live PEAs of each TBU, along the curve.
    """
    each = [amount / share for amount, share in zip(work, shares, strict=True)]
    left = [task for task in sorted(range(len(each)), key=lambda task: -each[task]) for _ in range(shares[task])]
    order = spread_order(len(peas))
    rounds = max(peas)
    given: list[list[int]] = [[] for _ in peas]
    loads = [0.0] * len(peas)
    at = 0
    for number in range(rounds):  # a TBU with fewer PEAs sits out now and then
        players = [tbu for tbu in order if (number + 1) * peas[tbu] // rounds > number * peas[tbu] // rounds]
        players.sort(key=lambda tbu: loads[tbu] / max(1, len(given[tbu])))
        for tbu, task in zip(players, left[at : at + len(players)], strict=True):
            given[tbu].append(task)
            loads[tbu] += each[task]
        at += len(players)
    return given


def pack_mesh(work: Sequence[float], peas: Sequence[int]) -> list[int]:
    """Give each of many tasks one TBU: the largest first, each to the TBU with least work for each of its PEAs."""
    order = spread_order(len(peas))
    loads = [0.0] * len(peas)
    chosen = [0] * len(work)
    for task in sorted(range(len(work)), key=lambda task: -work[task]):
        chosen[task] = min(order, key=lambda tbu: (loads[tbu] + work[task]) / peas[tbu])
        loads[chosen[task]] += work[task]
    return chosen


def in_turn(owners: Sequence[Place]) -> list[Place]:
    """Order owners so that, in turn, no two that follow one another lie in one tile, unless it has over half of them.

    Grouped by tile, the fullest first, they are dealt to as many rows as that one has owners: a row has each tile at
    most once.
    """
    tiles = Counter(place[:2] for place in owners)
    most = max(tiles.values())
    known = list(tiles)
    rank = {known[number]: position for position, number in enumerate(spread_order(len(known)))}
    grouped = sorted(owners, key=lambda place: (-tiles[place[:2]], rank[place[:2]]))
    return [place for row in range(most) for place in grouped[row::most]]
