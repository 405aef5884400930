# SPDX-License-Identifier: Apache-2.0
"""The slice of its holder's data that a command sends (docs/timing.md#senders).

::

    holder    0 ........ begin ............ length
    command                |<---- words ---->|        at most
    packet                 |<--- read --->|<-- 0 -->|     max(what is read, room)

With the command it is found how many of the data lie from `begin` on. What is sent follows from registers, from the
next cycle on until another command is taken.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.rows import per_quad, row_bits

__all__ = ["TOLD", "Slice"]

#: What a slice tells the serializer.
TOLD = ("head", "first", "late", "some", "words", "length")


class Slice(wiring.Component):
    """Works out what a command sends.

    Attributes
    ----------
    command, take : In(command), In(1)
        The command, taken in this cycle.
    head, first : Out(token_head), Out(row)
        Its head but for the token's `words`, and its first row.
    late : Out(token_head)
        The token's `words`.
    some, words, length : Out(1), Out(words), Out(words)
        Whether words are sent, how many, and how many of these are read.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        widths = layouts(config)
        super().__init__(
            {
                "command": In(struct(widths.command)),
                "take": In(1),
                "head": Out(struct(widths.token_head)),
                "first": Out(row_bits(config)),
                "late": Out(struct(widths.token_head)),
                "some": Out(1),
                "words": Out(widths.length),
                "length": Out(widths.length),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        command, head = self.command, self.head
        m.d.comb += [
            *(head.header[name].eq(command[name]) for name in ("x", "y", "unit", "host")),
            head.arg.eq(command.arg),
            head.token.eq(command.token),
            head.token.words.eq(0),
            self.first.eq(command.begin * per_quad(self.config)),
            self.late.token.words.eq(self.words),
        ]
        begin = command.begin << 2
        there, most, least = Signal.like(command.length), Signal.like(command.words), Signal.like(command.words)
        with m.If(self.take):
            m.d.sync += [
                there.eq(Mux(command.length < begin, 0, command.length - begin)),
                most.eq(command.words),
                least.eq(command.room << 2),
                self.some.eq((command.room != 0) | ((command.words != 0) & (command.length > begin))),
            ]
        # Compared side by side: the larger of `least` and what is shorter.
        m.d.comb += self.length.eq(Mux(there < most, there, most))
        with m.If(there < most):
            m.d.comb += self.words.eq(Mux(there < least, least, there))
        with m.Else():
            m.d.comb += self.words.eq(Mux(most < least, least, most))
        return m
