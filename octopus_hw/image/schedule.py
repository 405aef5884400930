# SPDX-License-Identifier: Apache-2.0
"""What the schedulers are told of each Task Block: its weight, its pool, its pinned TBU; and how tiles balance.

Work is counted in units. With a profile a unit is the smallest power of two of cycles in which no task counts for more
than `HEAVIEST` units; without, every task weighs `TOKEN` units, so that work is a number of tokens.

With announcing, a task counts for the tasks that follow it up to the next control block too, forks apart: its token
stands for all of these until it finishes, and from then on its successors' tokens do::

    a 100 ──▶ b 50 ──▶ branch ──▶ c 400        a counts for 150, b for 50, c for 400

Branches, spawns and joins end such a chain; loops leave branches, so no chain runs into itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Kind, Pool
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import WEIGHT, WORK
from octopus_hw.contract.strategies import Strategy
from octopus_hw.owg.profile import FREQUENCY_DYNAMIC, STEADY, TIME_DYNAMIC, Profile

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
    return min(range(1, 1 << WEIGHT), key=lambda weight: abs(math.log(worth(weight) / max(units, 1.0))))


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What the schedulers are told.

    Attributes
    ----------
    unit : int
        Cycles of work in a unit; 0 where work is counted in tokens.
    weights, pools, pinned : dict of int to int
        By number of the Task Block.
    balance : dict
        The fields of `layout.Balance`.
    """

    unit: int
    weights: dict[int, int]
    pools: dict[int, int]
    pinned: dict[int, int]
    balance: dict[str, int]


def schedule(
    flows: NDArray[np.void], tasks: list[int], preset: Strategy, known: Profile | None, config: Config
) -> Schedule:
    """Work out the tables of a strategy.

    Parameters
    ----------
    flows : rows of `Layouts.flow_row`
    tasks : list of int
        Numbers of the Task Blocks.
    preset : Strategy
    known : Profile or None
        Needed where ``preset.is_profiled``.
    config : Config
    """
    pools, pinned = dict.fromkeys(tasks, int(Pool.SPREAD)), dict.fromkeys(tasks, 0)
    if known is not None and preset.has("discriminate"):
        pools = {task.block: int(_POOLS[task.dynamics]) for task in known.tasks}
        pinned |= _pinned(known, config)
    weights, nominal = dict.fromkeys(tasks, encode_weight(TOKEN)), encode_weight(TOKEN)
    hysteresis, unit = config.reactive_threshold * TOKEN, 0
    if known is not None and preset.has("profile"):
        cycles = {task.block: task.cycles.mean for task in known.tasks}
        if preset.has("announce"):
            cycles = _announced(flows, cycles)
        unit = _unit(max(cycles.values(), default=0.0))
        weights = {block: encode_weight(mean / unit) for block, mean in cycles.items()}
        nominal = encode_weight(_mean_token(known, cycles) / unit)
        hysteresis = min(config.hysteresis // unit, (1 << WORK) - 1)
    balance = {
        "hysteresis": hysteresis,
        "shift": config.balance_shift,
        "nominal": nominal,
        "strides": 0b1111 if preset.has("strides") else 0b0001,
    }
    return Schedule(unit=unit, weights=weights, pools=pools, pinned=pinned, balance=balance)


def _unit(heaviest: float) -> int:
    unit = 1
    while heaviest > HEAVIEST * unit:
        unit *= 2
    return unit


def _mean_token(known: Profile, cycles: dict[int, float]) -> float:
    """Return the mean of what tokens count for, over all invocations of the workload."""
    often = {task.block: task.instances * task.executions.mean for task in known.tasks}
    return math.fsum(often[block] * cycles[block] for block in often) / (math.fsum(often.values()) or 1.0)


def _pinned(known: Profile, config: Config) -> dict[int, int]:
    """Give every steady Task Block a TBU: those with most work first, each to the TBU that has least.

    Others are not pinned; a TBU that is dead in some tile cannot be one's there, and the hardware passes over it.
    """
    loads = [0.0] * config.tbus
    pinned = {}
    steady = [task for task in known.tasks if task.dynamics == STEADY]
    for task in sorted(steady, key=lambda task: (-task.load, task.block)):
        pinned[task.block] = loads.index(min(loads))
        loads[pinned[task.block]] += task.load
    return pinned


def _announced(flows: NDArray[np.void], cycles: dict[int, float]) -> dict[int, float]:
    """Add to each task's cycles those of the tasks that follow it without a decision."""
    following = _following(flows)
    totals: dict[int, float] = {}
    for start in cycles:  # depth first, without recursion: recorded graphs are long
        path = [start]
        while path:
            block = path[-1]
            after = following.get(block, [])
            unknown = [task for task in after if task not in totals]
            if unknown:
                path.append(unknown[0])
            else:
                totals[path.pop()] = cycles[block] + math.fsum(totals[task] for task in after)
    return totals


def _following(flows: NDArray[np.void]) -> dict[int, list[int]]:
    """Return for each task those to which its own list of flows leads."""
    tasks = flows["kind"] == Kind.TASK
    following: dict[int, list[int]] = {}
    for block, first in set(zip(flows["dest"][tasks].tolist(), flows["next"][tasks].tolist(), strict=True)):
        last = first + int(flows["last"][first:].argmax())
        row = flows[first : last + 1]
        following[block] = row["dest"][row["kind"] == Kind.TASK].tolist()
    return following


def with_schedule(flows: NDArray[np.void], plan: Schedule) -> NDArray[np.void]:
    """Return the flow table with weights, pools and pinned; a row into a spawn has its children's first weight."""
    result = flows.copy()
    into_task = np.flatnonzero(flows["kind"] == Kind.TASK)
    for field, by_block in (("weight", plan.weights), ("pool", plan.pools), ("pinned_tbu", plan.pinned)):
        result[field][into_task] = [by_block[block] for block in flows["dest"][into_task].tolist()]
    into_spawn = np.flatnonzero(flows["kind"] == Kind.SPAWN)
    first = flows["next"][into_spawn]
    result["weight"][into_spawn] = np.where(flows["kind"][first] == Kind.TASK, result["weight"][first], 0)
    return result
