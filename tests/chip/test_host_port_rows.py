# SPDX-License-Identifier: Apache-2.0
"""The whole port with rows and results: what goes where, what is printed, and what a RESET drops."""

import contextlib
import io
from itertools import pairwise

import numpy as np
import pytest
from amaranth.hdl import Value

import octopus_sim.reference.conventions as reference
from octopus_hw.chip.host_port import HostPort
from octopus_hw.contract.codes import BootOp, HostEvent, Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.boot import identity_words, seal_words, start_words
from octopus_hw.noc.dimension_order import XY
from octopus_sim.host_events import parse_host_events
from tests.noc.packets import token_packet
from tests.noc.samples import Note
from tests.noc.samples_control import travels
from tests.simulate import simulate

CONFIG = Config(coord_bits=3, join_records=8, buffer_words=9, link_latency=2)
ROW, CREDIT, RESET = (op << 28 for op in (BootOp.ROW, BootOp.CREDIT, BootOp.RESET))
L = CONFIG.link_latency


class Rig:
    """Tile 0,0 and a host around a port, stepped together."""

    def __init__(self, ctx, device):
        self.ctx, self.device, self.cycle = ctx, device, 0
        self.control, self.data = reference.LinkSender(CONFIG.link_depth, L, 2), reference.LinkSender(16, L, 1)
        self.data.credits = [CONFIG.data_depth]
        self.asks, self.flits, self.sends, self.rows, self.words = [], [], [], [], []
        #: Whether the tile takes rows, and the host words.
        self.takes_rows, self.takes = True, True

    async def step(self, word=None):
        """Pass a cycle, in which the host sends a word or none."""
        ctx, device = self.ctx, self.device
        assert ctx.get(device.i.ready)
        ctx.set(device.i.valid, word is not None)
        ctx.set(device.i.payload, int(word or 0))
        ctx.set(device.o.ready, self.takes)
        if self.takes and ctx.get(device.o.valid):
            self.words.append(ctx.get(device.o.payload))
        wire = self.control.wire
        ctx.set(device.control_in.valid, 2 if wire else 0)
        ctx.set(Value.cast(device.control_in.payload), travels(Note(wire[1], CONFIG)) if wire else 0)
        ask = (1, self.asks.pop(0)) if self.asks and self.control.can(1) else None
        self.control.step(ask, [False, bool(ctx.get(device.control_in.credit) >> 1)])
        wire = self.data.wire
        ctx.set(device.data_in.valid, wire is not None)
        ctx.set(Value.cast(device.data_in.payload), wire[1] if wire else 0)
        flit = (0, self.flits.pop(0)) if self.flits and self.data.can() else None
        self.data.step(flit, [bool(ctx.get(device.data_in.credit))])
        came = ctx.get(device.data_out.valid)
        if came:
            self.rows.append(ctx.get(Value.cast(device.data_out.payload)))
        ctx.set(device.data_out.credit, came and self.takes_rows)
        sent = ctx.get(device.control_out.valid)
        if sent:
            self.sends.append(ctx.get(Value.cast(device.control_out.payload)))
        ctx.set(device.control_out.credit, sent)
        self.cycle += 1
        await ctx.tick()

    async def send(self, *words):
        for word in words:
            await self.step(word)

    async def idle(self, cycles):
        for _ in range(cycles):
            await self.step()

    async def load_and_start(self, time=0, more=()):
        """Send an image without tables, more words, and a START; return the cycle in which the time word comes."""
        identity = np.concatenate([identity_words(2, 2, CONFIG), np.zeros(CONFIG.reset_cycles, np.uint32)])
        await self.send(*identity, *seal_words(identity), *more, *start_words(2, 2, time))
        return self.cycle - 1

    def ask(self, message, x, y, instance=0):
        fields = {"message": message, "source_x": x, "source_y": y, "payload": instance, "host": 1}
        self.asks.append(layouts(CONFIG).control_flit.pack(**fields))

    def result(self, x, y, instance, value, words):
        """Let a result come, and return its words for the host."""
        token = {"home_x": x, "home_y": y, "instance": instance, "value": value}
        flits = token_packet(CONFIG, {"x": 0, "y": 0, "unit": 7, "arg": 0}, token, words)
        self.flits += [data | last << CONFIG.data_width for data, last in flits]
        return [Message.RESULT | x << 4 | y << 11, instance, value | len(words) << 16, *words]


