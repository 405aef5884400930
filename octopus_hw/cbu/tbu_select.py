# SPDX-License-Identifier: Apache-2.0
"""Which TBU of this tile takes a token when there is no static mapping. Combinational.

::

    available, load, live (T) ─▶ [ least load          ] ─▶ spread ─┐
    own, inherit ──────────────▶ [ gaps, most load, .. ] ─▶ fill ───┼─▶ tbu
                                 [ gaps                ] ─▶ stay ───┘     found, gap
    pool, pinned_tbu ─────────────────────────────────────────────────────▲

Loads count one less where the holder's place can be inherited. Ties go to the holder's own TBU, then to the lowest. The
row's pool and pinned TBU are known late in the cycle: they only choose among answers.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.codes import Pool
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import POOL
from octopus_hw.contract.layouts import layouts
from octopus_hw.parts.compare import least
from octopus_hw.parts.onehot import one_of

__all__ = ["TbuSelect"]


class TbuSelect(wiring.Component):
    """The choice.

    Attributes
    ----------
    available : In(T)
        TBUs with a free place.
    load : In(range(Q + 1)).array(T)
        Places that are not free.
    live : In(range(P + 1)).array(T)
        PEAs that are not dead.
    own : In(T)
        One-hot: the TBU of the holder's own place; 0 if it is none.
    inherit : In(1)
        The own place can be inherited.
    pool, pinned_tbu : In(2), In(tbu)
        How to choose.
    found, tbu : Out(1), Out(tbu)
        Some TBU can take the token; which.
    gap : Out(1)
        Some TBU that can take it has a gap.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "available": In(config.tbus),
                "load": In(range(config.queue_depth + 1)).array(config.tbus),
                "live": In(range(config.peas + 1)).array(config.tbus),
                "own": In(config.tbus),
                "inherit": In(1),
                "pool": In(POOL),
                "pinned_tbu": In(layouts(config).tbu),
                "found": Out(1),
                "tbu": Out(layouts(config).tbu),
                "gap": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        tbus, width = self.config.tbus, len(self.load[0])
        can, gaps = Signal(tbus), Signal(tbus)
        spread, fill = [], []
        for tbu in range(tbus):
            inherits = self.inherit & self.own[tbu]
            # A load of which one can be inherited is at least 1.
            load, gap = Signal(width, name=f"load_{tbu}"), Signal(name=f"gap_{tbu}")
            m.d.comb += [
                load.eq(self.load[tbu] - inherits),
                gap.eq(Mux(inherits, self.load[tbu] <= self.live[tbu], self.load[tbu] < self.live[tbu])),
                can[tbu].eq(self.available[tbu] | inherits),
                gaps[tbu].eq(can[tbu] & gap),
            ]
            spread.append(Cat(~self.own[tbu], load))
            fill.append(Cat(~self.own[tbu], load ^ gap.replicate(width), ~gap))
        lowest, highest = (least(m, can, keys, name).number for keys, name in ((spread, "spread"), (fill, "fill")))
        fills = self.pool == Pool.FILL
        stays = (self.pool == Pool.STAY) & Cat(gaps, Const(0, (1 << len(self.tbu)) - tbus)).bit_select(
            self.pinned_tbu, 1
        )
        m.d.comb += [
            self.found.eq(can.any()),
            self.gap.eq(gaps.any()),
            self.tbu.eq(one_of((fills, highest), (stays, self.pinned_tbu), (~fills & ~stays, lowest))),
        ]
        return m
