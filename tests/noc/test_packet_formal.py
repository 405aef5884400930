# SPDX-License-Identifier: Apache-2.0
"""Proof that what a sender sends is what a receiver receives."""

from typing import Any

import pytest
from amaranth.hdl import Assert, Assume, Cover, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, connect

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.packet import Receiver, Sender
from octopus_sim import formal

pytestmark = pytest.mark.formal

CONFIG = Config()
COMMAND = struct(layouts(CONFIG).command)


class PacketProperties(wiring.Component):
    """A command's packet comes out as it went in: its token, where it goes, and each of its words, once and in order.

    One command, of at most two words; the receiver waits for as long as it likes before the end.
    """

    def __init__(self, *, swapped: bool = False) -> None:
        self.swapped = swapped
        super().__init__({"hold": In(1), "data": In(32)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.sender = sender = Sender(CONFIG, False)
        m.submodules.receiver = receiver = Receiver(CONFIG)
        connect(m, sender.tx, receiver.rx)
        command = COMMAND(formal.any_const(m, COMMAND.description.size, "command"))
        words = [formal.any_const(m, 32, f"word_{number}") for number in range(2)]
        told, come, done, index = Signal(), Signal(2), Signal(), Signal(2)
        m.d.sync += [told.eq(1), index.eq(sender.words.index)]
        m.d.comb += [
            sender.command.valid.eq(~told),
            sender.command.payload.eq(command),
            Assume(~command.empty & (command.words <= 2)),
            receiver.hold.eq(self.hold),
            sender.words.data.eq(words[0]),
            Assert(~receiver.done | (receiver.token.as_value() == command.token.as_value())),
            Assert(~receiver.done | (come == command.words)),
            Assert(~(receiver.done & done)),
            Assert(sender.release.valid <= command.release),
            Cover(receiver.done & (command.words == 2)),
        ]
        with m.If(index[0] ^ self.swapped):
            m.d.comb += sender.words.data.eq(words[1])
        with m.If(receiver.word.valid):
            m.d.sync += come.eq(come + 1)
            m.d.comb += [
                Assert(receiver.word.index == come),
                Assert(come < command.words),
            ]
        self._header(m, receiver, command, words, come)
        with m.If(receiver.done):
            m.d.sync += done.eq(1)
        return m

    def _header(self, m: Module, receiver: Receiver, command: Any, words: list[Signal], come: Signal) -> None:
        """Show that words and header are the command's."""
        header = receiver.header
        with m.If(receiver.word.valid):
            for number, word in enumerate(words):
                m.d.comb += Assert((come != number) | (receiver.word.data == word))
            m.d.comb += [Assert(header.arg == command.arg), Assert(header.unit == command.unit)]
            m.d.comb += [Assert((header.x == command.x) & (header.y == command.y)), Assert(~header.config)]


def test_a_packet_comes_out_as_it_went_in() -> None:
    formal.bmc(PacketProperties(), depth=13, registers=True)
    formal.cover(PacketProperties(), depth=13, registers=True)


def test_words_in_the_wrong_order_are_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(PacketProperties(swapped=True), depth=13, registers=True)
