# SPDX-License-Identifier: Apache-2.0
"""The static mapping: each block's owners, and the number of the one that is next in turn.

::

    block, read ──▶ [ heads: base, count ] ──▶ head       seen in the next cycle, until another is read
                └─▶ [ turns: own ] ──────────▶ turn
    entry, next ──▶ [ owners: x, y, tbu ] ───▶ owner
    bump, turn_of, turn_to ──▶ turns

Loading a block's head sets its turn to 0.
"""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.cbu.table import Table
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import Loads
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.block_ram import block_ram

__all__ = ["Owners"]


class Owners(wiring.Component):
    """Tables of the static mapping.

    Attributes
    ----------
    loads : In(Loads)
    block, read : In(block), In(1)
        Read a block's head and turn.
    head, turn : Out(own_head), Out(own)
        What is seen of them.
    entry, next : In(own), In(1)
        Read an owner.
    owner : Out(owner)
        The owner seen.
    bump, bump_block, bump_turn : In(1), In(block), In(own)
        Write a block's turn.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        widths = layouts(config)
        super().__init__(
            {
                "loads": In(Loads),
                "block": In(widths.block),
                "read": In(1),
                "head": Out(struct(widths.own_head)),
                "turn": Out(widths.own),
                "entry": In(widths.own),
                "next": In(1),
                "owner": Out(struct(widths.owner)),
                "bump": In(1),
                "bump_block": In(widths.block),
                "bump_turn": In(widths.own),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        config, widths = self.config, layouts(self.config)
        m.submodules.heads = heads = Table(struct(widths.own_head), config.max_blocks, LoadTarget.OWN_HEAD)
        m.submodules.owners = owners = Table(struct(widths.owner), config.owner_entries, LoadTarget.OWNER)
        m.submodules.turns = turns = block_ram(widths.own, heads.rows)
        write, read = turns.write_port(), turns.read_port()
        for table in (heads, owners):
            m.d.comb += [table.loads.valid.eq(self.loads.valid), table.loads.word.eq(self.loads.word)]
        m.d.comb += [
            heads.address.eq(self.block),
            heads.read.eq(self.read),
            read.addr.eq(self.block),
            read.en.eq(self.read),
            self.head.eq(heads.row),
            self.turn.eq(read.data),
            owners.address.eq(self.entry),
            owners.read.eq(self.next),
            self.owner.eq(owners.row),
            write.addr.eq(self.bump_block),
            write.data.eq(self.bump_turn),
            write.en.eq(self.bump),
        ]
        with m.If(self.loads.valid & (self.loads.word.memory == LoadTarget.OWN_HEAD)):
            m.d.comb += [write.addr.eq(self.loads.word.address), write.data.eq(0), write.en.eq(1)]
        return m
