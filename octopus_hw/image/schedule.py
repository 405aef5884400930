# SPDX-License-Identifier: Apache-2.0
"""What the schedulers are told of each Task Block: its weight, its pool and its seat; and how tiles balance.

Work is counted in units. With a profile a unit is the smallest power of two of cycles for which no weight is worth more
than `HEAVIEST` units; without, every task weighs `TOKEN` units, so that work is a number of tokens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octopus_hw.config import Config
from octopus_hw.layout import WEIGHT, WORK, Kind, Pool
from octopus_hw.owg.profile import FREQUENCY_DYNAMIC, STEADY, TIME_DYNAMIC, Profile
from octopus_hw.strategies import Strategy

__all__ = ["HEAVIEST", "TOKEN", "Schedule", "encode_weight", "schedule", "with_schedule", "worth"]

#: Most units of one weight: so that some 40 of the heaviest tokens fit a tile's work.
HEAVIEST = 96

#: Units of every token where work is not profiled.
TOKEN = 4

_POOLS = {STEADY: Pool.STAY, TIME_DYNAMIC: Pool.FILL, FREQUENCY_DYNAMIC: Pool.SPREAD}


def worth(weight: int) -> int:
    """Return the units of a weight (4 bits)."""
    return (2 + (weight & 1)) << (weight >> 1) if weight else 0


def encode_weight(units: float) -> int:
    """Return the weight whose worth is nearest to a number of units, in proportion; at least the smallest."""
    least = min(range(1, 1 << WEIGHT), key=lambda weight: (abs(math.log(worth(weight) / max(units, 1e-9))), weight))
    return least if units > 0 else 0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What the schedulers are told.

    Attributes
    ----------
    unit : int
        Cycles of work in a unit; 0 where work is counted in tokens.
    weights, pools, seats : dict of int to int
        By number of the Task Block.
    balance : dict
        The fields of `layout.Balance`.
    """

    unit: int
    weights: dict[int, int]
    pools: dict[int, int]
    seats: dict[int, int]
    balance: dict[str, int]


def schedule(
    flows: NDArray[np.void], tasks: list[int], preset: Strategy, known: Profile | None, config: Config
) -> Schedule:
    """Work out the tables of a strategy.

    Parameters
    ----------
    flows : rows of FlowRow
    tasks : list of int
        Numbers of the Task Blocks.
    preset : Strategy
    known : Profile or None
        Needed where ``preset.is_profiled``.
    config : Config
    """
    strides = 0b1111 if preset.has("strides") else 0b0001
    pools, seats = dict.fromkeys(tasks, int(Pool.SPREAD)), dict.fromkeys(tasks, 0)
    if known is not None and preset.has("discriminate"):
        pools = {task.block: int(_POOLS[task.dynamics]) for task in known.tasks}
        seats = _seats(known, config)
    if known is None or not preset.has("profile"):
        weights = dict.fromkeys(tasks, encode_weight(TOKEN))
        balance = {"hysteresis": config.reactive_threshold * TOKEN, "nominal": encode_weight(TOKEN)}
        unit = 0
    else:
        cycles = {task.block: task.cycles.mean for task in known.tasks}
        if preset.has("announce"):
            cycles = _announced(flows, cycles)
        unit = 1 << max(0, math.ceil(math.log2(max(cycles.values()) / HEAVIEST)))
        weights = {block: encode_weight(mean / unit) for block, mean in cycles.items()}
        hysteresis = min(config.hysteresis // unit, (1 << WORK) - 1)
        balance = {"hysteresis": hysteresis, "nominal": encode_weight(known.mean_cycles / unit)}
    balance |= {"shift": config.balance_shift, "strides": strides}
    return Schedule(unit=unit, weights=weights, pools=pools, seats=seats, balance=balance)


def _seats(known: Profile, config: Config) -> dict[int, int]:
    """Give every Task Block a TBU: those with most work first, each to the TBU that has least."""
    loads = [0.0] * config.tbus
    seats = {}
    for task in sorted(known.tasks, key=lambda task: (-task.work, task.block)):
        seats[task.block] = loads.index(min(loads))
        loads[seats[task.block]] += task.work
    return seats


def _announced(flows: NDArray[np.void], cycles: dict[int, float]) -> dict[int, float]:
    """Add to each task's cycles those of the tasks that follow it without a decision."""
    following: dict[int, list[int]] = {}
    into = {int(row["dest"]): row for row in flows if row["kind"] == Kind.TASK}
    for block, row in into.items():
        number, following[block] = int(row["next"]), []
        while True:
            if flows[number]["kind"] == Kind.TASK and not flows[number]["loop"]:
                following[block].append(int(flows[number]["dest"]))
            if flows[number]["last"] or number + 1 == len(flows):
                break
            number += 1
    totals: dict[int, float] = {}
    for start in cycles:  # depth first, without recursion: recorded graphs are long
        path = [start]
        while path:
            block = path[-1]
            open_ones = [after for after in following.get(block, ()) if after not in totals]
            if open_ones:
                path.append(open_ones[0])
                continue
            path.pop()
            totals[block] = cycles[block] + sum(totals[after] for after in following.get(block, ()))
    return totals


def with_schedule(flows: NDArray[np.void], plan: Schedule) -> NDArray[np.void]:
    """Return the flow table with weights, pools and seats; a row into a spawn has its children's first weight."""
    result = flows.copy()
    into_task = np.flatnonzero(flows["kind"] == Kind.TASK)
    for field, by_block in (("weight", plan.weights), ("pool", plan.pools), ("seat", plan.seats)):
        result[field][into_task] = [by_block[block] for block in flows["dest"][into_task].tolist()]
    into_spawn = np.flatnonzero(flows["kind"] == Kind.SPAWN)
    first = flows["next"][into_spawn]
    result["weight"][into_spawn] = np.where(flows["kind"][first] == Kind.TASK, result["weight"][first], 0)
    return result
