# SPDX-License-Identifier: Apache-2.0
"""Rows of the host against a twin that is the page's section in plain Python."""

import random
from collections import deque

import pytest
from amaranth.hdl import Value

import octopus_sim.reference.conventions as reference
from octopus_hw.chip.host_rows import HostRows
from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.noc.dimension_order import XY
from tests.noc.packets import token_packet
from tests.noc.yx import YX
from tests.simulate import maybe, simulate

TILES, BUFFERS = 9, 4


def packet(config, x, y, words):
    """The flits of a row for a tile, their marks on top."""
    flits = token_packet(config, {"x": x, "y": y, "unit": 6, "arg": 0}, {}, words)
    return [data | last << config.data_width for data, last in flits]


class Twin:
    """ROWs, buffers and the sender, a cycle a step."""

    def __init__(self, config, straight):
        self.config = config
        self.straight = straight
        self.asked, self.places, self.rows = deque(), deque(), deque()
        self.used = self.due = self.vc = 0
        self.flits = []
        self.link = reference.LinkSender(config.data_depth, config.link_latency, config.data_vcs)

    @property
    def told(self):
        return self.asked[0] if self.asked and self.used < BUFFERS else None

    def step(self, ask, takes, answers, row, credit):
        """`ask` comes; the host `takes` what it is told, `answers`, and with this word has sent all of `row`."""
        sends = (self.vc, self.flits[0]) if self.flits and self.link.can(self.vc) else None
        ends = sends is not None and len(self.flits) == 1
        idle = not self.flits or ends
        self.flits = self.flits[1:] if sends else self.flits
        if idle and self.rows:
            place, words = self.places.popleft(), self.rows.popleft()
            self.flits = packet(self.config, *place, words)
            self.vc = int(self.config.data_vcs == 2 and not self.straight(*place))
        if takes and self.told:
            self.places.append(self.asked.popleft()[:2])
            self.used, self.due = self.used + 1, self.due + 1
        self.used, self.due = self.used - ends, self.due - answers
        if ask:
            self.asked.append(ask)
        if row is not None:
            self.rows.append(row)
        self.link.step(sends, credit)


class Host:
    """Answers in order, one word a cycle, now and then none."""

    def __init__(self, rng, most):
        self.rng, self.most = rng, most
        self.length, self.words, self.under_way = 0, [], False

    def word(self, due):
        """A word and what it is: counts, fills, filled; None for none."""
        if self.rng.random() < 0.2 or (not self.under_way and not due):
            return None
        if not self.under_way:
            self.length, self.words = self.rng.choice([0, 1, 2, 3, self.most, self.rng.randint(0, self.most)]), []
            self.under_way = self.length > 0
            return self.length, 1, 0, int(self.length == 0)
        self.words.append(self.rng.getrandbits(32))
        self.under_way = len(self.words) < self.length
        return self.words[-1], 0, 1, int(not self.under_way)


@pytest.mark.parametrize(
    ("routing", "config"),
    [
        (XY, Config(buffer_words=9)),
        (XY, Config(buffer_words=6, data_vcs=2, link_latency=2, data_width=32)),
        (YX, Config(buffer_words=13, data_vcs=2, data_width=128, coord_bits=3)),
    ],
    ids=["64", "32", "128"],
)
def test_agrees_with_its_twin(routing, config):
    rng = random.Random(config.buffer_words)
    straight = (lambda x, _: x > 0) if routing is XY else (lambda _, y: y > 0)
    device, twin, host = HostRows(TILES, config, routing), Twin(config, straight), Host(rng, config.buffer_words)
    far, passed = reference.LinkReceiver(config.data_depth, config.link_latency, config.data_vcs), []

    async def testbench(ctx):
        for cycle in range(900):
            slow = cycle // 150 % 2
            told = twin.told
            assert ctx.get(device.told.valid) == (told is not None)
            if told:
                message = ctx.get(device.told.payload)
                assert (message.source_x, message.source_y, message.payload) == told
                assert message.message == Message.ROW
            assert ctx.get(device.due) == (twin.due > 0)
            wire, valid = twin.link.wire, ctx.get(device.link.valid)
            assert valid == (1 << wire[0] if wire else 0)
            if wire:
                assert ctx.get(Value.cast(device.link.payload)) == wire[1]
                passed.append(wire)
            ask, place = None, (rng.randrange(3), rng.randrange(3))
            if maybe(rng, 0.5) and place not in {*twin.places, *((x, y) for x, y, _ in twin.asked)}:
                ask = (*place, rng.getrandbits(24))
            fields = dict(zip(("source_x", "source_y", "payload"), ask or (0, 0, 0), strict=True))
            note = layouts(config).control_flit.pack(message=Message.ROW, host=1, **fields)
            ctx.set(Value.cast(device.i.payload), note)
            ctx.set(device.i.valid, ask is not None)
            assert ctx.get(device.i.ready) or not ask
            takes, word = maybe(rng, 0.1 if slow else 0.9), host.word(twin.due)
            ctx.set(device.told.ready, takes)
            for name, value in zip(
                ("came", "counts", "fills", "filled"), word or (rng.getrandbits(32), 0, 0, 0), strict=True
            ):
                ctx.set(getattr(device, name), value)
            full = list(host.words) if word and word[3] else None
            if full is not None:
                assert ctx.get(device.words) == len(full)
            credit = list(far.credit)
            ctx.set(device.link.credit, sum(bit << number for number, bit in enumerate(credit)))
            twin.step(ask, takes, bool(word and word[1]), full, credit)
            far.step(wire, [queue.head is not None and maybe(rng, 0.3 if slow else 0.9) for queue in far.queues])
            assert twin.used <= BUFFERS
            await ctx.tick()

    simulate(device, testbench)
    last = 1 << config.data_width
    assert sum(flit >= last for _, flit in passed) > 30
    assert {vc for vc, _ in passed} == set(range(config.data_vcs))