def row_flits(x, y, words):
    where = {"x": x, "y": y, "unit": 6, "arg": 0}
    return [data | last << CONFIG.data_width for data, last in token_packet(CONFIG, where, {}, words)]


def send_word(x, y):
    return travels(Note(layouts(CONFIG).control_flit.pack(message=Message.SEND, x=x, y=y), CONFIG))


def told(x, y, instance):
    return [Message.ROW | x << 4 | y << 11, instance]


def on_port(scenario, events=False):
    """Run a scenario; return what was printed."""
    device, printed = HostPort(2, 2, CONFIG, XY, events), io.StringIO()

    async def testbench(ctx):
        await scenario(Rig(ctx, device))

    with contextlib.redirect_stdout(printed):
        simulate(device, testbench)
    return printed.getvalue()


@pytest.mark.parametrize("time", [0, 4096])
def test_events_have_the_time_of_tile_0_0(time):
    expected = [(0, HostEvent.CREDIT, 7)]

    async def scenario(rig):
        await rig.idle(CONFIG.reset_cycles)
        # Two cycles to tile 0,0's link, L to its boot node, which takes it in cycle `time`.
        zero = await rig.load_and_start(time, (CREDIT, 7)) + 2 + L - time
        rig.ask(Message.ROW, 1, 0, 77)
        await rig.idle(20)
        await rig.send(ROW, 3, 5, 6, 7)
        # A word is checked in the cycle after it came.
        expected.append((rig.cycle - 1 + 2 - zero, HostEvent.ROW, 3))
        await rig.send(CREDIT, 2)
        expected.append((rig.cycle - 1 + 2 - zero, HostEvent.CREDIT, 2))
        rig.ask(Message.RESULT, 0, 1)
        await rig.idle(10)
        assert rig.words == told(1, 0, 77)
        assert (rig.rows, rig.sends) == (row_flits(1, 0, [5, 6, 7]), [send_word(0, 1)])
        words = rig.result(0, 1, 9, 4, [1, 2, 3])
        while len(rig.words) < 2 + len(words):
            await rig.step()
        assert rig.words[2:] == words
        # The last word was in the register when the host took it, in the cycle before this one.
        expected.append((rig.cycle - 1 - zero, HostEvent.TAKEN, 1))
        await rig.idle(4)

    assert parse_host_events(on_port(scenario, events=True).splitlines()).tolist() == expected
    expected.clear()
    assert on_port(scenario) == ""


