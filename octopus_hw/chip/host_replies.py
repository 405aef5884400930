# SPDX-License-Identifier: Apache-2.0
"""What the host gets, one word at a time: replies of tiles, two words each, and answers to STATUS, before them.

::

    messages ─▶ [HostWord, payload] ─┐
                                     ├─▶ [register] ─▶ o
    asked ─▶ STATUS: five words ─────┘
"""

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.identity import VERSION, configuration_hash
from octopus_hw.contract.layout import COORD, WORD, HostWord, Identity, PortWord
from octopus_hw.interfaces.bundles import messages
from octopus_hw.verilog.unit import Unit

__all__ = ["HostReplies"]


class HostReplies(Unit):
    """Puts words one after the other.

    Parameters
    ----------
    columns, rows
        The mesh.
    config
        Sizes.

    Attributes
    ----------
    i : In(messages)
        What tiles send; taken with its second word.
    drops : In(1)
        What tiles sent is no longer, be it half taken.
    asked : In(1)
        A STATUS came: unless one has been asked for that has not begun, five more words come.
    state, error, words : In
        What it tells, each as it is when its word is the next.
    o : Out(stream.Signature(32))
        To the host, out of a register.
    """

    def __init__(self, columns: int, rows: int, config: Config) -> None:
        self.columns, self.rows = columns, rows
        self.config = config
        super().__init__(
            {
                "i": In(messages(config)),
                "drops": In(1),
                "asked": In(1),
                "state": In(PortWord["state"].width),
                "error": In(PortWord["error"].width),
                "words": In(WORD),
                "o": Out(stream.Signature(WORD)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        reply, told = self.i.payload, self._status()
        asked, number, second = Signal(), Signal(range(len(told) + 1)), Signal()
        free, status, own = ~self.o.valid | self.o.ready, Signal(), Signal()
        m.d.comb += [
            status.eq(~second & (asked | (number != 0))),
            self.i.ready.eq(second & free & ~self.drops),
        ]
        first = Cat(
            reply.message | Const(0, HostWord["message"].width), reply.source_x | Const(0, COORD), reply.source_y
        )
        with m.If(free):
            m.d.sync += [self.o.valid.eq(status | (self.i.valid & ~self.drops)), own.eq(status)]
            m.d.sync += self.o.payload.eq(Mux(status, told[number], Mux(second, reply.payload, first)))
            with m.If(status):
                m.d.sync += number.eq(Mux(number == len(told) - 1, 0, number + 1))
                with m.If(number == 0):
                    m.d.sync += asked.eq(0)
            with m.Elif(self.i.valid):
                m.d.sync += second.eq(~second)
        with m.If(self.drops):
            m.d.sync += second.eq(0)
            with m.If(~free & ~own):
                m.d.sync += self.o.valid.eq(0)
        with m.If(self.asked):
            m.d.sync += asked.eq(1)
        return m

    def _status(self) -> Array:
        """Return the words of a STATUS."""
        identity = Identity.pack(version=VERSION, columns=self.columns, rows=self.rows)
        state = Cat(self.state, Const(0, PortWord["error"].offset - len(self.state)), self.error)
        return Array(
            [
                Const(HostWord.pack(message=Message.STATUS), WORD),
                Const(identity, WORD),
                Const(configuration_hash(self.config), WORD),
                state,
                self.words,
            ]
        )
