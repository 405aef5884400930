# SPDX-License-Identifier: Apache-2.0
"""The flits of a packet: its head, W bits at a time, then its rows (docs/timing.md#packets).

::

    head ──▶ [ shifts W bits with each flit ] ──(or)──▶ tx
    late ───────────────────────────────────────┤
    row ───▶ (and) ─────────────────────────────┘
               └── words of the row that lie within the length

What is loaded in cycle t gives its first flit in t + 1. How much data a packet has, and what of its head follows from
it, is told from t + 1 on. Behind the head the shift register holds zeros, and no word of a row passes while the head
leaves: so a flit is what is left of all three.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CHUNK
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import flits
from octopus_hw.interfaces.rows import per_row, row_bits
from octopus_hw.verilog.unit import Unit

__all__ = ["Serializer", "count_bits", "head_flits"]


def count_bits(config: Config) -> int:
    """Return the bits of how many words a packet has: those of a token, or of a chunk."""
    return max(layouts(config).length, CHUNK.bit_length())


def head_flits(config: Config) -> int:
    """Return the flits that a token packet's head takes. A chunk's takes one."""
    return -(-layouts(config).token_head.size // config.data_width)


class Serializer(Unit):
    """Sends one packet at a time.

    Attributes
    ----------
    load : In(1)
        A packet begins; only while not `busy`, or in the cycle of `ends`.
    chunk : In(1)
        With `load`: it is a chunk of a configuration, whose head is one flit.
    head : In(token_head)
        With `load`: the bits of its head that are known by then; the others are 0.
    first : In(row)
        With `load`: the index of its first row.
    late : In(token_head)
        While the head leaves: the other bits of the head.
    some, words, length : In(1), In(count), In(count)
        While the head leaves: whether there are any words, how many, and how many of these are read; the others are 0.
    starts : Out(1)
        The head leaves, or waits to leave, in this cycle.
    busy : Out(1)
        A packet is under way.
    ends : Out(1)
        Its last flit leaves in this cycle.
    reads, index, row : Out(1), Out(row), In(W)
        Row `index`, read in this cycle, is `row` in the next.
    tx : Out(flits)
        To the tile switch.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        head, count = layouts(config).token_head.size, count_bits(config)
        super().__init__(
            {
                "load": In(1),
                "chunk": In(1),
                "head": In(head),
                "first": In(row_bits(config)),
                "late": In(head),
                "some": In(1),
                "words": In(count),
                "length": In(count),
                "starts": Out(1),
                "busy": Out(1),
                "ends": Out(1),
                "reads": Out(1),
                "index": Out(row_bits(config)),
                "row": In(config.data_width),
                "tx": Out(flits(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        heads, index, push = head_flits(self.config), Signal.like(self.index), Signal()
        self._part, self._final = Signal(range(max(heads, 2))), Signal()
        self._head = Signal(heads * self.config.data_width)
        self._rows, self._length = Signal(count_bits(self.config)), Signal(count_bits(self.config))
        m.d.comb += [
            push.eq(self.tx.valid & self.tx.ready),
            self.ends.eq(push & self.tx.payload.last),
            self.index.eq(index + (push & ~self.starts)),
            self.reads.eq(self.busy & ~self.ends & (self.some | ~self.starts)),
        ]
        self._flit(m)
        m.d.sync += index.eq(self.index)
        with m.If(self.ends):
            m.d.sync += self.busy.eq(0)
        with m.If(push):
            self._go_on(m, heads)
        with m.If(self.load):
            m.d.sync += [
                self.busy.eq(1),
                self.starts.eq(1),
                self._part.eq(0),
                self._final.eq(self.chunk | (heads == 1)),
                self._head.eq(self.head),
                index.eq(self.first),
            ]
        return m

    def _flit(self, m: Module) -> None:
        """Say what leaves: while the head does, nothing of a row."""
        per, width, flit = per_row(self.config), self.config.data_width, self.tx.payload
        whole, rest = self._split(self._length)
        late, passes = Signal(width), Signal(per)
        # A row's last word is data if all of the row is.
        full = whole.any()
        within = Cat(*(full | (rest > word) for word in range(per - 1)), full)
        m.d.comb += passes.eq(Mux(self.starts, 0, within))
        for part in range(head_flits(self.config)):
            with m.If(self.starts & (self._part == part)):
                m.d.comb += late.eq(self.late[width * part :][:width])
        data = Cat(self.row.word_select(word, WORD) & passes[word].replicate(WORD) for word in range(per))
        m.d.comb += [
            self.tx.valid.eq(self.busy),
            flit.data.eq(self._head[:width] | late | data),
            flit.last.eq(Mux(self.starts, self._final & ~self.some, self._rows == 1)),
        ]

    def _split(self, length: Value) -> tuple[Value, Value]:
        """Split a length into whole rows, and the words of the row behind them."""
        bits = per_row(self.config).bit_length() - 1
        return length[bits:], length[:bits]

    def _go_on(self, m: Module, heads: int) -> None:
        """Count what has left."""
        per = per_row(self.config)
        whole, rest = self._split(self._length)
        m.d.sync += self._head.eq(self._head >> self.config.data_width)
        with m.If(self.starts):
            m.d.sync += [
                self.starts.eq(~self._final),
                self._part.eq(self._part + 1),
                self._final.eq(self._part == heads - 2),
                self._rows.eq((self.words + (per - 1)) >> (per.bit_length() - 1)),
                self._length.eq(self.length),
            ]
        with m.Else():
            left = Cat(rest, (whole - 1)[: len(whole)])
            m.d.sync += [self._rows.eq(self._rows - 1), self._length.eq(Mux(whole.any(), left, 0))]
