# SPDX-License-Identifier: Apache-2.0
"""How many answers to a READ have not been taken yet: one READ at a time, as many answers as there is room for.

::

    READ of a rectangle ─▶ [add, times] ─▶ owed += add, in as many cycles as it has rows
    DATA taken ───────────────────────────▶ owed -= 1

A READ asks many tiles for one counter or one tile for many, so the answers need no product to be counted.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.layout import COORD

__all__ = ["ReadLedger"]

#: Bits of how many columns or rows a rectangle has, or how many counters are asked for.
SIDE = COORD + 1


class ReadLedger(wiring.Component):
    """Counts answers.

    Parameters
    ----------
    room
        The most answers of one READ.

    Attributes
    ----------
    reads : In(1)
        A READ is passed on in this cycle: `times` times `each` answers will come, at least one. Only while not `busy`.
    each, times : In(8)
    taken : In(1)
        An answer is taken.
    clear : In(1)
        None will come any more.
    busy : Out(1)
        Answers are still to be taken.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        super().__init__(
            {
                "reads": In(1),
                "each": In(SIDE),
                "times": In(SIDE),
                "taken": In(1),
                "clear": In(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        each, left, owed = Signal(SIDE), Signal(SIDE), Signal(range(self.room + 1))
        adds = left != 0
        m.d.comb += self.busy.eq(adds | (owed != 0))
        m.d.sync += [left.eq(left - adds), owed.eq(owed + Mux(adds, each, 0) - (self.taken & (owed != 0)))]
        with m.If(self.reads):
            m.d.sync += [each.eq(self.each), left.eq(self.times)]
        with m.If(self.clear):
            m.d.sync += [left.eq(0), owed.eq(0)]
        return m
