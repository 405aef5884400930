# SPDX-License-Identifier: Apache-2.0
"""The home store: data words outside the TBUs, and the configurations of a library tile.

::

    read_address ──▶ [ store_words x 32 ] ──▶ read_data     in the next cycle
    write, write_address, write_data ─▶┘

One read and one write in each cycle. All that its user relies on is this interface: an external memory with a cache
in front can take its place if it keeps the one cycle, or holds the sender while it cannot.
"""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.parts.block_ram import block_ram

__all__ = ["Store"]


class Store(wiring.Component):
    """The memory.

    Attributes
    ----------
    read_address, read_data : In(address), Out(32)
        The word of an address, one cycle later; meaningless if it was being written (`octopus_hw.parts.block_ram`).
    write, write_address, write_data : In(1), In(address), In(32)
        A word, visible to reads from the next cycle on.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        address = layouts(config).address
        super().__init__(
            {
                "read_address": In(address),
                "read_data": Out(WORD),
                "write": In(1),
                "write_address": In(address),
                "write_data": In(WORD),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.words = words = block_ram(WORD, self.config.store_words)
        read, write = words.read_port(), words.write_port()
        m.d.comb += [
            read.addr.eq(self.read_address),
            self.read_data.eq(read.data),
            write.addr.eq(self.write_address),
            write.data.eq(self.write_data),
            write.en.eq(self.write),
        ]
        return m
