# SPDX-License-Identifier: Apache-2.0
"""Tells in a simulation build what was loaded: a timed PEA has no use for the words, so nothing else would show them.

::

    rows of chunks ──▶ [ sum of (j + 1) x word j ] ──▶ LOADED cycle x y tbu block sum

The sum is modulo 2^32, over the words of a whole configuration. Words beyond its end are 0 and count nothing.
"""

from amaranth.hdl import Format, Module, Mux, Print, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CHUNK
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import chip_state
from octopus_hw.interfaces.rows import per_row, row_bits

__all__ = ["ConfigurationLog"]


class ConfigurationLog(wiring.Component):
    """Adds up the words of one configuration after the other, and prints their sums.

    Attributes
    ----------
    state, number : In(chip_state), In(tbu)
        The time, and which TBU this is.
    valid, chunk, index, row : In(1), In(chunk), In, In(W)
        In this cycle row `index` of a chunk is taken.
    loaded, block : In(1), In(block)
        In this cycle the last flit of this block's configuration is taken.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        widths = layouts(config)
        super().__init__(
            {
                "state": In(chip_state(config)),
                "number": In(widths.tbu),
                "valid": In(1),
                "chunk": In(widths.chunk),
                "index": In(row_bits(config)),
                "row": In(config.data_width),
                "loaded": In(1),
                "block": In(widths.block),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        words, state = per_row(self.config), self.state
        kept, total = Signal(WORD), Signal(WORD)
        first = self.chunk * CHUNK + self.index * words
        added = sum((first + j + 1) * self.row.word_select(j, WORD) for j in range(words))
        m.d.comb += total.eq(kept + Mux(self.valid, added, 0))
        m.d.sync += kept.eq(Mux(self.loaded, 0, total))
        with m.If(self.loaded & ~state.held):
            m.d.sync += Print(
                Format("LOADED {} {} {} {} {} {}", state.cycle, state.x, state.y, self.number, self.block, total)
            )
        return m
