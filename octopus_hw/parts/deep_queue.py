# SPDX-License-Identifier: Apache-2.0
"""A queue of many items in block RAM, with the timing of `octopus_hw.parts.queue.Queue`.

::

            ┌─────────────(empty)─────────────┐
        i ──┤                                 ├─▶ [ head ] ──▶ o
            └─▶ [ memory ] ─▶ [ seen | late ] ┘

What is pushed in cycle t can be taken in t+1. The head is a register; behind it the memory's next row is always
read ahead, and `late` holds a row that was written in the cycle in which it was read.
"""

from typing import ClassVar

from amaranth.hdl import Module, Mux, ShapeLike, Signal

from octopus_hw.parts.block_ram import block_ram
from octopus_hw.parts.onehot import one_of
from octopus_hw.parts.queue import Fifo, Queue
from octopus_hw.parts.ring import row_after

__all__ = ["DeepQueue", "queue_of"]

#: Items from which on a queue is smaller in block RAM.
_DEEP = 64


class DeepQueue(Fifo):
    """First in, first out; all of ``o`` is registers."""

    least: ClassVar[int] = 2

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
            m.d.sync += end.eq(row_after(end, rows))
        with m.If(take & (self.level > 1)):
            m.d.comb += read.addr.eq(row_after(oldest, rows))
            m.d.sync += [oldest.eq(read.addr), head.eq(seen)]
        with m.Elif(straight):
            m.d.sync += head.eq(self.i.payload)
        m.d.sync += [late.eq(self.i.payload), is_late.eq(write.en & (end == read.addr))]
        return m


def queue_of(shape: ShapeLike, depth: int) -> Fifo:
    """Make a queue of so many items, in block RAM if it is smaller there."""
    return (DeepQueue if depth >= _DEEP else Queue)(shape, depth)
