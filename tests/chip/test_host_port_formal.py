# SPDX-License-Identifier: Apache-2.0
"""Proofs about the host port: an error stays and lets nothing through, and a STATUS is answered soon."""

import pytest
from amaranth.hdl import Assert, Assume, Cover, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.chip.host_commands import HostCommands
from octopus_hw.chip.host_replies import HostReplies
from octopus_hw.chip.host_results import Marked
from octopus_hw.contract.codes import BootOp, Message, PortState
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_sim import formal

pytestmark = pytest.mark.formal

CONFIG = Config()


class ErrorProperties(wiring.Component):
    """Behind an error all words for the tiles are 0, and state, error and place stay, until a RESET passes."""

    def __init__(self, *, forgets: bool = False) -> None:
        self.forgets = forgets
        super().__init__({"word": In(32), "valid": In(1), "taken": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.device = device = HostCommands(3, 2, CONFIG, 10, 4)
        m.d.comb += [device.word.eq(self.word), device.valid.eq(self.valid), device.taken.eq(self.taken)]
        was, error, place, passes = Signal(), Signal(4), Signal(32), Signal()
        failed = device.state == PortState.FAILED
        m.d.sync += [was.eq(failed), error.eq(device.error), place.eq(device.words), passes.eq(device.passes)]
        reset = device.passes & (device.passed[28:] == BootOp.RESET)
        stays = failed & (device.error == error) & (device.words == place) & (device.passed == 0)
        m.d.comb += [
            Assert(~was | reset | (stays if not self.forgets else device.error == 0)),
            # There is an error just where the state says so.
            Assert(failed == (device.error != 0)),
            Cover(failed & was & device.passes & device.asked),
        ]
        return m


def test_an_error_stays_and_nothing_passes_until_a_reset() -> None:
    formal.prove(ErrorProperties(), depth=3)
    formal.cover(ErrorProperties(), depth=8)


def test_an_error_that_is_forgotten_is_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(ErrorProperties(forgets=True), depth=8)


class StartProperties(wiring.Component):
    """A port becomes SEALED from LOADING alone, and STARTED from SEALED alone."""

    def __init__(self) -> None:
        super().__init__({"word": In(32), "valid": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.device = device = HostCommands(3, 2, CONFIG, 10, 4)
        m.d.comb += [device.word.eq(self.word), device.valid.eq(self.valid)]
        before, started = Signal(3), device.state == PortState.STARTED
        m.d.sync += before.eq(device.state)
        sealed = (before == PortState.SEALED) | (before == PortState.STARTED)
        m.d.comb += [
            Assert(~started | sealed),
            Assert((device.state != PortState.SEALED) | (before == PortState.LOADING) | (before == PortState.SEALED)),
            Cover(started),
        ]
        return m


def test_a_chip_starts_only_when_it_was_sealed() -> None:
    formal.bmc(StartProperties(), depth=12)
    formal.cover(StartProperties(), depth=14)


class StatusProperties(wiring.Component):
    """Behind a STATUS no more than what has begun, here 5 words at most, goes out before its answer."""

    def __init__(self, most: int = 5) -> None:
        self.most = most
        message = struct(layouts(CONFIG).control_flit)
        members = {"message": In(message), "valid": In(1), "drops": In(1), "asked": In(1), "ready": In(1)}
        members |= {"told": In(1), "result": In(Marked), "results": In(1)}
        super().__init__(members | {"state": In(3), "error": In(4), "words": In(32)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.device = device = HostReplies(3, 2, CONFIG)
        m.d.comb += [
            Value.cast(device.i.payload).eq(Value.cast(self.message)),
            device.i.valid.eq(self.valid),
            device.told.valid.eq(self.told),
            Value.cast(device.told.payload).eq(Value.cast(self.message)),
            device.results.valid.eq(self.results),
            device.results.payload.eq(self.result),
            device.o.ready.eq(self.ready),
            *(getattr(device, name).eq(getattr(self, name)) for name in ("drops", "asked", "state", "error", "words")),
            # What else goes out never looks like the first word of an answer.
            Assume((self.message.payload != Message.STATUS) & (self.words != Message.STATUS)),
            Assume((self.message.message != Message.STATUS) & (self.result.word != Message.STATUS)),
        ]
        number = Signal(range(6))
        with m.If(device.results.valid & device.results.ready):
            m.d.sync += number.eq(Mux(self.result.last, 0, number + 1))
        with m.If(self.drops):
            m.d.sync += number.eq(0)
        m.d.comb += Assume(self.result.last | (number < 4))
        owed, taken, before, held = Signal(), Signal(4), Signal(), Signal(32)
        takes, begins = device.o.valid & self.ready, device.o.valid & (device.o.payload == Message.STATUS)
        m.d.sync += [before.eq(device.o.valid & ~self.ready & ~self.drops), held.eq(device.o.payload)]
        with m.If(self.asked):
            m.d.sync += [owed.eq(1), taken.eq(0)]
        with m.Elif(owed):
            m.d.sync += taken.eq(taken + takes)
        answered = begins & ~self._again(m, begins & ~takes)
        with m.If(owed & answered & ~self.asked):
            m.d.sync += owed.eq(0)
        m.d.comb += [
            Assert(~owed | (taken <= self.most)),
            Assert(~before | (device.o.valid & (device.o.payload == held))),
            Cover(owed & (taken == self.most) & answered),
        ]
        return m

    @staticmethod
    def _again(m: Module, waits: Value) -> Value:
        """Whether the first word of an answer was there in the cycle before."""
        waited = Signal()
        m.d.sync += waited.eq(waits)
        return waited


def test_a_status_is_answered_before_all_that_has_not_begun() -> None:
    formal.bmc(StatusProperties(), depth=16)
    formal.cover(StatusProperties(), depth=16)


def test_a_status_that_waits_too_long_is_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(StatusProperties(most=4), depth=16)
