# SPDX-License-Identifier: Apache-2.0
"""An eject queue: a queue whose room and head are registers' (docs/timing.md#control-router).

::

    push, payload ─▶ [ memory of depth rows ] ─▶ o
            ready ◀── [        Credits       ] ◀── take

A router's outputs must know in a register whether there is room, for their arbiters and a cycle ahead: that is why this
is no `octopus_hw.parts.queue.Queue`.
"""

from amaranth.hdl import Module, ShapeLike, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from octopus_hw.parts.credits import Credits
from octopus_hw.parts.lut_ram import lut_ram
from octopus_hw.parts.ring import row_after
from octopus_hw.verilog.unit import Unit

__all__ = ["EjectQueue"]


class EjectQueue(Unit):
    """First in, first out.

    Parameters
    ----------
    shape
        Of one item.
    depth
        Items it can hold, at least 2.

    Attributes
    ----------
    push : In(1)
        Write `payload`; only with room.
    payload : In(shape)
        The item.
    ready, soon : Out(1)
        Less than `depth` items are held at the start of this cycle, of the next.
    o : Out(stream.Signature(shape))
        The head.
    """

    def __init__(self, shape: ShapeLike, depth: int) -> None:
        self.shape = shape
        self.depth = depth
        super().__init__(
            {
                "push": In(1),
                "payload": In(shape),
                "ready": Out(1),
                "soon": Out(1),
                "o": Out(stream.Signature(shape)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.credits = credits = Credits(self.depth)
        taken = self.o.valid & self.o.ready
        head = Signal(range(self.depth))
        tail = Signal(range(self.depth))
        read = lut_ram(m, "store", self.depth, self.push, tail, Value.cast(self.payload), head)
        m.d.comb += [
            credits.give.eq(taken),
            credits.take.eq(self.push),
            self.ready.eq(credits.some),
            self.soon.eq(credits.soon),
            self.o.valid.eq(~credits.all),
            Value.cast(self.o.payload).eq(read),
        ]
        for row, moves in ((tail, self.push), (head, taken)):
            with m.If(moves):
                m.d.sync += row.eq(row_after(row, self.depth))
        return m
