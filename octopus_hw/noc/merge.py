# SPDX-License-Identifier: Apache-2.0
"""Merge of several queues' heads into one queue, by round robin (docs/timing.md#local-messages).

::

    i[0] ──▶ ┐
    i[1] ──▶ ├─ RoundRobin ──▶ o
     :       ┘

Combinational: one head moves in every cycle in which the queue behind `o` can accept.
"""

from amaranth.hdl import Cat, Module, ShapeLike, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from octopus_hw.parts.arbiter import RoundRobin
from octopus_hw.parts.onehot import pick
from octopus_hw.verilog.unit import Unit

__all__ = ["Merge"]


class Merge(Unit):
    """Round robin over streams.

    Parameters
    ----------
    shape
        Of one item.
    count
        Number of inputs.

    Attributes
    ----------
    i : In(stream.Signature(shape)).array(count)
        The queues' heads.
    o : Out(stream.Signature(shape))
        The head that moves; `valid` does not depend on `ready`, but what is offered may change until it is taken.
    """

    def __init__(self, shape: ShapeLike, count: int) -> None:
        self.shape = shape
        self.count = count
        super().__init__({"i": In(stream.Signature(shape)).array(count), "o": Out(stream.Signature(shape))})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.arbiter = arbiter = RoundRobin(self.count)
        m.d.comb += [
            arbiter.requests.eq(Cat(i.valid for i in self.i)),
            arbiter.take.eq(self.o.ready),
            self.o.valid.eq(arbiter.requests.any()),
            self.o.payload.eq(pick(arbiter.grant, [Value.cast(i.payload) for i in self.i])),
        ]
        m.d.comb += [i.ready.eq(arbiter.grant[number] & self.o.ready) for number, i in enumerate(self.i)]
        return m
