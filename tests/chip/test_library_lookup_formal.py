# SPDX-License-Identifier: Apache-2.0
"""Proofs that each request comes out once, for the tile that has the configuration, and that turns go round."""

import pytest
from amaranth.hdl import Array, Assert, Assume, Cover, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, connect, flipped

from octopus_hw.chip.library_lookup import LibraryLookup
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import Loads
from octopus_hw.interfaces.payload import payload_as
from octopus_sim import formal
from tests.noc.properties import points_to

pytestmark = pytest.mark.formal

CONFIG = Config(tbus=3, max_blocks=4, coord_bits=3)
WIDTHS = layouts(CONFIG)


class RequestProperties(wiring.Component):
    """A request that is taken is what is offered from the next cycle on, until it has moved; nothing else ever is.

    While nothing is held the first one that asks, counting cyclically from the pointer, is taken, and no other; the
    pointer goes behind it. With `stuck` the pointer is thought to stay.
    """

    def __init__(self, *, stuck: bool = False) -> None:
        self.stuck = stuck
        super().__init__({"asks": In(CONFIG.tbus), "blocks": In(WIDTHS.block).array(CONFIG.tbus), "ready": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        tbus = CONFIG.tbus
        m.submodules.lookup = lookup = LibraryLookup(CONFIG)
        m.d.comb += lookup.o.ready.eq(self.ready)
        held, block, tbu, pointer = Signal(), Signal(WIDTHS.block), Signal(WIDTHS.tbu), Signal(range(tbus))
        first, asked = Signal(range(tbus)), payload_as(WIDTHS.config_request, lookup.o.payload)
        for distance in reversed(range(tbus)):
            number = Array([at % tbus for at in range(2 * tbus)])[pointer + distance]
            with m.If(Array(self.asks)[number]):
                m.d.comb += first.eq(number)
        for number, port in enumerate(lookup.i):
            taken = self.asks[number] & ~held & (first == number)
            m.d.comb += [port.valid.eq(self.asks[number]), port.payload.eq(self.blocks[number])]
            m.d.comb += Assert((port.ready & port.valid) == taken)
        with m.If(held):
            m.d.sync += held.eq(~self.ready)
        with m.Elif(self.asks.any()):
            m.d.sync += [held.eq(1), block.eq(Array(self.blocks)[first]), tbu.eq(first)]
            m.d.sync += pointer.eq(Mux(self.stuck | (first == tbus - 1), 0, first + 1))
        m.d.comb += [
            Assert(lookup.o.valid == held),
            Assert(~held | ((asked.block == block) & (asked.tbu == tbu))),
            Assert(pointer < tbus),
            *(Assert((pointer != number) | points_to(lookup.arbiter, number)) for number in range(tbus)),
        ]
        return m


class TileProperties(wiring.Component):
    """A CONFIG goes to the tile that was loaded last for its block; tables are loaded while nobody asks."""

    def __init__(self, *, late: bool = False) -> None:
        self.late = late
        super().__init__({"loads": In(Loads), "asks": In(CONFIG.tbus), "blocks": In(WIDTHS.block).array(CONFIG.tbus)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.lookup = lookup = LibraryLookup(CONFIG)
        connect(m, flipped(self.loads), lookup.loads)
        for number, port in enumerate(lookup.i):
            m.d.comb += [port.valid.eq(self.asks[number]), port.payload.eq(self.blocks[number])]
        block, tile = formal.any_const(m, WIDTHS.block, "block"), Signal(WIDTHS.library_tile.size)
        word, out = self.loads.word, lookup.o.payload
        with m.If(self.loads.valid & (word.memory == LoadTarget.LIBRARY_TILE) & (word.address == block)):
            m.d.sync += tile.eq(word.data)
        told = lookup.o.valid & (payload_as(WIDTHS.config_request, out).block == block)
        m.d.comb += [
            Assume(~self.loads.valid | ~self.asks.any() | self.late),
            Assume(~self.loads.valid | ~lookup.o.valid),
            Assume(word.address < CONFIG.max_blocks),
            Assert(~told | ((out.x == tile[: WIDTHS.coord]) & (out.y == tile[WIDTHS.coord :]))),
            Cover(told & (tile == 0b010_101)),
        ]
        return m


def test_a_request_comes_out_once_and_turns_go_round() -> None:
    formal.prove(RequestProperties(), depth=2, registers=True)


def test_a_pointer_that_stays_is_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(RequestProperties(stuck=True), depth=5, registers=True)


def test_it_goes_to_the_tile_of_the_table() -> None:
    formal.bmc(TileProperties(), depth=8, registers=True)
    formal.cover(TileProperties(), depth=8, registers=True)


def test_a_table_that_changes_while_it_is_read_is_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(TileProperties(late=True), depth=8, registers=True)
