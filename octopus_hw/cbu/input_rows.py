# SPDX-License-Identifier: Apache-2.0
"""Rows of words that streams get from the host (docs/timing.md#rows).

::

    ask ──▶ [ ROW under way: stream, slot, instance, s.data ] ──▶ busy, asked, at
    come ─────────┬──▶ [ there: a bit for each stream ] ──▶ soon       of the stream whose turn is next
                  └──▶ [ slot, words, by stream       ] ──▶ slot, words     of the stream whose turn this is
    use ───────────────▶ no longer there

A stream has its turn every second cycle at most: a row that is used is not that of the stream whose turn is next.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import INSTANCE, STREAM
from octopus_hw.contract.layouts import layouts
from octopus_hw.parts.lut_ram import lut_ram

__all__ = ["InputRows"]


class InputRows(wiring.Component):
    """The ROW under way, and the rows that are there.

    Parameters
    ----------
    config
        Sizes.
    streams
        How many there are.

    Attributes
    ----------
    turn, next_turn : In(4)
        The stream whose turn this cycle is, and that of the next cycle, another.
    ask, ask_slot, instance : In(1), In(slot), In(24)
        A ROW for this instance of the stream `turn` is asked for, only while none is under way; its slot.
    data : In(quad)
        In the cycle after: where that slot's data begin.
    come, come_words : In(1), In(words)
        The row under way has come; so many words.
    use : In(1)
        The row of the stream `turn` is injected.
    busy : Out(1)
        A ROW is under way.
    asked, at : Out(24), Out(quad)
        Its instance, and where its words go.
    soon : Out(1)
        In the next cycle the row of the stream `next_turn` is there.
    slot, words : Out(slot), Out(words)
        Of the row of the stream `turn`, if it is there.
    """

    def __init__(self, config: Config, streams: int) -> None:
        self.streams = streams
        widths = layouts(config)
        super().__init__(
            {
                "turn": In(STREAM),
                "next_turn": In(STREAM),
                "ask": In(1),
                "ask_slot": In(widths.slot),
                "instance": In(INSTANCE),
                "data": In(widths.quad),
                "come": In(1),
                "come_words": In(widths.words),
                "use": In(1),
                "busy": Out(1),
                "asked": Out(INSTANCE),
                "at": Out(widths.quad),
                "soon": Out(1),
                "slot": Out(widths.slot),
                "words": Out(widths.words),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        there, owner, slot, is_new = Signal(self.streams), Signal.like(self.turn), Signal.like(self.slot), Signal()
        came, used = Mux(self.come, 1 << owner, 0), Mux(self.use, 1 << self.turn, 0)
        m.d.sync += [there.eq(there & ~used | came), is_new.eq(self.ask)]
        with m.If(self.ask):
            m.d.sync += [self.busy.eq(1), owner.eq(self.turn), slot.eq(self.ask_slot), self.asked.eq(self.instance)]
        with m.If(self.come):
            m.d.sync += self.busy.eq(0)
        with m.If(is_new):
            m.d.sync += self.at.eq(self.data)
        row = lut_ram(m, "rows", self.streams, self.come, owner, Cat(slot, self.come_words), self.turn)
        m.d.comb += [
            self.soon.eq(there.bit_select(self.next_turn, 1) | self.come & (owner == self.next_turn)),
            Cat(self.slot, self.words).eq(row),
        ]
        return m
