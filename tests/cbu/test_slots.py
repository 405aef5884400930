# SPDX-License-Identifier: Apache-2.0
"""Proofs about slots, and about the results that keep them."""

import pytest
from amaranth.hdl import Assert, Assume, Cover, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.cbu.slots import Slots
from octopus_hw.contract.config import Config
from octopus_sim import formal

pytestmark = pytest.mark.formal

SMALL = Config(max_instances=3)


class SlotProperties(wiring.Component):
    """A slot in use is not taken, one that is free is told to be; of several the lowest of the stream's is.

    In use are those of instances that are under way (`flying`) and those whose results have not left (`kept`).
    """

    def __init__(self, *, careless: bool = False) -> None:
        self.careless = careless
        super().__init__({"take": In(1), "retire": In(1), "keep": In(1), "slot": In(2), "left": In(1), "sent": In(2)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = Slots(SMALL)
        flying, kept, mask = Signal(3), Signal(3), formal.any_const(m, 3, "mask")
        retired, sent = (
            Mux(valid, 1 << slot, 0)[:3] for valid, slot in ((self.retire, self.slot), (self.left, self.sent))
        )
        taken = Mux(self.take, 1 << unit.lowest, 0)[:3]
        m.d.comb += [
            unit.mask.eq(mask),
            unit.take.eq(self.take),
            unit.retire.valid.eq(self.retire & ~self.keep),
            unit.retire.slot.eq(self.slot),
            unit.left.valid.eq(self.left),
            unit.left.slot.eq(self.sent),
            Assume(~self.take | unit.some),
            Assume(~self.retire | ((self.slot < 3) & flying.bit_select(self.slot, 1))),
            Assume(~self.left | ((self.sent < 3) & kept.bit_select(self.sent, 1))),
        ]
        m.d.sync += [
            flying.eq((flying | taken) & ~retired),
            kept.eq((kept | Mux(self.keep | self.careless, retired, 0)) & ~sent),
        ]
        m.d.comb += [
            Assert(unit.free == ~(flying | kept)),
            Assert((flying & kept) == 0),
            Assert(unit.some == ((unit.free & mask) != 0)),
            Assert(((taken & ~mask) == 0) & ((taken & (flying | kept)) == 0)),
            Assert(~unit.some | ((unit.free & mask & ((1 << unit.lowest) - 1)) == 0)),
            Cover((flying == 0) & kept.all() & self.left),
            Cover(self.retire & ~self.keep & self.left & self.take),
        ]
        return m


def test_a_slot_is_taken_once_and_freed_once() -> None:
    formal.prove(SlotProperties(), depth=2)
    formal.cover(SlotProperties(), depth=9)


def test_a_slot_that_is_freed_while_its_result_waits_is_caught() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(SlotProperties(careless=True), depth=5)
