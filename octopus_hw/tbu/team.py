# SPDX-License-Identifier: Apache-2.0
"""Splitting: which idle PEAs take a token together (docs/timing.md#splitting).

::

    idle ──▶ [ the lowest, the second, ... ] ──────────────────────┐
      └────▶ [ how many ] ─▶ enough for 2, for 4? ─┐               ▼
    waiting ─────▲                   slot ─▶ [ team ] ─▶ [ join: helpers and bind ]
                                      has ─────▲───────▶ [ switch ]

Nothing is counted: both the idle PEAs and the waiting tokens are compared as runs of ones. All that depends on the PEAs
and the list alone is ready while the dispatcher still chooses a token, and what is left after its choice goes on beside
the search for the PEA that is bound: a team takes one more gate than that, the switch none.
"""

from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.verilog.unit import Unit

__all__ = ["TEAM", "Team"]

#: Bits of the logarithm of a team's size.
TEAM = 2


class Team(Unit):
    """Chooses how many PEAs an invocation runs on, and which help the first.

    Combinational.

    Parameters
    ----------
    config
        P = `peas`, Q = `queue_depth`, R = `config_slots`.

    Attributes
    ----------
    split : In(1)
        Invocations may be split.
    in_two, in_four : In(R)
        Slots whose block may be split over at least 2, over 4 PEAs.
    waiting : In(Q)
        The waiting list's valid entries: no gaps, the token to be bound included.
    idle : In(P)
        PEAs that are idle.
    has : In(P)
        PEAs whose context is `slot`.
    other : In(1)
        No eligible token is configured on an idle PEA, or that does not count: the lowest idle PEA is to be bound. Else
        the lowest that has the slot; there is one.
    bind : In(P)
        One-hot: this PEA, the first; or 0.
    slot : In(R)
        One-hot: the slot that has the token's block; 0 without a binding.
    team : Out(2)
        The logarithm of how many PEAs are bound.
    join : Out(P)
        Those that are bound: `bind` and its helpers.
    switch : Out(1)
        Some of them do not have the slot; meaningful with a binding.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        peas, slots = config.peas, config.config_slots
        super().__init__(
            {
                "split": In(1),
                "in_two": In(slots),
                "in_four": In(slots),
                "waiting": In(config.queue_depth),
                "idle": In(peas),
                "has": In(peas),
                "other": In(1),
                "bind": In(peas),
                "slot": In(slots),
                "team": Out(TEAM),
                "join": Out(peas),
                "switch": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        lowest = self._lowest(m)
        two, four = Signal(), Signal()
        m.d.comb += [
            four.eq((self.slot & Mux(self._enough(4), self.in_four, 0)).any()),
            two.eq((self.slot & Mux(self._enough(2), self.in_two, 0)).any() & ~four),
            self.team.eq(Cat(two, four)),
            self.join.eq(self.bind | Mux(four, self._others(lowest, 3), 0) | Mux(two, self._others(lowest, 1), 0)),
            # All of a team have the slot just if the lowest idle PEAs have it: then they are the team, and if one of
            # them has not, it is bound, or it helps.
            self.switch.eq(
                Mux(four, self._lacks(lowest[4]), Mux(two, self._lacks(lowest[2]), self.other & self._lacks(lowest[1])))
            ),
        ]
        return m

    def _lowest(self, m: Module) -> list[Signal]:
        """Return the n lowest idle PEAs, for n from 0 to 4."""
        sets = [Signal(self.config.peas, name=f"lowest_{n}") for n in range(5)]
        for n, lowest in enumerate(sets):
            for p in range(self.config.peas):
                before = [*_at_least(self.idle[:p]), *(Const(0, 1) for _ in sets)]
                m.d.comb += lowest[p].eq(self.idle[p] & ~before[n])
        return sets

    def _enough(self, team: int) -> Value:
        """Return whether as many PEAs stay idle beside a team as tokens stay in the list."""
        counts = _at_least(self.idle)
        more_than = [*self.waiting, Const(0, 1)]
        # With at least n idle PEAs besides the team's helpers the list may have up to n tokens.
        others = range(1, len(counts) - team + 1)
        fits = (counts[n + team - 1] & ~more_than[min(n, self.config.queue_depth)] for n in others)
        return self.split & reduce(or_, fits, Const(0, 1))

    def _others(self, lowest: list[Signal], count: int) -> Value:
        """Return the `count` lowest idle PEAs but for the one that is bound; perhaps that one too."""
        # The one that is bound is among them if any of them may be: that is known no later than which it is.
        one_more = self.other | (self.has & lowest[count]).any()
        return Mux(one_more, lowest[count + 1], lowest[count])

    def _lacks(self, peas: Value) -> Value:
        return (peas & ~self.has).any()


def _at_least(bits: Value) -> list[Value]:
    """Return for each n, from 0 to all, whether at least n bits are set."""
    counts: list[Value] = [Const(1, 1)]
    for bit in bits:
        more = [counts[n] | (counts[n - 1] & bit) for n in range(1, len(counts))]
        counts = [counts[0], *more, counts[-1] & bit]
    return counts
