# SPDX-License-Identifier: Apache-2.0
"""How much work waits in a tile (docs/timing.md#work-at-home).

::

    weight, joins, leaves ────▶ ┌─────────────────┐
    children, ahead, announces ▶│ at home: 24 bits │ ──▶ (+) ──▶ [ at most 4095 ] ──▶ work
                                └─────────────────┘      ▲
    tbu_work (T) ────────────────────────────────────────┘

What happens in cycle t is visible in t+1. `joins`, `leaves` and `announces` come late in the cycle: they only choose.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import INDEX, TBU_WORK, WEIGHT, WORK
from octopus_hw.interfaces.bundles import chip_state
from octopus_hw.parts.onehot import one_of
from octopus_hw.parts.weight import worth

__all__ = ["HomeWork"]

_AT_HOME = 24
_MOST = (1 << WORK) - 1


class HomeWork(wiring.Component):
    """The work at home, and the tile's.

    Attributes
    ----------
    state : In(chip_state)
        For the mode.
    weight, joins, leaves : In(4), In(1), In(1)
        A token of this weight joins those that wait at home, or leaves them, or both.
    children, ahead, announces : In(16), In(4), In(1)
        A spawn announces so many children of weight `ahead`; no token joins or leaves in that cycle.
    tbu_work : In(14).array(T)
        Work of the TBUs.
    work : Out(12)
        The tile's work, cut off.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "state": In(chip_state(config)),
                "weight": In(WEIGHT),
                "joins": In(1),
                "leaves": In(1),
                "children": In(INDEX),
                "ahead": In(WEIGHT),
                "announces": In(1),
                "tbu_work": In(TBU_WORK).array(config.tbus),
                "work": Out(WORK),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        mode, at_home = self.state.mode, Signal(_AT_HOME)
        more, less, announced = Signal(_AT_HOME), Signal(_AT_HOME), Signal(_AT_HOME)
        m.d.comb += [
            more.eq(at_home + worth(self.weight)),
            less.eq(at_home - worth(self.weight)),
            announced.eq(at_home + self.children * worth(self.ahead)),
        ]
        grows, falls, jumps = self.joins & ~self.leaves, self.leaves & ~self.joins, self.announces & mode.announce
        with m.If(mode.balance & ~mode.static & (grows | falls | jumps)):
            m.d.sync += at_home.eq(one_of((grows, more), (falls, less), (jumps, announced)))
        total = Signal(_AT_HOME + 1)
        m.d.comb += [total.eq(sum(self.tbu_work, at_home)), self.work.eq(Mux(total > _MOST, _MOST, total))]
        return m