def test_a_silent_host_is_told_and_sent_what_there_is_room_for_and_reads_go_past():
    async def scenario(rig):
        rig.takes = False
        await rig.idle(CONFIG.reset_cycles)
        await rig.load_and_start()
        await rig.send(CREDIT, 100)
        for number in range(4):
            rig.ask(Message.ROW, number % 2, number // 2, 60 + number)
            rig.ask(Message.RESULT, number % 2, number // 2)
        await rig.idle(20)
        results = [rig.result(number % 2, number // 2, number, 0, [number] * 9) for number in range(4)]
        await rig.idle(60)
        # All four results have left the mesh, and tiles that offer one more are not asked.
        assert rig.flits == [] and len(rig.sends) == 4
        rig.ask(Message.RESULT, 0, 0)
        await rig.idle(10)
        assert rig.asks == [] and len(rig.sends) == 4
        await rig.send(BootOp.STATUS << 28)
        await rig.send(BootOp.READ << 28 | 1 << 7 | 1, 1 << 16)
        for number in range(4):
            rig.ask(Message.DATA, number % 2, number // 2, 90 + number)
        await rig.idle(10)
        rig.takes = True
        await rig.idle(100)
        first, rest = rig.words[:2], rig.words[2:]
        assert first == told(0, 0, 60) and rest[:1] == [Message.STATUS]
        answers = [word for number in range(4)
                   for word in (Message.DATA | number % 2 << 4 | number // 2 << 11, 90 + number)]  # fmt: skip
        assert rest[5:13] == answers
        assert rest[13:19] == [word for number in range(1, 4) for word in told(number % 2, number // 2, 60 + number)]
        assert rest[19:] == [word for result in results for word in result]
        assert len(rig.sends) == 5

    on_port(scenario)


@pytest.mark.parametrize("half", [0, 1, 2, 3, 5])
def test_a_reset_drops_rows_results_and_credits(half):
    """Rows told, filled and half sent, results half taken and half come, credits left: all begins anew."""

    async def once(rig, rows_left, credits):
        """Everything at its limits, as a port does it that is new."""
        rig.takes = True
        rig.words.clear(), rig.rows.clear(), rig.sends.clear()
        await rig.load_and_start()
        for number in range(4):
            rig.ask(Message.ROW, number % 2, number // 2, 60 + number)
        await rig.idle(30)
        assert rig.words == [word for number in range(4) for word in told(number % 2, number // 2, 60 + number)]
        rig.words.clear()
        rig.takes_rows = False
        sent = [[number] * 9 for number in range(4 - rows_left)]
        for words in sent:
            await rig.send(ROW, 9, *words)
        await rig.idle(40)
        flits = [flit for number, words in enumerate(sent) for flit in row_flits(number % 2, number // 2, words)]
        assert rig.rows == flits[: CONFIG.data_depth] and len(flits) > CONFIG.data_depth
        for number in range(2):
            rig.ask(Message.RESULT, number, 0)
        await rig.idle(20)
        assert rig.sends == []
        await rig.send(CREDIT, credits)
        await rig.idle(10)
        assert rig.sends == [send_word(0, 0), send_word(1, 0)]
        words = rig.result(0, 0, 1, 2, [3, 4])
        await rig.idle(16)
        assert rig.words == words

    async def scenario(rig):
        await rig.idle(CONFIG.reset_cycles)
        await once(rig, rows_left=1, credits=5)
        rig.words.clear()
        rig.result(1, 0, 5, 6, list(range(9)))
        while len(rig.words) < half:
            await rig.step()
        rig.takes = False
        await rig.idle(3)
        await rig.send(RESET)
        rig.flits.clear()
        rig.ctx.set(rig.device.boot.held, 1)
        await rig.idle(CONFIG.reset_cycles)
        rig.ctx.set(rig.device.boot.held, 0)
        rig.takes = True
        await rig.idle(20)
        assert len(rig.words) == half
        rig.control, rig.data = reference.LinkSender(CONFIG.link_depth, L, 2), reference.LinkSender(16, L, 1)
        rig.data.credits, rig.takes_rows = [CONFIG.data_depth], True
        await once(rig, rows_left=0, credits=2)

    on_port(scenario)


def test_rows_are_sent_in_the_order_in_which_they_were_asked_for():
    async def scenario(rig):
        await rig.idle(CONFIG.reset_cycles)
        await rig.load_and_start()
        places = [(number % 2, number // 2 % 2) for number in range(9)]
        for number, (x, y) in enumerate(places):
            rig.ask(Message.ROW, x, y, number)
        sent = []
        for number, (x, y) in enumerate(places):
            while len(rig.words) < 2 * number + 2:
                await rig.step()
            assert rig.words[2 * number :][:2] == told(x, y, number)
            words = [number << 8 | at for at in range(number)]
            await rig.send(ROW, number, *words)
            sent.append(row_flits(x, y, words))
        await rig.idle(30)
        assert rig.rows == [flit for flits in sent for flit in flits]
        assert all(len(one) <= len(other) for one, other in pairwise(sent))

    on_port(scenario)
