# SPDX-License-Identifier: Apache-2.0
"""Places that are free somewhere: the credits of a link, or the room of a queue (docs/timing.md#links).

::

    give ─▶ 1 1 1 0 0 0 ◀─ take        bit n: more than n places are free
            └ some    └ all

One bit for each place: whether there is a place is a register, and whether there will be one next is a single gate.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib.wiring import In, Out

from octopus_hw.verilog.unit import Unit

__all__ = ["Credits"]


class Credits(Unit):
    """Counts free places; at first all are.

    Parameters
    ----------
    depth
        Number of places, at least 1.

    Attributes
    ----------
    give : In(1)
        A place becomes free, visible in the next cycle. Never with all free.
    take : In(1)
        A place is taken, visible in the next cycle. Never without one free.
    some, all : Out(1)
        At least one, all places are free: registers.
    soon : Out(1)
        What `some` is in the next cycle.
    """

    def __init__(self, depth: int) -> None:
        if depth < 1:
            raise ValueError(f"depth: {depth!r} is not a positive number")
        self.depth = depth
        # Proofs read it.
        self.free = Signal(depth, init=-1)
        super().__init__({"give": In(1), "take": In(1), "some": Out(1), "all": Out(1), "soon": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        free = self.free
        with m.If(self.give ^ self.take):
            m.d.sync += free.eq(Mux(self.give, Cat(Const(1, 1), free), free[1:]))
        m.d.comb += [
            self.some.eq(free[0]),
            self.all.eq(free[-1]),
            self.soon.eq(self.give | free[0] & ~self.take | (free[1] if self.depth > 1 else 0)),
        ]
        return m
