# SPDX-License-Identifier: Apache-2.0
"""What a TBU chooses in a cycle: which token to bind to which PEAs, and which block to load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

__all__ = ["MODES", "Binding", "Mode", "Pea", "Slot", "choose", "load", "split"]


@dataclass
class Slot:
    """A configuration slot: empty, loading or resident (docs/timing.md#configuration-slots)."""

    block: int = -1
    state: str = "empty"
    parallel: int = 1


@dataclass
class Pea:
    """A PEA: idle, bound, running (also beyond its end), helping or dead (docs/timing.md#pea)."""

    state: str = "idle"
    context: int | None = None
    place: int = 0
    switch: int = 0
    end: int = 0
    helpers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Mode:
    """The mode bits that a TBU sees."""

    adaptive: bool
    prefetch: bool
    affinity: bool = True
    split: bool = False

    def __str__(self) -> str:
        return " ".join(name for name, on in vars(self).items() if on) or "none"


#: All mode bits.
MODES = [Mode(*bits) for bits in product((False, True), repeat=4)]


@dataclass(frozen=True)
class Binding:
    """Which token of the waiting list is bound to which PEAs, and whether it takes the switch time."""

    position: int
    pea: int
    helpers: tuple[int, ...]
    slot: int
    switch: bool


def split(mode: Mode, passed: int, blocks: Sequence[int], slots: list[Slot], peas: list[Pea]) -> Binding | None:
    """Bind what the dispatcher chooses, with as many helpers as are spare (docs/timing.md#splitting)."""
    chosen = choose(mode, passed, blocks, slots, peas)
    if chosen is None:
        return None
    position, pea, slot = chosen
    idle = [p for p, other in enumerate(peas) if other.state == "idle"]
    k = 1
    if mode.split:
        spare = [team for team in (2, 4) if team <= slots[slot].parallel and len(idle) - team >= len(blocks) - 1]
        k = max([1, *spare])
    helpers = tuple([p for p in idle if p != pea][: k - 1])
    switch = any(peas[p].context != slot for p in (pea, *helpers))
    return Binding(position, pea, helpers, slot, switch)


def choose(
    mode: Mode, passed: int, blocks: Sequence[int], slots: list[Slot], peas: list[Pea]
) -> tuple[int, int, int] | None:
    """Return position in the waiting list, first PEA and slot (docs/timing.md#dispatcher)."""
    resident = {slot.block: i for i, slot in enumerate(slots) if slot.state == "resident"}
    idle = [p for p, pea in enumerate(peas) if pea.state == "idle"]
    eligible = list(range(len(blocks)))
    if not mode.adaptive or (passed == 7 and blocks and blocks[0] in resident):
        eligible = eligible[:1]
    for q in eligible if mode.affinity else []:
        for p in idle:
            if blocks[q] in resident and peas[p].context == resident[blocks[q]]:
                return q, p, resident[blocks[q]]
    for q in eligible:
        if idle and blocks[q] in resident:
            return q, idle[0], resident[blocks[q]]
    return None


def load(
    mode: Mode,
    passed: int,
    blocks: Sequence[int],
    slots: list[Slot],
    peas: list[Pea],
    after: int,
    bound: int | None,
) -> tuple[int, int] | None:
    """Return slot and block to load (docs/timing.md#loader).

    `after` is where the cyclic search starts, `bound` the slot that is bound in this cycle.
    """
    if any(slot.state == "loading" for slot in slots):
        return None
    if not mode.prefetch and not any(pea.state == "idle" for pea in peas):
        return None
    resident = [slot.block for slot in slots if slot.state == "resident"]
    missing = [q for q, block in enumerate(blocks) if block not in resident]
    if not missing or (not mode.adaptive and missing[0] != 0):
        return None
    block = blocks[missing[0]]
    for s, slot in enumerate(slots):
        if slot.state == "empty":
            return s, block
    for i in range(len(slots)):
        s = (after + i) % len(slots)
        if any(pea.context == s for pea in peas if pea.state in ("bound", "running", "helping")):
            continue
        if mode.adaptive and passed < 7 and slots[s].block in blocks:
            continue
        return None if s == bound else (s, block)
    return None
