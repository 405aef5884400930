# SPDX-License-Identifier: Apache-2.0
"""A queue: what is pushed in one cycle can be taken from the next cycle on (docs/timing.md#queues).

::

        i ──▶ [ depth items ] ──▶ o        level: items held at the start of the cycle
"""

from amaranth.hdl import Module, Shape, ShapeLike
from amaranth.lib import fifo, stream
from amaranth.lib.wiring import In, Out

from octopus_hw.verilog.unit import Unit

__all__ = ["Queue"]


class Queue(Unit):
    """First in, first out; ``i.ready`` and ``o.valid`` depend on registers alone.

    Parameters
    ----------
    shape
        Of one item.
    depth
        Items it can hold, at least 1.
    """

    def __init__(self, shape: ShapeLike, depth: int) -> None:
        if depth < 1:
            raise ValueError(f"depth: {depth!r} is not a positive number")
        self.shape = shape
        self.depth = depth
        super().__init__(
            {"i": In(stream.Signature(shape)), "o": Out(stream.Signature(shape)), "level": Out(range(depth + 1))}
        )

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
