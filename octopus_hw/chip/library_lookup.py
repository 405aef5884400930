# SPDX-License-Identifier: Apache-2.0
"""Where the loaders of a tile ask for configurations (docs/timing.md#local-messages).

::

    i[0] ──▶ ┐
    i[1] ──▶ ├─ RoundRobin ─┬─ block, TBU ─▶ [ register ] ─┬─▶ o: CONFIG for the tile that has it
     :       ┘              └─ block ──────▶ [ tiles ] ────┘
                                                 ▲ loads

While nothing is held in cycle t, a head is taken; from t + 1 on it is held and offered, until it has moved.
"""

from amaranth.hdl import Cat, Const, Module, Signal, Value
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.cbu.table import Table
from octopus_hw.contract.codes import LoadTarget, Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import MESSAGE
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import Loads, asked_blocks, messages
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.arbiter import RoundRobin
from octopus_hw.parts.onehot import pick
from octopus_hw.verilog.unit import Unit

__all__ = ["LibraryLookup"]


class LibraryLookup(Unit):
    """Looks up the tile of the region whose home store has a configuration.

    Parameters
    ----------
    config
        T = `tbus`; `max_blocks` are the rows of the table.

    Attributes
    ----------
    x, y : In(coord)
        The tile's coordinates.
    loads : In(Loads)
        LIBRARY_TILE words.
    i : In(asked_blocks).array(T)
        What each TBU's loader asks for.
    o : Out(messages)
        CONFIG requests; what is offered stays until it is taken.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        # Proofs read it.
        self.arbiter = RoundRobin(config.tbus)
        super().__init__(
            {
                "x": In(layouts(config).coord),
                "y": In(layouts(config).coord),
                "loads": In(Loads),
                "i": In(asked_blocks(config)).array(config.tbus),
                "o": Out(messages(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        widths, asks = layouts(self.config), [each.payload for each in self.i]
        m.submodules.tiles = tiles = Table(struct(widths.library_tile), self.config.max_blocks, LoadTarget.LIBRARY_TILE)
        m.submodules.arbiter = arbiter = self.arbiter
        connect(m, flipped(self.loads), tiles.loads)
        held, row, free = Signal(struct(widths.config_request)), tiles.row, ~self.o.valid
        m.d.comb += [
            arbiter.requests.eq(Cat(each.valid for each in self.i)),
            arbiter.take.eq(free),
            tiles.address.eq(pick(arbiter.grant, asks)),
            tiles.read.eq(free),
            *(each.ready.eq(free & arbiter.grant[number]) for number, each in enumerate(self.i)),
            # One statement for all fields: constant parts of a word do not survive in every Verilog simulator.
            Value.cast(self.o.payload).eq(
                Cat(row.x, row.y, Const(0, 1), Const(Message.CONFIG, MESSAGE), self.x, self.y, held.block, held.tbu)
            ),
        ]
        with m.If(free):
            m.d.sync += [held.block.eq(tiles.address), held.tbu.eq(arbiter.number)]
            m.d.sync += self.o.valid.eq(arbiter.requests.any())
        with m.Elif(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        return m
