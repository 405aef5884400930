# SPDX-License-Identifier: Apache-2.0
"""Proofs about rows and results at the host port: buffers and credits are enough, and a silent host keeps no flit."""

import pytest
from amaranth.hdl import Assert, Assume, Cover, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.chip.host_results import HostResults
from octopus_hw.chip.host_rows import HostRows
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import ROW_BUFFERS
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.route import header_of
from octopus_sim import formal

pytestmark = pytest.mark.formal

CONFIG = Config(
    data_width=128, coord_bits=3, buffer_words=4, tbus=1, peas=1, queue_depth=1, max_blocks=2, max_flows=2,
    max_instances=2, store_words=16, join_records=2, home_records=2, list_depth=2,
)  # fmt: skip
TILES = 6


class RowProperties(wiring.Component):
    """No more ROWs are told than there are buffers, and rows leave in that order; the host sends what it is asked."""

    def __init__(self, buffers: int = ROW_BUFFERS) -> None:
        self.buffers = buffers
        flags = {name: In(1) for name in ("asks", "takes", "counts", "credit")}
        super().__init__(flags | {"x": In(3), "y": In(3), "came": In(32)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.device = device = HostRows(TILES, CONFIG, XY)
        left, fills = Signal(2), Signal()
        # What a host does that answers what it was told; it may wait between two commands.
        m.d.comb += [
            fills.eq(left != 0),
            device.came.eq(self.came),
            device.counts.eq(self.counts),
            device.fills.eq(fills),
            device.filled.eq(Mux(fills, left == 1, self.counts & (self.came == 0))),
            Assume(~self.counts | (device.due & ~fills & (self.came <= 2))),
            Assume(~fills | (self.came == 0)),
            device.told.ready.eq(self.takes),
            device.i.valid.eq(self.asks),
            device.i.payload.source_x.eq(self.x),
            device.i.payload.source_y.eq(self.y),
            Assume(~self.asks | device.i.ready),
        ]
        m.d.sync += left.eq(Mux(self.counts, self.came[:2], left - fills))
        # Flits that the tile has not taken from its queue.
        waiting = Signal(range(CONFIG.data_depth + 2))
        m.d.sync += waiting.eq(waiting + device.link.valid - self.credit)
        m.d.comb += [device.link.credit.eq(self.credit), Assume(~self.credit | (waiting != 0))]
        told, gone, first = Signal(4), Signal(4), Signal(init=1)
        is_told, leaves = device.told.valid & self.takes, device.link.valid & device.link.payload.last
        m.d.sync += [told.eq(told + is_told), gone.eq(gone + leaves)]
        with m.If(device.link.valid):
            m.d.sync += first.eq(device.link.payload.last)
        number, place, known = formal.any_const(m, 4, "number_of_one"), Signal(6), Signal()
        with m.If(is_told & (told == number)):
            m.d.sync += [place.eq(device.told.payload.source_x | device.told.payload.source_y << 3), known.eq(1)]
        header = header_of(CONFIG, device.link.payload.data)
        m.d.comb += [
            Assume(told < 12),
            Assert((told + is_told - gone - leaves)[:4] <= self.buffers),
            Assert(waiting <= CONFIG.data_depth),
            Assert(~(device.link.valid & first & (gone == number)) | (known & (header.x | header.y << 3 == place))),
            Cover((gone == 1) & (told == 5)),
        ]
        return m


def test_buffers_are_enough_and_rows_keep_their_order() -> None:
    formal.bmc(RowProperties(), depth=11)
    formal.cover(RowProperties(), depth=14)


def test_fewer_buffers_are_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(RowProperties(buffers=ROW_BUFFERS - 1), depth=8)


class ResultProperties(wiring.Component):
    """As many SENDs as credits, no more results than buffers, each goes on in its order, and what comes is taken."""

    def __init__(self, buffers: int = ROW_BUFFERS) -> None:
        self.buffers = buffers
        flags = {name: In(1) for name in ("offers", "gives", "credit", "comes", "takes")}
        super().__init__(flags | {"more": In(2), "flit": In(struct(layouts(CONFIG).flit))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.device = device = HostResults(TILES, CONFIG)
        given, asked, come, gone = (Signal(6, name=name) for name in ("given", "asked", "come", "gone"))
        sends, ends = device.send.valid[1], self.comes & self.flit.last
        unanswered = Signal(4)
        m.d.comb += [
            device.i.valid.eq(self.offers),
            Assume(~self.offers | device.i.ready),
            device.gives.eq(self.gives),
            device.more.eq(self.more),
            device.send.credit.eq(self.credit << 1),
            Assume(~self.credit | (unanswered != 0)),
            device.o.ready.eq(self.takes),
            device.link.valid.eq(self.comes),
            device.link.payload.eq(self.flit),
            # Tiles send what they were asked for.
            Assume(~self.comes | (come != asked)),
            Assume(given < 40),
        ]
        m.d.sync += [
            given.eq(given + Mux(self.gives, self.more, 0)),
            asked.eq(asked + sends),
            unanswered.eq(unanswered + sends - self.credit),
            come.eq(come + ends),
            gone.eq(gone + device.freed),
        ]
        number, tag, known = formal.any_const(m, 6, "number_of_one"), Signal(24), Signal()
        instance = self._packets(m)
        with m.If(ends & (come == number)):
            m.d.sync += [tag.eq(instance), known.eq(1)]
        part = Signal(2)
        with m.If(device.o.valid & self.takes):
            m.d.sync += part.eq(Mux(device.o.payload.last, 0, part + 1))
        came = Signal(2)
        m.d.sync += came.eq(came << 1 | self.comes)
        m.d.comb += [
            Assert(asked + sends <= given),
            Assert(asked + sends - gone <= self.buffers),
            # Whatever the host does, a flit gives its credit back in the second cycle.
            Assert(device.link.credit == came[1]),
            Assert(~(device.o.valid & (part == 1) & (gone == number)) | (known & (device.o.payload.word == tag))),
            Assert(~device.o.valid | (gone != come)),
            Cover(gone == 2),
            Cover((asked == 4) & (gone == 0) & (come == 4)),
        ]
        return m

    def _packets(self, m: Module) -> Value:
        """Assume packets of one flit: a head whose token has no words. Return its instance."""
        head = layouts(CONFIG).token_head
        assert head.size <= CONFIG.data_width
        whole = struct(head)(self.flit.data[: head.size])
        m.d.comb += [
            Assume(~self.comes | (self.flit.last & (whole.token.words == 0) & ~whole.header.config)),
        ]
        return Value.cast(whole.token.instance)


def test_credits_and_buffers_are_enough_and_a_silent_host_keeps_no_flit() -> None:
    formal.bmc(ResultProperties(), depth=11)
    formal.cover(ResultProperties(), depth=15)


def test_fewer_result_buffers_are_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(ResultProperties(buffers=ROW_BUFFERS - 1), depth=9)
