# SPDX-License-Identifier: Apache-2.0
"""Sends a tile's counters to the host, one word a cycle, and passes on what other tiles send.

::

    counters, READ ──▶┐
    near ────────────▶├─OR─▶[register]─▶ o      (to the west; from a row's first tile to the north)
    far ─────────────▶┘

The host asks one tile at a time, so no two words meet.
"""

from amaranth.hdl import Array, Module, Signal
from amaranth.lib.wiring import In, Out

from octopus_hw.interfaces.bundles import CounterRead
from octopus_hw.verilog.unit import Unit
from octopus_sim.traffic.layout import COUNTERS, results

__all__ = ["Readout"]


class Readout(Unit):
    """A tile's part of the way back.

    Attributes
    ----------
    counters : In(32).array(counters)
        In the order of `COUNTERS`.
    read : In(CounterRead)
        Which the host wants.
    near, far : In(results)
        From the tile to the east, and in a row's first tile from the row below.
    o : Out(results)
        One cycle later.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "counters": In(32).array(len(COUNTERS)),
                "read": In(CounterRead),
                "near": In(results),
                "far": In(results),
                "o": Out(results),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        next_, left = Signal(16), Signal(16)
        own = Signal(32)
        with m.If(self.read.valid):
            m.d.sync += [next_.eq(self.read.first), left.eq(self.read.count)]
        with m.Elif(left != 0):
            m.d.sync += [next_.eq(next_ + 1), left.eq(left - 1)]
            m.d.comb += own.eq(Array(self.counters)[next_])
        m.d.sync += [
            self.o.valid.eq(self.near.valid | self.far.valid | (left != 0)),
            self.o.word.eq(self.near.word | self.far.word | own),
        ]
        return m
