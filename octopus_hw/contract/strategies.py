# SPDX-License-Identifier: Apache-2.0
"""Strategies: named presets of mechanism bits and of the tables that a chip is loaded with.

One build serves all of them; what a strategy sets is data. Each mechanism can be switched alone: ``octopus-split`` is
`octopus` without splitting, ``adaptive+balance`` is `adaptive` with balancing.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from octopus_hw.contract.errors import InputError, nearest
from octopus_hw.contract.layout import Mode

__all__ = ["MECHANISMS", "STRATEGIES", "Shares", "Strategy", "name_of", "strategy"]

#: How a static mapping shares the TBUs of a region among the Task Blocks; by "peas", PEAs.
Shares = Literal["equal", "work", "peas"]

#: What can be switched alone, and what it does.
MECHANISMS: dict[str, str] = {
    "late": "a PEA takes any waiting token of its TBU; without, only the oldest",
    "affinity": "a token goes to a PEA that has its configuration, if there is one",
    "prefetch": "configurations are fetched for waiting tokens even while no PEA is idle",
    "split": "an invocation that allows it is split over idle PEAs",
    "discriminate": "steady, time-dynamic and frequency-dynamic tasks are served differently; without, all alike",
    "balance": "tiles exchange their work and move it",
    "profile": "work is counted in profiled cycles; without, in tokens",
    "announce": "a decision's consequences count as work at once",
    "strides": "work is exchanged with tiles 1, 2, 4 and 8 away; without, with neighbours",
    "early": "work moves as soon as no PEA of its tile is free; without, only when there is no place",
}


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """One preset.

    Attributes
    ----------
    name, summary : str
    mechanisms : frozenset of str
        Those of `MECHANISMS` that are on.
    shares : str or None
        The static mapping, by ``"equal"`` shares, profiled ``"work"``, or ``"peas"``; None where tokens go to their
        tile's own TBUs or move.
    """

    name: str
    summary: str
    mechanisms: frozenset[str]
    shares: Shares | None = None

    @property
    def static(self) -> bool:
        """The mode bit of this name: tokens go to owners by table."""
        return self.shares is not None

    @property
    def mode(self) -> dict[str, int]:
        """The bits of `layout.Mode`: each the mechanism of its name, but for these two."""
        own = {"static": self.static, "adaptive": self.has("late")}
        return {bit: int(own.get(bit, self.has(bit))) for bit in Mode.spans}

    def has(self, mechanism: str) -> bool:
        """Whether a mechanism is on."""
        return mechanism in self.mechanisms

    @property
    def is_profiled(self) -> bool:
        """Whether the tables are made from a profile."""
        return self.shares in ("work", "peas") or bool(self.mechanisms & {"discriminate", "profile"})


_STATIC = frozenset({"affinity"})
_ADAPTIVE = frozenset({"late", "affinity", "prefetch", "split"})

#: All strategies, weakest first.
STRATEGIES: dict[str, Strategy] = {
    preset.name: preset
    for preset in (
        Strategy(
            name="naive",
            summary="every task block owns an equal share of the TBUs of each region",
            mechanisms=_STATIC,
            shares="equal",
        ),
        Strategy(
            name="profiled",
            summary="the same, shares in proportion to the task block's profiled work",
            mechanisms=_STATIC,
            shares="work",
        ),
        Strategy(
            name="profiled-pea",
            summary="the same, shares counted in PEAs and spread evenly",
            mechanisms=_STATIC,
            shares="peas",
        ),
        Strategy(
            name="adaptive",
            summary="any TBU of the home tile takes any task block; configurations are prefetched",
            mechanisms=_ADAPTIVE,
        ),
        Strategy(
            name="reactive",
            summary="adaptive, and tokens move to a neighbour that has far fewer",
            mechanisms=_ADAPTIVE | {"balance"},
        ),
        Strategy(
            name="octopus",
            summary="all three schedulers; what gains nothing is left out (announce)",
            mechanisms=frozenset(MECHANISMS) - {"announce"},
        ),
    )
}


def strategy(name: str) -> Strategy:
    """Return the strategy of this name: a preset, then mechanisms to add (``+split``) or leave out (``-split``).

    Raises
    ------
    InputError
        There is none, or a mechanism is not known, named twice, added to a preset that has it or taken from one that
        has it not.
    """
    base = max((known for known in STRATEGIES if re.match(re.escape(known) + "([+-]|$)", name)), key=len, default="")
    if not base:
        raise _unknown(name, "is not known", name, STRATEGIES)
    preset = STRATEGIES[base]
    changed: set[str] = set()
    for sign, mechanism in re.findall(r"([+-])([^+-]*)", name[len(base) :]):
        if mechanism not in MECHANISMS:
            raise _unknown(name, f"'{mechanism}' is no mechanism", mechanism, MECHANISMS)
        if mechanism in changed:
            raise InputError("--strategy", name, f"'{mechanism}' is named twice; name it once")
        if (sign == "+") == preset.has(mechanism):
            has = "has" if sign == "+" else "is without"
            raise InputError("--strategy", name, f"{base} {has} '{mechanism}' by itself; leave out {sign}{mechanism}")
        changed.add(mechanism)
    return replace(preset, name=name, mechanisms=preset.mechanisms ^ changed)


def name_of(base: str, mechanisms: Collection[str]) -> str:
    """Return the name by which `strategy` knows a preset with these mechanisms in place of its own."""
    own = STRATEGIES[base].mechanisms
    changed = [mechanism for mechanism in MECHANISMS if mechanism in own ^ set(mechanisms)]
    return base + "".join(f"{'-' if mechanism in own else '+'}{mechanism}" for mechanism in changed)


def _unknown(name: str, what: str, word: str, known: Collection[str]) -> InputError:
    if not get_close_matches(word, known, 1) and get_close_matches(name, STRATEGIES, 1, 0.8):
        word, known = name, STRATEGIES  # a preset that is almost right looks like another and a change: profiled-peas
    return InputError("--strategy", name, f"{what}; {nearest(word, known)}")
