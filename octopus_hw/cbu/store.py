# SPDX-License-Identifier: Apache-2.0
"""The home store: data outside the TBUs, and the configurations of a library tile.

::

    reads: quad, row ──▶ [ rows of W bits ] ──▶ data     in the next cycle
    writes: quad, row ─────▶│ │◀───── loads: a word, which is part of a row

One read and one write in each cycle; there are no loads while there are writes. All that its user relies on is this
interface: an external memory with a cache in front can take its place if it keeps the one cycle, or holds the sender
while it cannot.
"""

from amaranth.hdl import Module, Mux, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.interfaces.bundles import Loads
from octopus_hw.interfaces.rows import per_quad, per_row, row_reads, row_writes
from octopus_hw.parts.block_ram import block_ram

__all__ = ["Store"]


class Store(wiring.Component):
    """The memory, of `store_words` words in whole rows.

    Attributes
    ----------
    reads : In(row_reads)
        The row of a quad and an index; meaningless if it was being written (`octopus_hw.parts.block_ram`).
    writes : In(row_writes)
        A row.
    loads : In(Loads)
        STORE words.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__({"reads": In(row_reads(config)), "writes": In(row_writes(config)), "loads": In(Loads)})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        reads, writes, per = self.reads, self.writes, per_row(self.config)
        m.submodules.rows = rows = block_ram(self.config.data_width, -(-self.config.store_words // per))
        read, write = rows.read_port(), rows.write_port(granularity=WORD)
        m.d.comb += [
            read.addr.eq(self._row(reads.source, reads.index)),
            reads.data.eq(read.data),
            write.addr.eq(self._row(writes.target, writes.index)),
            write.data.eq(writes.data),
            write.en.eq(Mux(writes.valid, (1 << per) - 1, 0)),
        ]
        word, bits = self.loads.word, per.bit_length() - 1
        with m.If(self.loads.valid & (word.memory == LoadTarget.STORE)):
            m.d.comb += [
                write.addr.eq(word.address[bits:]),
                write.data.eq(word.data.replicate(per)),
                write.en.eq(1 << word.address[:bits]),
            ]
        return m

    def _row(self, quad: Value, index: Value) -> Value:
        return quad * per_quad(self.config) + index
