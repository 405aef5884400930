# SPDX-License-Identifier: Apache-2.0
"""Proofs that each row of a result is read and written once and at its time; `test_tally.py` has its words."""

import pytest
from amaranth.hdl import Assert, Assume, Cover, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.contract.config import Config
from octopus_hw.tbu.walk import Walk
from octopus_sim import formal

pytestmark = pytest.mark.formal

SMALL = Config(data_width=64, buffer_words=8, queue_depth=2)
W, MOST, ROWS = 2, 8, 4


class WalkProperties(wiring.Component):
    """Rows with operands are read in order, then those with words beyond them are written in order, each once.

    The unit neither reads nor writes when somebody else does, and is done in time, with the last row and not before.
    Assumed: operands and result fit the place.
    """

    def __init__(self, *, broken: str = "") -> None:
        self.broken = broken
        super().__init__({"valid": In(1), "operands": In(4), "words": In(4), "reading": In(1), "writing": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = self.unit = unit = Walk(SMALL)
        m.d.comb += [
            unit.result.valid.eq(self.valid),
            unit.result.payload.operands.eq(self.operands),
            unit.result.payload.words.eq(self.words),
            unit.reading.eq(0 if self.broken == "reading" else self.reading),
            unit.writing.eq(0 if self.broken == "writing" else self.writing),
            Assume((self.operands <= MOST) & (self.words <= MOST)),
            Assert(~(unit.read.reads & self.reading)),
            Assert(~(unit.write.valid & self.writing)),
        ]
        self._expected(m)
        self._rows(m)
        self._end(m)
        return m

    def _expected(self, m: Module) -> None:
        """Remember the result under way: how many rows are read, and which ones are written."""
        self.held, self.end = Signal(4), Signal(4)
        self.read, self.written, self.late = Signal(4), Signal(4), Signal(4)
        least = Mux(self.operands < self.words, self.operands, self.words)
        with m.If(self.valid & self.unit.result.ready):
            end = (self.words + W - 1) >> 1
            m.d.sync += [
                self.held.eq((least + W - 1) >> 1),
                self.end.eq(end),
                self.written.eq(Mux(self.words > self.operands, self.operands >> 1, end)),
                self.read.eq(0),
                self.late.eq(0),
            ]

    def _rows(self, m: Module) -> None:
        """Show that rows are read and written in order, and a row that was read two cycles later at the earliest."""
        unit, came = self.unit, Signal()
        m.d.sync += came.eq(unit.read.reads)
        with m.If(unit.read.reads):
            m.d.comb += [
                Assert(~unit.result.ready),
                Assert(unit.read.index == self.read),
                Assert(self.read < self.held),
            ]
            m.d.sync += self.read.eq(self.read + 1)
        with m.If(unit.write.valid):
            m.d.comb += [
                Assert(~unit.result.ready & (self.read == self.held) & ~came),
                Assert(unit.write.index == self.written),
                Assert(self.written < self.end),
            ]
            m.d.sync += self.written.eq(self.written + 1)

    def _end(self, m: Module) -> None:
        """Show that the unit is idle when all rows are read and written, and says so, within the cycles it was free."""
        unit, busy = self.unit, Signal()
        m.d.sync += busy.eq(~unit.result.ready)
        m.d.comb += [
            Assert(unit.done == (busy & unit.result.ready)),
            Assert(~unit.done | ((self.read == self.held) & (self.written == self.end))),
            Assert(self.late <= 2 * ROWS + 2),
            Cover(unit.done & (self.held == 1) & (self.end == ROWS)),
            Cover(unit.done & (self.end == 0)),
        ]
        with m.If(~unit.result.ready & ~self.reading & ~self.writing):
            m.d.sync += self.late.eq(self.late + 1)


def test_each_row_is_read_and_written_once() -> None:
    formal.bmc(WalkProperties(), depth=12)
    formal.cover(WalkProperties(), depth=12)


@pytest.mark.parametrize("broken", ["reading", "writing"])
def test_a_unit_that_does_not_wait_is_found_out(broken: str) -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(WalkProperties(broken=broken), depth=12)
