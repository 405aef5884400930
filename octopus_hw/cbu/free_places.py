# SPDX-License-Identifier: Apache-2.0
"""Which places of the tile's TBUs are free, and how loaded each TBU is.

::

    take, tbu ────────────────▶ ┌──────────────┐ ──▶ available (T), load (T), lowest (T)
    give, give_tbu, give_place ▶│ T x Q bits   │ ──▶ freed: how many in this cycle
    release (T) ──────────────▶ └──────────────┘

What is taken or given in cycle t is visible in t+1. Before the start all places of a TBU that is not dead are free.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.config import Config
from octopus_hw.layout import PLACE, TBU
from octopus_hw.ports import ChipState, Release

__all__ = ["FreePlaces"]


class FreePlaces(wiring.Component):
    """Bitmaps of the free places.

    Attributes
    ----------
    state : In(ChipState)
        For the dead bits and the start.
    take, tbu : In(1), In(3)
        The lowest free place of a TBU is allocated; it must have one.
    give, give_tbu, give_place : In(1), In(3), In(5)
        The engine frees a place.
    release : In(Release).array(T)
        Senders free places.
    available : Out(T)
        TBUs with a free place.
    lowest : Out(5).array(T)
        The lowest free place of each; 0 without one.
    load : Out(range(Q + 1)).array(T)
        Places that are not free.
    freed : Out(range(T + 2))
        Places freed in this cycle.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        tbus = config.tbus
        #: One bit for each place of each TBU; proofs look at them.
        self.free = [Signal(config.queue_depth, name=f"free_{tbu}") for tbu in range(tbus)]
        super().__init__(
            {
                "state": In(ChipState),
                "take": In(1),
                "tbu": In(TBU),
                "give": In(1),
                "give_tbu": In(TBU),
                "give_place": In(PLACE),
                "release": In(Release).array(tbus),
                "available": Out(tbus),
                "lowest": Out(PLACE).array(tbus),
                "load": Out(range(config.queue_depth + 1)).array(tbus),
                "freed": Out(range(tbus + 2)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        for tbu in range(self.config.tbus):
            self._places(m, tbu)
        m.d.comb += self.freed.eq(sum((release.valid for release in self.release), self.give))
        return m

    def _places(self, m: Module, tbu: int) -> None:
        """One TBU's bitmap."""
        depth, peas = self.config.queue_depth, self.config.peas
        free = self.free[tbu]
        taken, given, released = (Signal(depth, name=f"{name}_{tbu}") for name in ("taken", "given", "released"))
        take, give, release = Signal(name=f"take_{tbu}"), Signal(name=f"give_{tbu}"), self.release[tbu]
        m.d.comb += [take.eq(self.take & (self.tbu == tbu)), give.eq(self.give & (self.give_tbu == tbu))]
        for place in range(depth):
            m.d.comb += given[place].eq(give & (self.give_place == place))
            m.d.comb += released[place].eq(release.valid & (release.place == place))
        for place in reversed(range(depth)):
            with m.If(free[place]):
                m.d.comb += self.lowest[tbu].eq(place)
        m.d.comb += [self.available[tbu].eq(free.any()), taken.eq(Mux(take, free & (~free + 1), 0))]
        m.d.sync += free.eq(free & ~taken | given | released)
        m.d.sync += self.load[tbu].eq(self.load[tbu] + take - give - release.valid)
        dead = self.state.dead[tbu * 8 : tbu * 8 + peas].all()
        with m.If(~self.state.running):
            m.d.sync += [free.eq(Mux(dead, 0, -1)), self.load[tbu].eq(Mux(dead, depth, 0))]
