# SPDX-License-Identifier: Apache-2.0
"""A queue: what is pushed in one cycle can be taken from the next cycle on (docs/timing.md#queues).

::

        i ──▶ [ depth items ] ──▶ o        level: items held at the start of the cycle

All queues of the chip keep this time. The others are there for what this one does not do:

==============  ====================================================================================================
`DeepQueue`     many items, in block RAM, which shows a row a cycle after it is asked for
`EjectQueue`    whether there is room, and whether there is a head, are registers, known a cycle before
`FlitQueue`     what a switch must know of the head is registers, found when the flit comes in
`ControlInput`  (`octopus_hw.noc.control_input`) so too, for two classes that share a memory and its read port
==============  ====================================================================================================
"""

from typing import ClassVar

from amaranth.hdl import Module, Shape, ShapeLike
from amaranth.lib import fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.verilog.unit import Unit

__all__ = ["Fifo", "Queue"]


class Fifo(wiring.Component):
    """What queues of streams have in common: parameters and ports.

    Parameters
    ----------
    shape
        Of one item.
    depth
        Items it can hold, at least `least`.

    Attributes
    ----------
    i, o : stream.Signature(shape)
        ``i.ready`` and ``o.valid`` depend on registers alone.
    level : Out(range(depth + 1))
        Items held at the start of the cycle.
    """

    least: ClassVar[int] = 1

    def __init__(self, shape: ShapeLike, depth: int) -> None:
        if depth < self.least:
            raise ValueError(f"depth: {depth!r} is less than {self.least}")
        self.shape = shape
        self.depth = depth
        super().__init__(
            {"i": In(stream.Signature(shape)), "o": Out(stream.Signature(shape)), "level": Out(range(depth + 1))}
        )


class Queue(Fifo, Unit):
    """First in, first out: a register for one item, else rows that are read without a register."""

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        if self.depth == 1:
            self._single(m)
            return m
        m.submodules.fifo = store = fifo.SyncFIFO(width=Shape.cast(self.shape).width, depth=self.depth)
        m.d.comb += [
            store.w_data.eq(self.i.payload),
            store.w_en.eq(self.i.valid),
            self.i.ready.eq(store.w_rdy),
            self.o.payload.eq(store.r_data),
            self.o.valid.eq(store.r_rdy),
            store.r_en.eq(self.o.ready),
            self.level.eq(store.level),
        ]
        return m

    def _single(self, m: Module) -> None:
        """Make a queue of one item: a register. A memory of one row would have addresses without bits."""
        # While there is none, whatever is offered is stored: what makes it an item comes late in the cycle.
        with m.If(self.i.ready):
            m.d.sync += [self.level.eq(self.i.valid), self.o.payload.eq(self.i.payload)]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += self.level.eq(0)
        m.d.comb += [self.i.ready.eq(~self.level), self.o.valid.eq(self.level)]
