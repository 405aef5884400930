# SPDX-License-Identifier: Apache-2.0
"""Which TBU of this tile takes a token when there is no static mapping. Combinational.

::

    available, load (T) ──▶ ┌──────────────────────┐
    own, inherit ─────────▶ │ tree of minima, T: 3 │ ──▶ found, tbu
                            └──────────────────────┘

The least load wins, one less where the holder's place can be inherited; then the holder's own TBU; then the lowest.
"""

from dataclasses import dataclass

from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.config import Config
from octopus_hw.layout import TBU

__all__ = ["Choose"]


@dataclass
class _Candidate:
    can: Value
    key: Value
    tbu: Value


class Choose(wiring.Component):
    """The choice.

    Attributes
    ----------
    available : In(T)
        TBUs with a free place.
    load : In(range(Q + 1)).array(T)
        Places that are not free.
    own : In(T)
        One-hot: the TBU of the holder's own place; 0 if it is none.
    inherit : In(1)
        The own place can be inherited.
    found, tbu : Out(1), Out(3)
        Some TBU can take the token; which.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "available": In(config.tbus),
                "load": In(range(config.queue_depth + 1)).array(config.tbus),
                "own": In(config.tbus),
                "inherit": In(1),
                "found": Out(1),
                "tbu": Out(TBU),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        candidates = []
        for tbu in range(self.config.tbus):
            inherits = self.inherit & self.own[tbu]
            key = Signal(len(self.load[tbu]) + 1, name=f"key_{tbu}")
            # The last bit breaks ties; a load of which one can be inherited is at least 1.
            m.d.comb += key.eq(((self.load[tbu] - inherits) << 1) | ~self.own[tbu])
            candidates.append(_Candidate(self.available[tbu] | inherits, key, Const(tbu, TBU)))
        best = self._best(m, candidates)
        m.d.comb += [self.found.eq(best.can), self.tbu.eq(best.tbu)]
        return m

    def _best(self, m: Module, candidates: list[_Candidate]) -> _Candidate:
        """Return the first of the least."""
        if len(candidates) == 1:
            return candidates[0]
        half = (len(candidates) + 1) // 2
        low, high = self._best(m, candidates[:half]), self._best(m, candidates[half:])
        best = _Candidate(Signal(), Signal(len(low.key)), Signal(TBU))
        m.d.comb += [best.can.eq(low.can | high.can), best.key.eq(low.key), best.tbu.eq(low.tbu)]
        with m.If(high.can & (~low.can | (high.key < low.key))):
            m.d.comb += [best.key.eq(high.key), best.tbu.eq(high.tbu)]
        return best
