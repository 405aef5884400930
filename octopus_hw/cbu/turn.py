# SPDX-License-Identifier: Apache-2.0
"""The engine's round robin over its sources, the last of which is known late in the cycle.

::

    early ──▶ [ first from the pointer on, else first of all ] ──▶ likely, some
    late ──────────────────────────────────────────────────────▶ [ gate ] ──▶ takes_late

It grants as `octopus_hw.arbiter.RoundRobin` over early and late does: the last source comes after all that are asked
from the pointer on and before all others. So `likely` needs only to know early requests, and late is the last gate.
A round robin is a circle: the sources may be numbered from any one on, if only the pointer starts at the right one.
"""

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Turn"]


class Turn(wiring.Component):
    """Combinational grants, registered pointer.

    Parameters
    ----------
    count
        Sources, the late one included.
    first
        Where the pointer starts.

    Attributes
    ----------
    early : In(count - 1)
        Who asks.
    late : In(1)
        The last source asks.
    take : In(1)
        Grants count in this cycle: the pointer moves behind the one granted.
    takes_late : Out(1)
        The last source is granted.
    some, likely : Out(1), Out(range(count))
        The early source `likely` is granted, if `takes_late` is low.
    """

    def __init__(self, count: int, first: int = 0) -> None:
        self.count = count
        self.first = first
        # Ones from the pointer on. Proofs read it.
        self.mask = Signal(count - 1, init=(1 << count - 1) - (1 << first))
        super().__init__(
            {
                "early": In(count - 1),
                "late": In(1),
                "take": In(1),
                "takes_late": Out(1),
                "some": Out(1),
                "likely": Out(range(count)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        mask = self.mask
        masked, chosen = Signal(self.count - 1), Signal(self.count - 1)
        m.d.comb += [
            masked.eq(self.early & mask),
            chosen.eq(_lowest(Mux(masked.any(), masked, self.early))),
            self.takes_late.eq(self.late & ~masked.any()),
            self.some.eq(self.early.any()),
        ]
        for number in range(self.count - 1):
            with m.If(chosen[number]):
                m.d.comb += self.likely.eq(number)
        with m.If(self.take):
            with m.If(self.takes_late):
                m.d.sync += mask.eq(-1)
            with m.Elif(self.some):
                m.d.sync += mask.eq(~(chosen | (chosen - 1)))
        return m


def _lowest(bits: Value) -> Value:
    return bits & (~bits + 1)
