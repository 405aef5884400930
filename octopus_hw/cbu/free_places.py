# SPDX-License-Identifier: Apache-2.0
"""Which places of the tile's TBUs are free, and how loaded each TBU is.

::

    take, tbu ────────────────▶ ┌──────────────┐ ──▶ available (T), load (T), lowest (T), live (T)
    grant ────────────────────▶ │ T x Q bits   │ ──▶ least, least_place
    give, give_tbu, give_place ▶│              │ ──▶ released: how many in this cycle
    release (T) ──────────────▶ └──────────────┘

What is taken or given in cycle t is visible in t+1. Before the start all places of a TBU that is not dead are free.
"""

from amaranth.hdl import Array, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import PEAS
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import chip_state, release
from octopus_hw.parts.compare import least

__all__ = ["FreePlaces"]


class FreePlaces(wiring.Component):
    """Bitmaps of the free places.

    Attributes
    ----------
    state : In(chip_state)
        For the dead bits and the start.
    take, tbu : In(1), In(tbu)
        The lowest free place of a TBU is allocated; it must have one.
    grant : In(1)
        The lowest free place of the least loaded TBU is allocated; some TBU must have one.
    give, give_tbu, give_place : In(1), In(tbu), In(place)
        The engine frees a place.
    release : In(release).array(T)
        Senders free places.
    available : Out(T)
        TBUs with a free place.
    lowest : Out(place).array(T)
        The lowest free place of each; 0 without one.
    load : Out(range(Q + 1)).array(T)
        Places that are not free.
    live : Out(range(P + 1)).array(T)
        PEAs that are not dead.
    least, least_place : Out(tbu), Out(place)
        The least loaded TBU, of several the lowest, and its lowest free place.
    released : Out(range(T + 1))
        Places that senders free in this cycle.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        tbus, widths = config.tbus, layouts(config)
        #: One bit for each place of each TBU; proofs look at them.
        self.free = [Signal(config.queue_depth, name=f"free_{tbu}") for tbu in range(tbus)]
        super().__init__(
            {
                "state": In(chip_state(config)),
                "take": In(1),
                "tbu": In(widths.tbu),
                "grant": In(1),
                "give": In(1),
                "give_tbu": In(widths.tbu),
                "give_place": In(widths.place),
                "release": In(release(config)).array(tbus),
                "available": Out(tbus),
                "lowest": Out(widths.place).array(tbus),
                "load": Out(range(config.queue_depth + 1)).array(tbus),
                "live": Out(range(config.peas + 1)).array(tbus),
                "least": Out(widths.tbu),
                "least_place": Out(widths.place),
                "released": Out(range(tbus + 1)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        for tbu in range(self.config.tbus):
            self._places(m, tbu)
        m.d.comb += [
            self.least.eq(least(m, self.available, list(self.load), "least").number),
            self.least_place.eq(Array(self.lowest)[self.least]),
            self.released.eq(sum(release.valid for release in self.release)),
        ]
        return m

    def _places(self, m: Module, tbu: int) -> None:
        """One TBU's bitmap."""
        depth, peas = self.config.queue_depth, self.config.peas
        free = self.free[tbu]
        taken, given, released = (Signal(depth, name=f"{name}_{tbu}") for name in ("taken", "given", "released"))
        take, give, release = Signal(name=f"take_{tbu}"), Signal(name=f"give_{tbu}"), self.release[tbu]
        m.d.comb += [
            take.eq(self.take & (self.tbu == tbu) | self.grant & (self.least == tbu)),
            give.eq(self.give & (self.give_tbu == tbu)),
        ]
        for place in range(depth):
            m.d.comb += given[place].eq(give & (self.give_place == place))
            m.d.comb += released[place].eq(release.valid & (release.place == place))
        for place in reversed(range(depth)):
            with m.If(free[place]):
                m.d.comb += self.lowest[tbu].eq(place)
        m.d.comb += [self.available[tbu].eq(free.any()), taken.eq(Mux(take, free & (~free + 1), 0))]
        m.d.sync += free.eq(free & ~taken | given | released)
        m.d.sync += self.load[tbu].eq(self.load[tbu] + take - give - release.valid)
        dead = self.state.dead[PEAS * tbu :][:peas]
        with m.If(~self.state.running):
            m.d.sync += [
                free.eq(Mux(dead.all(), 0, -1)),
                self.load[tbu].eq(Mux(dead.all(), depth, 0)),
                self.live[tbu].eq(sum(~dead[pea] for pea in range(peas))),
            ]
