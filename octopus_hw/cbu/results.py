# SPDX-License-Identifier: Apache-2.0
"""Results that wait until the host takes them, one after the other (docs/timing.md#results).

::

    push ──▶ [ home records, one place for each slot ] ──▶ head ──▶ pop      by a SEND
                                  not asked for ─▶ o: RESULT
    push, left ──▶ [ how many have not left ] ──▶ some
"""

from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import MESSAGE, WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import chip_state, for_host, messages
from octopus_hw.parts.queue import Queue

__all__ = ["Results"]


class Results(wiring.Component):
    """The queue, and what the host is told of it.

    Attributes
    ----------
    state : In(chip_state)
        For the coordinates.
    push, record : In(1), In(record)
        A result waits, in this home record; no more than there are slots.
    head : Out(record)
        The oldest.
    pop : In(1)
        The host wants it: only after it has been asked for.
    left : In(1)
        One has left.
    some : Out(1)
        Not all that were pushed have left: from the cycle after one was pushed to that in which the last leaves.
    o : Out(messages)
        A RESULT for the host, while the head is not asked for.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        widths = layouts(config)
        self.queue = Queue(widths.record, config.max_instances)
        self.asked = Signal()
        super().__init__(
            {
                "state": In(chip_state(config)),
                "push": In(1),
                "record": In(widths.record),
                "head": Out(widths.record),
                "pop": In(1),
                "left": In(1),
                "some": Out(1),
                "o": Out(messages(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.queue = queue = self.queue
        here = Signal(range(self.config.max_instances + 1))
        m.d.comb += [
            queue.i.valid.eq(self.push),
            queue.i.payload.eq(self.record),
            queue.o.ready.eq(self.pop),
            self.head.eq(queue.o.payload),
            self.some.eq(here != 0),
            self.o.valid.eq(queue.o.valid & ~self.asked),
            Value.cast(self.o.payload).eq(for_host(self.state, Const(Message.RESULT, MESSAGE), Const(0, WORD))),
        ]
        m.d.sync += [self.asked.eq((self.asked | self.o.valid & self.o.ready) & ~self.pop)]
        with m.If(self.push & ~self.left):
            m.d.sync += here.eq(here + 1)
        with m.Elif(self.left & ~self.push):
            m.d.sync += here.eq(here - 1)
        return m
