# SPDX-License-Identifier: Apache-2.0
"""A queue of many items in block RAM, with the timing of `octopus_hw.parts.queue.Queue`.

::

            ┌─────────────(empty)─────────────┐
        i ──┤                                 ├─▶ [ head ] ──▶ o
            └─▶ [ memory ] ─▶ [ seen | late ] ┘

What is pushed in cycle t can be taken in t+1. The head is a register; behind it the memory's next row is always
read ahead, and `late` holds a row that was written in the cycle in which it was read.
"""

from amaranth.hdl import Module, Mux, ShapeLike, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.parts.block_ram import block_ram
from octopus_hw.parts.late import one_of

__all__ = ["DeepQueue"]


class DeepQueue(wiring.Component):
    """First in, first out.

    Parameters
    ----------
    shape
        Of one item.
    depth
        Items it can hold, at least 2.

    Attributes
    ----------
    i, o : streams
        `i.ready` and `o` depend on registers alone.
    level : Out(range(depth + 1))
        Items held at the start of the cycle.
    """

    def __init__(self, shape: ShapeLike, depth: int) -> None:
        if depth < 2:
            raise ValueError(f"depth: {depth!r} is less than 2")
        self.shape = shape
        self.depth = depth
        super().__init__(
            {"i": In(stream.Signature(shape)), "o": Out(stream.Signature(shape)), "level": Out(range(depth + 1))}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        rows = max(2, self.depth - 1)
        m.submodules.memory = memory = block_ram(self.shape, rows)
        write, read = memory.write_port(), memory.read_port()
        head, late, seen = Signal(self.shape), Signal(self.shape), Signal(self.shape)
        is_late, oldest, end = Signal(), Signal(range(rows)), Signal(range(rows))
        push, take, straight = Signal(), Signal(), Signal()
        m.d.comb += [
            self.i.ready.eq(self.level != self.depth),
            self.o.valid.eq(self.level != 0),
            self.o.payload.eq(head),
            push.eq(self.i.valid & self.i.ready),
            take.eq(self.o.valid & self.o.ready),
            straight.eq((self.level == 0) | ((self.level == 1) & take)),
        ]
        # Whether something is pushed or taken is known late in the cycle.
        width = len(self.level)
        more, less = (self.level + 1)[:width], (self.level - 1)[:width]
        m.d.sync += self.level.eq(one_of((push & ~take, more), (take & ~push, less), (push == take, self.level)))
        # The memory holds all but the head. The row behind the last, or the head, is written whether it is kept or not.
        m.d.comb += [write.addr.eq(end), write.data.eq(self.i.payload), write.en.eq(self.i.ready)]
        m.d.comb += [read.addr.eq(oldest), seen.eq(Mux(is_late, late, read.data))]
        with m.If(push & ~straight):
            m.d.sync += end.eq(Mux(end == rows - 1, 0, end + 1))
        with m.If(take & (self.level > 1)):
            m.d.comb += read.addr.eq(Mux(oldest == rows - 1, 0, oldest + 1))
            m.d.sync += [oldest.eq(read.addr), head.eq(seen)]
        with m.Elif(straight):
            m.d.sync += head.eq(self.i.payload)
        m.d.sync += [late.eq(self.i.payload), is_late.eq(write.en & (end == read.addr))]
        return m
