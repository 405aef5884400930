# SPDX-License-Identifier: Apache-2.0
"""The walk over the rows of a result: it defines every word, and sums them (docs/timing.md#tally).

::

    result, key ──▶ [ x ] ── words beyond the operands ─┐
    read ──▶ (buffers) ───────── operands ──────────────┴▶ [ row ] ──▶ written, if words beyond are in it
                                                              └──────▶ [ sum ] ──▶ done

A row that is read in cycle u is merged in u + 1 and done, from a register, in u + 2; a row without operands is not
read. Behind a row that is written there are none to be read: what waits for the receiver holds up only rows that can be
made at any time.
"""

from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.rows import per_row, place_rows, row_reads, row_writes
from octopus_hw.tbu.weighted_sum import WeightedSum
from octopus_hw.verilog.unit import Unit

__all__ = ["STEP", "Result", "Walk"]

#: By how much what a word beyond the operands is made of grows from word to word.
STEP = 0x9E3779B9


def Result(config: Config) -> data.StructLayout:  # noqa: N802
    """Return the layout of a result to be defined: its place, how many words of operands lie there, its own words."""
    length = layouts(config).words
    return data.StructLayout({"place": config.place_bits, "operands": length, "words": length})


class Walk(Unit):
    """Goes over one result at a time.

    Parameters
    ----------
    config
        W = `data_width`: w = W / 32 words lie in a row. `buffer_words`, `queue_depth`.

    Attributes
    ----------
    result, key : In(stream.Signature(Result)), In(32)
        What to go over, and the key of its words beyond the operands; ready while the unit is idle.
    read, reading : Out(row_reads), In(1)
        To the buffers; somebody else reads in this cycle.
    write, writing : Out(row_writes), In(1)
        To the buffers; somebody else writes in this cycle.
    done, place, sum : Out(1), Out(place), Out(32)
        The last row was done in the cycle before; whose it is, and the sum.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.width = per_row(config)
        self._bits = self.width.bit_length() - 1
        self._rows = place_rows(config)
        super().__init__(
            {
                "result": In(stream.Signature(Result(config))),
                "key": In(WORD),
                "read": Out(row_reads(config)),
                "reading": In(1),
                "write": Out(row_writes(config)),
                "writing": In(1),
                "done": Out(1),
                "place": Out(config.place_bits),
                "sum": Out(WORD),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        length = layouts(self.config).words
        # From the row on that is merged next: operands, words behind the first, and what the first is made of.
        self._operands, self._behind, self._x = Signal(length), Signal(length), Signal(WORD)
        self._busy, self._more, self._merges, self._leaves = Signal(), Signal(), Signal(), Signal()
        # The row that was merged, if there is one; it is the last; words beyond the operands are in it.
        self._row = Signal(data.ArrayLayout(WORD, self.width))
        self._full, self._last, self._beyond = Signal(), Signal(), Signal()
        self._read(m)
        self._advance(m)
        self._merge(m)
        self._leave(m)
        self._add(m)
        return m

    def _read(self, m: Module) -> None:
        """Read the rows with operands; merge what came, or, if there are no more to read, when there is room."""
        head = self.result.payload
        index, end = Signal(range(self._rows + 1)), Signal(range(self._rows + 1))
        wants, came = Signal(), Signal()
        m.d.comb += [
            wants.eq(self._busy & (index != end)),
            self.read.reads.eq(wants & ~self.reading),
            self.read.source.eq(self.place),
            self.read.index.eq(index),
            self._merges.eq(came | (self._more & ~wants & (~self._full | self._leaves))),
        ]
        m.d.sync += came.eq(self.read.reads)
        with m.If(~self._busy):
            held = Mux(head.operands < head.words, head.operands, head.words)
            m.d.sync += [index.eq(0), end.eq((held + self.width - 1) >> self._bits)]
        with m.Elif(self.read.reads):
            m.d.sync += index.eq(index + 1)

    def _advance(self, m: Module) -> None:
        """Go on by a row with every row that is merged."""
        head, operands = self.result.payload, self._operands
        whole_rows, rest = operands[self._bits :], operands[: self._bits]
        with m.If(~self._busy):
            m.d.sync += [
                operands.eq(head.operands),
                self._behind.eq(head.words - 1),
                self._more.eq(self.result.valid & head.words.any()),
                self._x.eq(self.key),
            ]
        with m.Elif(self._merges):
            m.d.sync += [
                self._behind.eq(self._behind - self.width),
                self._more.eq(self._behind[self._bits :].any()),
                self._x.eq(self._x + self.width * STEP),
            ]
            with m.If(whole_rows.any()):
                m.d.sync += whole_rows.eq(whole_rows - 1)
            with m.Else():
                m.d.sync += rest.eq(0)

    def _merge(self, m: Module) -> None:
        """Make the row of operands and of words beyond them; what is beyond the result is 0."""
        operands, end = self._operands[: self._bits], self._behind[: self._bits]
        whole, last = self._operands[self._bits :].any(), ~self._behind[self._bits :].any()
        with m.If(~self._busy):
            # The last row of a result without words.
            m.d.sync += [self._row.eq(0), self._last.eq(1), self._beyond.eq(0)]
        with m.Elif(self._merges):
            # Of several words in a row the last ones of the last row may be beyond the result.
            some = ~last | (operands <= end) if self.width > 1 else Const(1)
            m.d.sync += [self._last.eq(last), self._beyond.eq(~whole & some)]
            came = data.View(self._row.shape(), self.read.data)
            for i, word in enumerate(self._row):
                made = (self._x + i * STEP)[:WORD]
                operand = whole | (i < operands) if i < self.width - 1 else whole
                chosen = Mux(operand, came[i], made ^ (made >> 16))
                m.d.sync += word.eq(Mux(~last | (i <= end), chosen, 0) if i else chosen)

    def _leave(self, m: Module) -> None:
        """Write the row, if it must be and may be; with the last one the unit is idle."""
        head, index = self.result.payload, Signal(range(self._rows))
        m.d.comb += [
            self.result.ready.eq(~self._busy),
            self._leaves.eq(self._full & ~(self._beyond & self.writing)),
            self.write.valid.eq(self._full & self._beyond & ~self.writing),
            self.write.target.eq(self.place),
            self.write.index.eq(index),
            self.write.data.eq(self._row),
        ]
        with m.If(~self._busy):
            m.d.sync += [
                self._busy.eq(self.result.valid),
                self._full.eq(self.result.valid & ~head.words.any()),
                self.place.eq(head.place),
                index.eq(0),
            ]
        with m.Else():
            m.d.sync += [
                self._busy.eq(~(self._leaves & self._last)),
                self._full.eq(self._merges | (self._full & ~self._leaves)),
                index.eq(index + self._leaves),
            ]

    def _add(self, m: Module) -> None:
        """Add the row up when it leaves."""
        m.submodules.sum = sum_ = WeightedSum(self.width)
        m.d.comb += [
            sum_.add.eq(self._leaves),
            sum_.row.eq(self._row),
            sum_.last.eq(self._last),
            sum_.lack.eq(~self._behind[: self._bits] if self.width > 1 else 0),
            self.done.eq(sum_.done),
            self.sum.eq(sum_.total),
        ]
