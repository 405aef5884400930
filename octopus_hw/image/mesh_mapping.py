# SPDX-License-Identifier: Apache-2.0
"""Owner tables by PEAs, over one region or the whole mesh (see `mapping.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import row_type
from octopus_hw.image.mapping import Tables, map_region, share_out
from octopus_hw.image.spread import Place, deal, in_turn, pack_mesh

__all__ = ["is_even", "map_mesh", "map_peas"]

#: A region keeps to itself if it has at most so many times its share of the work, and at least so many PEAs for a task.
MOST_WORK = 1.25
LEAST_PEAS = 4


def map_peas(
    blocks: int,
    tasks: Sequence[int],
    work: Sequence[float],
    tbus: Mapping[Place, int],
    tiles: Sequence[Sequence[tuple[int, int]]],
    demand: Sequence[float],
    config: Config,
) -> list[Tables]:
    """Return every region's owner tables by PEAs.

    Parameters
    ----------
    blocks, tasks, work, tbus, config
        As for `map_mesh`.
    tiles : sequence of sequences of (x, y)
        Those of each region.
    demand : sequence of float
        Profiled work of the instances that have their home in each region.
    """
    own = [{place: peas for place, peas in tbus.items() if place[:2] in region} for region in map(set, tiles)]
    if not is_even(demand, [sum(region.values()) for region in own], len(tasks)):
        return map_mesh(blocks, tasks, work, tbus, len(tiles), config)
    return [map_mesh(blocks, tasks, work, region, 1, config)[0] for region in own]


def is_even(demand: Sequence[float], peas: Sequence[int], tasks: int) -> bool:
    """Whether each region has PEAs enough for its own instances."""
    each = sum(demand) / sum(peas)
    return all(
        here >= LEAST_PEAS * tasks and wanted <= MOST_WORK * each * here
        for wanted, here in zip(demand, peas, strict=True)
    )


def map_mesh(
    blocks: int, tasks: Sequence[int], work: Sequence[float], tbus: Mapping[Place, int], regions: int, config: Config
) -> list[Tables]:
    """Return every region's owner tables by PEAs of the whole mesh.

    Parameters
    ----------
    blocks, tasks, work
        As for `map_region`.
    tbus : mapping of (x, y, tbu) to int
        Live PEAs of each live TBU, along the curve.
    regions : int
        How many there are.
    config : Config
        With `owner_entries`, how many owners each can have.
    """
    if not tasks:
        return [map_region(blocks, [], None, [], config)] * regions
    places, peas = list(tbus), list(tbus.values())
    owners: list[list[Place]] = [[] for _ in tasks]
    if len(tasks) <= sum(peas):
        for place, of_tbu in zip(places, deal(share_out(work, sum(peas)), work, peas), strict=True):
            for task in of_tbu:
                owners[task].append(place)
    else:
        owners = [[places[chosen]] for chosen in pack_mesh(work, peas)]
    step = _step(owners, regions, config.owner_entries)
    return [
        _tables(blocks, tasks, _sample(owners, step, region), region / regions, config) for region in range(regions)
    ]


def _step(owners: Sequence[Sequence[Place]], regions: int, entries: int) -> int:
    """Return every which owner a region lists."""
    divisors = [step for step in range(1, regions) if regions % step == 0]
    largest = sum(map(len, owners))
    for step in (*divisors, *range(regions, largest + regions, regions)):
        if all(sum(map(len, _sample(owners, step, region))) <= entries for region in range(min(step, regions))):
            return step
    return largest  # what has more blocks than entries is refused by its size


def _sample(owners: Sequence[Sequence[Place]], step: int, region: int) -> list[list[Place]]:
    first, sampled = 0, []
    for places in owners:
        some = list(places[(region - first) % step :: step])
        sampled.append(some or [places[region % len(places)]])
        first += len(places)
    return sampled


def _tables(
    blocks: int, tasks: Sequence[int], owners: Sequence[Sequence[Place]], start: float, config: Config
) -> Tables:
    heads, listed = np.zeros(blocks, row_type(layouts(config).own_head)), list[Place]()
    for task, places in zip(tasks, owners, strict=True):
        turn = in_turn(places)
        at = int(start * len(turn))
        heads[task] = (len(listed), len(turn))
        listed += turn[at:] + turn[:at]
    return heads, np.array(listed, row_type(layouts(config).owner))
