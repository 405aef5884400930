# SPDX-License-Identifier: Apache-2.0
"""What the schedulers did in a run, read off its events and the model's last state."""

from collections import Counter

from octopus_hw.contract.codes import Event
from octopus_hw.image.compile import Compiled
from octopus_hw.owg.measures import executions
from octopus_sim.engines import EngineResult
from octopus_sim.model import run
from octopus_sim.model.grants import PARTNERS

from .rig import MAX_CYCLES

__all__ = ["occurrences"]

Tile = tuple[int, int]
#: instance, block, index, round
Key = tuple[int, int, int, int]


def occurrences(compiled: Compiled, result: EngineResult) -> Counter[str]:
    """Count moves, splits, grants that were used and grants that were returned (these modulo 16)."""
    image = compiled.image
    seen = Counter(moves=int((result.events["event"] == Event.MOVE).sum()), splits=_splits(compiled, result))
    if image.mode["balance"]:
        used = Counter[Tile]() if image.mode["static"] else _granted(result)
        state = run(image, MAX_CYCLES, record=False).state
        # A tile takes every grant from a ring, be it to use it or to give it back.
        taken = {(tile.x, tile.y): int(state.engine[n]["grants_head"]) for n, tile in enumerate(image.tiles)}
        seen["grants used"] = used.total()
        seen["grants returned"] = sum((count - used[tile]) % PARTNERS for tile, count in taken.items())
    return seen


def _splits(compiled: Compiled, result: EngineResult) -> int:
    """Count invocations that took less than their cycles."""
    cycles: dict[Key, int] = {}
    for instance, execution in executions(compiled.resolved):
        for record in execution.invocations:
            cycles[instance.number, record.block, record.index, record.round] = max(1, record.cycles)
    begun: dict[Key, int] = {}
    splits = 0
    for cycle, event, *key in result.events[["cycle", "event", "instance", "block", "index", "round"]].tolist():
        what = tuple(key)
        if event == Event.START:
            begun[what] = cycle
        elif event == Event.FINISH:
            splits += cycle - begun[what] < cycles[what]
    return splits


def _granted(result: EngineResult) -> Counter[Tile]:
    """Count by tile the tokens that left it for a TBU elsewhere: they start without having been dispatched there."""
    left_from: dict[Key, Tile] = {}
    used = Counter[Tile]()
    columns = ["x", "y", "event", "instance", "block", "index", "round"]
    for x, y, event, *key in result.events[columns].tolist():
        what = tuple(key)
        if event == Event.MOVE:
            left_from[what] = x, y
        elif event == Event.DISPATCH:
            left_from.pop(what, None)
        elif event == Event.START and what in left_from:
            used[left_from.pop(what)] += 1
    return used
