# SPDX-License-Identifier: Apache-2.0
"""Proofs that what a sender sends is what a receiver receives, and that every place is released once."""

import pytest
from amaranth.hdl import Array, Assert, Assume, Cat, Cover, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, connect

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.rows import per_row
from octopus_hw.noc.receiver import Receiver
from octopus_hw.noc.sender import Sender
from octopus_sim import formal

pytestmark = pytest.mark.formal

SMALL = {
    "tbus": 1, "peas": 1, "queue_depth": 4, "buffer_words": 4, "coord_bits": 3, "max_blocks": 2, "max_flows": 2,
    "max_instances": 2, "store_words": 16, "config_words": 8,
}  # fmt: skip
#: Heads of two flits and rows of two words; heads of one flit and rows of four.
CONFIGS = [Config(data_width=64, **SMALL), Config(data_width=128, **SMALL)]
BY_WIDTH = pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.data_width} bits")


class PacketProperties(wiring.Component):
    """A command's packet comes out as it went in: where it goes, its token, and each word of its slice, in order.

    One command, of at most four words of eight; the receiver waits for as long as it likes before the end, and what is
    read while the sender does not read is anything.
    """

    def __init__(self, config: Config, *, swapped: bool = False) -> None:
        self.config = config
        self.swapped = swapped
        super().__init__({"hold": In(1), "noise": In(config.data_width)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        per = per_row(self.config)
        m.submodules.sender = sender = Sender(self.config)
        m.submodules.receiver = receiver = Receiver(self.config)
        connect(m, sender.tx, receiver.rx)
        layout = struct(layouts(self.config).command)
        command = layout(formal.any_const(m, layout.as_shape().size, "command"))
        self.words = [formal.any_const(m, 32, f"word_{number}") for number in range(8)]
        told, row = Signal(), Signal(self.config.data_width)
        m.d.sync += [told.eq(1), row.eq(self.noise)]
        for index in range(8 // per):
            words = self.words[per * index : per * index + per]
            with m.If(sender.rows.reads & (sender.rows.index == index)):
                m.d.sync += row.eq(Cat(reversed(words) if self.swapped else words))
        m.d.comb += [
            sender.command.valid.eq(~told),
            sender.command.payload.eq(command),
            Assume(~command.empty & (command.length <= 8) & (command.begin <= 1)),
            Assume((command.words <= 4) & (command.room <= 1)),
            receiver.hold.eq(self.hold),
            sender.rows.data.eq(row),
        ]
        self._look(m, sender, receiver, command)
        return m

    def _look(self, m: Module, sender: Sender, receiver: Receiver, command: Value) -> None:
        """Say what is to come."""
        per, come, done = per_row(self.config), Signal(3), Signal()
        begin, room = command.begin << 2, command.room << 2
        there = Mux(command.length > begin, command.length - begin, 0)
        length, sent = Signal(3), Signal(3)
        m.d.comb += [
            length.eq(Mux(there < command.words, there, command.words)),
            sent.eq(Mux(length < room, room, length)),
        ]
        head, token = receiver.token, struct(layouts(self.config).token)(Signal(len(receiver.token.token.as_value())))
        m.d.comb += [token.eq(command.token), token.words.eq(sent)]
        for j in range(per):
            at = (come * per + j)[:3]
            word = Mux(at < length, Array(self.words)[(begin + at)[:3]], 0)
            m.d.comb += Assert(~receiver.rows.valid | (receiver.rows.data.word_select(j, 32) == word))
        m.d.comb += [
            Assert(~receiver.rows.valid | ((receiver.rows.index == come) & (receiver.rows.target == command.arg))),
            Assert(~receiver.rows.valid | (come * per < sent)),
            Assert(~receiver.accepts | (head.token.as_value() == token.as_value())),
            Assert(~receiver.accepts | ((head.arg == command.arg) & (head.header.unit == command.unit))),
            Assert(~receiver.accepts | ((head.header.x == command.x) & (head.header.y == command.y))),
            Assert(~receiver.accepts | ((come + receiver.rows.valid) * per >= sent)),
            Assert(~(receiver.accepts & done) & ~receiver.loaded),
            Assert(sender.release.valid <= command.release),
            Cover(receiver.accepts & (sent == 4) & (length == 1)),
        ]
        m.d.sync += [come.eq(come + receiver.rows.valid), done.eq(done | receiver.accepts)]


@BY_WIDTH
def test_a_packet_comes_out_as_it_went_in(config: Config) -> None:
    formal.bmc(PacketProperties(config), depth=11, registers=True)
    formal.cover(PacketProperties(config), depth=11, registers=True)


def test_words_in_the_wrong_order_are_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(PacketProperties(CONFIGS[0], swapped=True), depth=11, registers=True)


class ReleaseProperties(wiring.Component):
    """Places are released in the order of their commands: with the last flit, or while no packet is under way.

    Commands come when they like; of those that release a place the numbers of the places go round.
    """

    def __init__(self, config: Config, *, lost: bool = False) -> None:
        self.config = config
        self.lost = lost
        command = struct(layouts(config).command)
        super().__init__({"valid": In(1), "command": In(command), "ready": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.sender = sender = Sender(self.config)
        told, seen = Signal(2), Signal(2)
        tx, command, release = sender.tx, sender.command, sender.release
        m.d.comb += [
            command.payload.eq(self.command),
            command.payload.source.eq(told),
            command.valid.eq(self.valid),
            tx.ready.eq(self.ready),
        ]
        pushed = command.valid & command.ready
        leaves, ends = tx.valid & tx.ready, Signal()
        m.d.comb += ends.eq(leaves & tx.payload.last)
        under_way, ended = Signal(), Signal()
        with m.If(tx.valid):
            m.d.sync += under_way.eq(~ends)
        m.d.sync += [
            told.eq(told + (pushed & (command.payload.release | self.lost))),
            seen.eq(seen + release.valid),
            ended.eq(ends),
        ]
        m.d.comb += [
            Assert(~release.valid | (release.place == seen)),
            Assert(~release.valid | ends | ~tx.valid),
            # What has begun stays to its end, and reads in none of the cycles of its end.
            Assert(~under_way | tx.valid),
            Assert(~(sender.rows.reads & ends) & ~(sender.rows.reads & ~tx.valid)),
            Cover(release.valid & ended & ~tx.valid),
            Cover(release.valid & ends & ~sender.vacant),
        ]
        idle = Signal()
        m.d.sync += idle.eq(sender.vacant & ~tx.valid & ~pushed)
        m.d.comb += Assert(~(idle & sender.vacant & ~tx.valid) | (told == seen))
        return m


@BY_WIDTH
def test_every_place_is_released_once_in_order(config: Config) -> None:
    formal.bmc(ReleaseProperties(config), depth=11, registers=True)
    formal.cover(ReleaseProperties(config), depth=11, registers=True)


def test_a_place_that_is_not_released_is_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(ReleaseProperties(CONFIGS[0], lost=True), depth=11, registers=True)
