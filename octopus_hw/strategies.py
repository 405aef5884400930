# SPDX-License-Identifier: Apache-2.0
"""Strategies: named presets of mechanism bits and of the static mapping.

One build serves all of them; what a strategy sets is data that the chip is loaded with.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from octopus_hw.errors import InputError

__all__ = ["STRATEGIES", "Strategy", "strategy"]

#: How a static mapping shares the TBUs of a region among the Task Blocks.
Shares = Literal["equal", "work"]


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """One preset.

    Attributes
    ----------
    name, summary : str
    adaptive, prefetch : bool
        The mode bits of these names.
    shares : str or None
        The static mapping, ``"equal"`` or by profiled ``"work"``; None where tokens go to the least loaded TBU.
    """

    name: str
    summary: str
    adaptive: bool
    prefetch: bool
    shares: Shares | None

    @property
    def static(self) -> bool:
        """The mode bit of this name: tokens go to owners by table."""
        return self.shares is not None


#: All strategies, weakest first.
STRATEGIES: dict[str, Strategy] = {
    preset.name: preset
    for preset in (
        Strategy(
            name="naive",
            summary="every task block owns an equal share of the TBUs of each region",
            adaptive=False,
            prefetch=False,
            shares="equal",
        ),
        Strategy(
            name="profiled",
            summary="the same, shares in proportion to the task block's profiled work",
            adaptive=False,
            prefetch=False,
            shares="work",
        ),
        Strategy(
            name="adaptive",
            summary="any TBU of the home tile takes any task block; configurations are prefetched",
            adaptive=True,
            prefetch=True,
            shares=None,
        ),
    )
}


def strategy(name: str) -> Strategy:
    """Return the strategy of this name.

    Raises
    ------
    InputError
        There is none.
    """
    if name not in STRATEGIES:
        near = get_close_matches(name, STRATEGIES, 1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(STRATEGIES)}"
        raise InputError("--strategy", name, f"is not known; {hint}")
    return STRATEGIES[name]
