# SPDX-License-Identifier: Apache-2.0
"""The work of a TBU: what the weights of its tokens are worth, until they finish (docs/timing.md#work).

::

    come, coming ──▶ [ worth ] ─ + ─▶ [ sum ] ──▶ work
    go, going    ──▶ [ worth ] ─ - ─────▲

What comes or goes in cycle t shows in t + 1.
"""

from amaranth.hdl import Module, Mux
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.layout import TBU_WORK, WEIGHT
from octopus_hw.parts.weight import worth
from octopus_hw.verilog.unit import Unit

__all__ = ["TbuWork"]


class TbuWork(Unit):
    """Adds up.

    Attributes
    ----------
    come, coming : In(1), In(4)
        A token of this weight is accepted in this cycle.
    go, going : In(1), In(4)
        A token of this weight, accepted before, finishes in this cycle.
    work : Out(14)
        The sum.
    """

    def __init__(self) -> None:
        super().__init__({"come": In(1), "coming": In(WEIGHT), "go": In(1), "going": In(WEIGHT), "work": Out(TBU_WORK)})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        # A weight of 0 is worth nothing.
        more, less = Mux(self.come, self.coming, 0), Mux(self.go, self.going, 0)
        m.d.sync += self.work.eq(self.work + worth(more) - worth(less))
        return m
