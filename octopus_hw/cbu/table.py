# SPDX-License-Identifier: Apache-2.0
"""A table that is written by the boot words and read by the engine, a row at a time.

::

    loads ──▶ [ column 0 | column 1 | ... ] ──▶ row      one memory of up to 32 bits for each column

A row that is read in cycle t is seen from t+1 on, until another row is read. An `immediate` table shows the row in t.
"""

from typing import Any

from amaranth.hdl import Cat, Const, Module
from amaranth.lib import wiring
from amaranth.lib.memory import Memory as Storage
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.layout import WORD
from octopus_hw.interfaces.bundles import Loads
from octopus_hw.parts.block_ram import block_ram

__all__ = ["Table"]


class Table(wiring.Component):
    """One table.

    Parameters
    ----------
    layout
        Of a row: one of `octopus_hw.interfaces.layouts`.
    rows
        How many; a table has at least two.
    memory
        Which LOADs write it: address = row x columns + column.
    immediate
        The row is seen in the cycle of `address`; `read` means nothing. Kept in distributed RAM: for small tables.

    Attributes
    ----------
    loads : In(Loads)
        Boot words, one in a cycle.
    address : In(range(rows))
        The row to read.
    read : In(1)
        Read it in this cycle.
    row : Out(layout)
        What is seen.
    """

    def __init__(self, layout: Any, rows: int, memory: LoadTarget, *, immediate: bool = False) -> None:
        self.layout = layout
        self.rows = max(2, rows)
        self.memory = memory
        self.immediate = immediate
        super().__init__({"loads": In(Loads), "address": In(range(self.rows)), "read": In(1), "row": Out(layout)})

    def widths(self) -> list[int]:
        """Bits in use of each column."""
        widths: dict[int, int] = {}
        for name in self.layout.description.spans:
            for piece in self.layout.description.pieces(name):
                widths[piece.word] = max(widths.get(piece.word, 0), piece.shift + piece.width)
        return [widths.get(column, 0) for column in range(max(widths) + 1)]

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        word, columns = self.loads.word, self.layout.description.columns
        bits = columns.bit_length() - 1
        seen = []
        for number, width in enumerate(self.widths()):
            m.submodules[f"column_{number}"] = storage = self._memory(width)
            write = storage.write_port()
            read = storage.read_port(domain="comb" if self.immediate else "sync")
            here = (word.memory == self.memory) & (word.address[:bits] == number)
            m.d.comb += [
                write.addr.eq(word.address[bits:]),
                write.data.eq(word.data),
                write.en.eq(self.loads.valid & here),
                read.addr.eq(self.address),
            ]
            if not self.immediate:
                m.d.comb += read.en.eq(self.read)
            seen += [read.data, Const(0, WORD - width)]
        m.d.comb += self.row.as_value().eq(Cat(seen))
        return m

    def _memory(self, width: int) -> Storage:
        if self.immediate:
            return Storage(shape=width, depth=self.rows, init=[], attrs={"ram_style": "distributed"})
        return block_ram(width, self.rows)
