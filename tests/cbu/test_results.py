# SPDX-License-Identifier: Apache-2.0
"""Proofs about the results that wait for the host."""

import pytest
from amaranth.hdl import Assert, Assume, Cover, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.cbu.results import Results
from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_sim import formal

pytestmark = pytest.mark.formal

SMALL = Config(max_instances=3, home_records=4)


class ResultProperties(wiring.Component):
    """Every result has room, is asked for once, after those before it, and is sent when it has been asked for.

    As many instances as there are slots are under way (`flying`), wait here, or are `sending`; the host answers each
    RESULT with a SEND.
    """

    def __init__(self, *, careless: bool = False) -> None:
        self.careless = careless
        super().__init__({"begin": In(1), "push": In(1), "record": In(2), "ready": In(1), "send": In(1), "left": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = Results(SMALL)
        flying, sending, owed, level = Signal(4), Signal(4), Signal(), unit.queue.level
        room = flying + level + sending < (4 if self.careless else 3)
        m.d.comb += [
            unit.push.eq(self.push),
            unit.record.eq(self.record),
            unit.o.ready.eq(self.ready),
            unit.pop.eq(self.send),
            unit.left.eq(self.left),
            Assume(~self.begin | room),
            Assume(~self.push | (flying != 0)),
            Assume(~self.send | owed),
            Assume(~self.left | (sending != 0)),
        ]
        m.d.sync += [
            flying.eq(flying + self.begin - self.push),
            sending.eq(sending + self.send - self.left),
            owed.eq((owed | unit.o.valid & self.ready) & ~self.send),
        ]
        m.d.comb += [
            Assert(~self.push | unit.queue.i.ready),
            Assert(~self.send | unit.queue.o.valid),
            Assert(unit.asked == owed),
            Assert(~owed | (level != 0)),
            Assert(unit.o.valid == ((level != 0) & ~owed)),
            Assert(unit.some == (level + sending != 0)),
            Assert(flying + level + sending <= (4 if self.careless else 3)),
            Assert(~unit.o.valid | ((unit.o.payload.message == Message.RESULT) & unit.o.payload.host)),
            Cover((level == 3) & owed),
            Cover((sending == 2) & self.push & self.left),
        ]
        self._order(m, unit)
        return m

    def _order(self, m: Module, unit: Results) -> None:
        """Follow one result: those before it leave first, and then its record is the head."""
        watched, chosen = formal.any_const(m, 2, "watched"), formal.any_seq(m, 1, "chosen")
        here, before = Signal(), Signal(3)
        m.d.comb += Assume(~chosen | (self.push & (self.record == watched) & ~here))
        m.d.comb += Assert(~here | (before < unit.queue.level))
        with m.If(chosen):
            m.d.sync += [here.eq(1), before.eq(unit.queue.level - self.send)]
        with m.Elif(here & self.send):
            m.d.sync += [here.eq(before != 0), before.eq(before - (before != 0))]
        with m.If(here & (before == 0)):
            m.d.comb += Assert(unit.head == watched)


def test_results_have_room_and_keep_their_order() -> None:
    formal.bmc(ResultProperties(), depth=9, registers=True)
    formal.cover(ResultProperties(), depth=12, registers=True)


def test_a_slot_too_many_is_caught() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(ResultProperties(careless=True), depth=9, registers=True)
