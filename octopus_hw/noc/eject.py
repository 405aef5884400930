# SPDX-License-Identifier: Apache-2.0
"""An eject queue: a queue whose room and head are registers' (docs/timing.md#control-router).

::

    push, payload ─▶ [ memory of depth rows ] ─▶ o
            room ◀── [        Credits       ] ◀── take
"""

from amaranth.hdl import Module, Shape, ShapeLike, Signal, Value
from amaranth.lib import memory, stream
from amaranth.lib.wiring import In, Out

from octopus_hw.parts.credits import Credits
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
    room, soon : Out(1)
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
                "room": Out(1),
                "soon": Out(1),
                "o": Out(stream.Signature(shape)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.credits = credits = Credits(self.depth)
        m.submodules.store = store = memory.Memory(shape=Shape.cast(self.shape), depth=self.depth, init=[])
        write, read = store.write_port(), store.read_port(domain="comb")
        taken = self.o.valid & self.o.ready
        m.d.comb += [
            credits.give.eq(taken),
            credits.take.eq(self.push),
            self.room.eq(credits.some),
            self.soon.eq(credits.soon),
            self.o.valid.eq(~credits.all),
            write.data.eq(Value.cast(self.payload)),
            write.en.eq(self.push),
            Value.cast(self.o.payload).eq(read.data),
        ]
        for row, moves in ((write.addr, self.push), (read.addr, taken)):
            place = Signal(range(self.depth), name="head" if row is read.addr else "tail")
            m.d.comb += row.eq(place)
            with m.If(moves):
                m.d.sync += place.eq(row_after(place, self.depth))
        return m
