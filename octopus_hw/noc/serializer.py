# SPDX-License-Identifier: Apache-2.0
"""The flits of a packet: its head, W bits at a time, then its rows (docs/timing.md#packets).

::

    load: head ──▶ [ shifts W bits with each flit ] ──────(or)──▶ tx
    chunk_head (in the first flit of a chunk) ──────────────┤
    rows.data ──▶ (and) ────────────────────────────────────┘
                    └── words of the row that lie within the length

What is loaded in cycle t gives its first flit in t + 1. Behind the head the shift register holds zeros, and no word of
a row passes while the head leaves: so a flit is nothing but what is left of both.
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

__all__ = ["COUNT", "Serializer", "head_flits"]

#: Bits of the words of a chunk.
COUNT = CHUNK.bit_length()


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
        With `load`: it is a chunk of a configuration.
    head : In(token_head)
        With `load`: bits of its head; of a chunk, only its header.
    words, length : In(words), In(words)
        With `load`, of a token packet: the words of its data, and how many of these are read; the others are 0.
    first : In(row)
        With `load`: the index of its first row.
    chunk_head, chunk_words : In(W), In(7)
        While a chunk's head leaves: the rest of its head, and how many words it has.
    starts : Out(1)
        A chunk's head leaves, or waits to leave, in this cycle.
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
        widths = layouts(config)
        super().__init__(
            {
                "load": In(1),
                "chunk": In(1),
                "head": In(widths.token_head.size),
                "words": In(widths.words),
                "length": In(widths.words),
                "first": In(row_bits(config)),
                "chunk_head": In(config.data_width),
                "chunk_words": In(COUNT),
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
        width, heads = self.config.data_width, head_flits(self.config)
        count = max(COUNT, len(self.words))
        self._in_head, self._is_chunk = Signal(), Signal()
        self._parts, self._head = Signal(range(heads)), Signal(heads * width)
        self._rows, self._length = Signal(count), Signal(count)
        rows, length, index, push = Signal(count), Signal(count), Signal.like(self.index), Signal()
        m.d.comb += [
            self.starts.eq(self._in_head & self._is_chunk),
            rows.eq(Mux(self.starts, self._rows_of(self.chunk_words), self._rows)),
            length.eq(Mux(self.starts, self.chunk_words, self._length)),
            push.eq(self.tx.valid & self.tx.ready),
            self.ends.eq(push & self.tx.payload.last),
            self.index.eq(index + (push & ~self._in_head)),
            self.reads.eq(self.busy & ~self.ends & (rows != 0)),
        ]
        self._flit(m, rows)
        m.d.sync += index.eq(self.index)
        with m.If(self.ends):
            m.d.sync += self.busy.eq(0)
        with m.If(push):
            m.d.sync += self._head.eq(self._head >> width)
            self._go_on(m, rows, length)
        with m.If(self.load):
            m.d.sync += [self.busy.eq(1), index.eq(self.first)]
            self._begin(m, heads)
        return m

    def _rows_of(self, words: Value) -> Value:
        per = per_row(self.config)
        return (words + (per - 1)) >> (per.bit_length() - 1)

    def _flit(self, m: Module, rows: Value) -> None:
        """Say what leaves: while the head does, nothing of a row."""
        per, flit = per_row(self.config), self.tx.payload
        whole, rest = self._split(self._length)
        passes = [~self._in_head & (whole.any() | (rest > word)) for word in range(per)]
        data = Cat(self.row.word_select(word, WORD) & passes[word].replicate(WORD) for word in range(per))
        extra = self.chunk_head & self.starts.replicate(len(self.chunk_head))
        m.d.comb += [
            self.tx.valid.eq(self.busy),
            flit.data.eq(self._head[: len(data)] | extra | data),
            flit.last.eq(Mux(self._in_head, (self._parts == 0) & (rows == 0), rows == 1)),
        ]

    def _split(self, length: Value) -> tuple[Value, Value]:
        """Split a length into whole rows, and the words of the row behind them."""
        bits = per_row(self.config).bit_length() - 1
        return length[bits:], length[:bits]

    def _go_on(self, m: Module, rows: Value, length: Value) -> None:
        """Count what has left."""
        whole, rest = self._split(length)
        with m.If(self._in_head):
            m.d.sync += [self._parts.eq(self._parts - 1), self._rows.eq(rows), self._length.eq(length)]
            with m.If(self._parts == 0):
                m.d.sync += self._in_head.eq(0)
        with m.Else():
            left = Mux(whole.any(), Cat(rest, (whole - 1)[: len(whole)]), 0)
            m.d.sync += [self._rows.eq(rows - 1), self._length.eq(left)]

    def _begin(self, m: Module, heads: int) -> None:
        m.d.sync += [
            self._in_head.eq(1),
            self._is_chunk.eq(self.chunk),
            self._parts.eq(Mux(self.chunk, 0, heads - 1)),
            self._head.eq(self.head),
            self._rows.eq(self._rows_of(self.words)),
            self._length.eq(self.length),
        ]
