# SPDX-License-Identifier: Apache-2.0
"""Splitting: which idle PEAs help the one that is bound (docs/timing.md, section 4).

::

    idle ──▶ [ the lowest, the second, ... ] ──────────────────────┐
      └────▶ [ how many ] ─▶ enough for 2, for 4? ─┐               ▼
    waiting ─────▲                   slot ─▶ [ team ] ───────▶ [ helpers ] ──▶ help

Nothing is counted: both the idle PEAs and the waiting tokens are compared as runs of ones. All that depends on the PEAs
and the list alone is ready while the dispatcher still chooses a token; what is left after its choice is one look at the
slot and a choice among three sets.
"""

from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.config import Config
from octopus_hw.unit import Unit

__all__ = ["TEAM", "Helpers"]

#: Bits of the logarithm of a team's size.
TEAM = 2
#: The largest team.
MOST = 4


class Helpers(Unit):
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
    suited : In(P)
        Idle PEAs whose lowest is to be bound.
    bind : In(P)
        One-hot: this PEA; or 0.
    slot : In(R)
        One-hot: the slot that has the token's block; 0 without a binding.
    team : Out(2)
        The logarithm of how many PEAs are bound.
    help : Out(P)
        Those that are bound besides the one in `bind`.
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
                "suited": In(peas),
                "bind": In(peas),
                "slot": In(slots),
                "team": Out(TEAM),
                "help": Out(peas),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        ranks = self._ranks(m)
        two, four = Signal(), Signal()
        m.d.comb += [
            four.eq((self.slot & Mux(self._enough(4), self.in_four, 0)).any()),
            two.eq((self.slot & Mux(self._enough(2), self.in_two, 0)).any() & ~four),
            self.team.eq(Cat(two, four)),
        ]
        with m.If(four):
            m.d.comb += self.help.eq(self._others(ranks, 3))
        with m.Elif(two):
            m.d.comb += self.help.eq(self._others(ranks, 1))
        return m

    def _ranks(self, m: Module) -> list[Signal]:
        """Return the lowest idle PEA, one-hot or 0, the second lowest, and so on."""
        ranks = [Signal(self.config.peas, name=f"rank_{n}") for n in range(MOST)]
        for n, rank in enumerate(ranks):
            m.d.comb += rank.eq(Cat(self.idle[p] & _exactly(self.idle[:p], n) for p in range(self.config.peas)))
        return ranks

    def _enough(self, team: int) -> Value:
        """Return whether as many PEAs stay idle beside a team as tokens stay in the list."""
        counts = _at_least(self.idle)
        more_than = [*self.waiting, Const(0, 1)]
        # With at least n idle PEAs besides the team's helpers the list may have up to n tokens.
        others = range(1, len(counts) - team + 1)
        fits = (counts[n + team - 1] & ~more_than[min(n, self.config.queue_depth)] for n in others)
        return self.split & reduce(or_, fits, Const(0, 1))

    def _others(self, ranks: list[Signal], count: int) -> Value:
        """Return the `count` lowest idle PEAs but for the one that is bound."""
        lowest = reduce(or_, ranks[:count])
        # The lowest suited PEA is among them if any suited one is: that is known no later than which it is.
        one_more = (self.suited & lowest).any()
        return (lowest & ~self.bind) | Mux(one_more, ranks[count], 0)


def _at_least(bits: Value) -> list[Value]:
    """Return for each n, from 0 to all, whether at least n bits are set."""
    counts: list[Value] = [Const(1, 1)]
    for bit in bits:
        more = [counts[n] | (counts[n - 1] & bit) for n in range(1, len(counts))]
        counts = [counts[0], *more, counts[-1] & bit]
    return counts


def _exactly(bits: Value, count: int) -> Value:
    counts = [*_at_least(bits), Const(0, 1)]
    return counts[count] & ~counts[count + 1] if count + 1 < len(counts) else Const(0, 1)
