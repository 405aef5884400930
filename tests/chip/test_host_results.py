# SPDX-License-Identifier: Apache-2.0
"""Results for the host against a twin that is the page's section in plain Python."""

import random
from collections import deque

import pytest
from amaranth.hdl import Value

import octopus_sim.reference.conventions as reference
from octopus_hw.chip.host_results import HostResults
from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from tests.noc.packets import token_packet
from tests.noc.samples import Note
from tests.noc.samples_control import travels
from tests.simulate import maybe, simulate

TILES, BUFFERS = 6, 4


class Tiles:
    """Tiles that offer results, and send them some time after they were asked."""

    def __init__(self, rng, config):
        self.rng, self.config = rng, config
        self.offered, self.asked, self.flits = set(), deque(), []
        #: By result, in the order in which they left: its words for the host.
        self.sent = deque()
        depth, vcs = config.data_depth, config.data_vcs
        self.link, self.vc = reference.LinkSender(depth, config.link_latency, vcs), vcs - 1

    def offer(self):
        """A tile that offers a result now, or None."""
        tile = self.rng.randrange(3), self.rng.randrange(2)
        if not maybe(self.rng, 0.4) or tile in self.offered:
            return None
        self.offered.add(tile)
        return tile

    def step(self, asked, credit):
        if asked:
            self.asked.append(asked)
        if not self.flits and self.asked and maybe(self.rng, 0.3):
            self.make()
        sends = self.flits and self.link.can(self.vc) and maybe(self.rng, 0.9)
        self.link.step((self.vc, self.flits.pop(0)) if sends else None, credit)

    def make(self):
        """Make the packet of a tile that was asked, any of them."""
        self.asked.rotate(self.rng.randrange(3))
        (x, y), rng = self.asked.popleft(), self.rng
        most = self.config.buffer_words
        words = [rng.getrandbits(32) for _ in range(rng.choice([0, 1, 2, most, rng.randint(0, most)]))]
        token = {"home_x": x, "home_y": y, "instance": rng.getrandbits(24), "value": rng.getrandbits(16),
                 "index": rng.getrandbits(10)}  # fmt: skip
        flits = token_packet(self.config, {"x": 0, "y": 0, "unit": 7, "arg": 0}, token, words)
        self.flits = [data | last << self.config.data_width for data, last in flits]
        head = [Message.RESULT | x << 4 | y << 11, token["instance"], token["value"] | len(words) << 16]
        self.sent.append(head + words)
        self.offered.remove((x, y))


class Twin:
    """RESULTs, credits, buffers, a cycle a step."""

    def __init__(self, config):
        self.queue, self.credits, self.used = deque(), 0, 0
        self.link = reference.LinkSender(config.link_depth, config.link_latency, 2)

    def step(self, offer, gives, freed, credit):
        """Return the tile that is asked in this cycle."""
        asked = self.queue[0] if self.queue and self.credits and self.used < BUFFERS and self.link.can(1) else None
        if asked:
            self.queue.popleft()
        if offer:
            self.queue.append(offer)
        self.credits += gives - bool(asked)
        self.used += bool(asked) - freed
        self.link.step((1, asked) if asked else None, [False, credit])
        return asked


@pytest.mark.parametrize(
    "config",
    [
        Config(buffer_words=9, coord_bits=4),
        Config(buffer_words=6, data_vcs=2, link_latency=2, data_width=32),
        Config(buffer_words=13, data_width=128, link_latency=3),
    ],
    ids=lambda config: str(config.data_width),
)
def test_agrees_with_its_twin(config):
    rng = random.Random(config.buffer_words)
    device, twin, tiles = HostResults(TILES, config), Twin(config), Tiles(rng, config)
    far, words, results = reference.LinkReceiver(config.link_depth, config.link_latency, 2), [], 0
    near = reference.LinkReceiver(config.data_depth, config.link_latency, config.data_vcs)

    async def testbench(ctx):
        nonlocal results
        for cycle in range(1500):
            slow = cycle // 250 % 2
            assert ctx.get(device.credits) == twin.credits
            wire, asked = twin.link.wire, None
            assert ctx.get(device.send.valid) == (2 if wire else 0)
            if wire:
                x, y = wire[1]
                note = Note(layouts(config).control_flit.pack(message=Message.SEND, x=x, y=y), config)
                assert ctx.get(Value.cast(device.send.payload)) == travels(note)
            came = tiles.link.wire
            ctx.set(device.link.valid, 1 << came[0] if came else 0)
            ctx.set(Value.cast(device.link.payload), came[1] if came else 0)
            offer = tiles.offer()
            place = dict(zip(("source_x", "source_y"), offer or (0, 0), strict=True))
            ctx.set(Value.cast(device.i.payload), layouts(config).control_flit.pack(message=Message.RESULT, **place))
            ctx.set(device.i.valid, offer is not None)
            gives = rng.randrange(4) if maybe(rng, 0.02) else 0
            ctx.set(device.gives, gives > 0)
            ctx.set(device.more, gives or rng.getrandbits(16))
            takes = maybe(rng, 0.1 if slow else 0.9)
            ctx.set(device.o.ready, takes)
            freed = False
            if ctx.get(device.o.valid):
                word = ctx.get(device.o.payload)
                assert word.word == tiles.sent[0][len(words)]
                assert word.last == (len(words) + 1 == len(tiles.sent[0]))
                freed = bool(takes and word.last)
                if takes:
                    words.append(word.word)
                if freed:
                    tiles.sent.popleft()
                    words.clear()
                    results += 1
            assert ctx.get(device.freed) == freed
            credit, link_credit = list(far.credit), ctx.get(device.link.credit)
            # The port takes every head at once.
            assert [bool(link_credit >> vc & 1) for vc in range(config.data_vcs)] == near.credit
            near.step(came, [queue.head is not None for queue in near.queues])
            ctx.set(device.send.credit, credit[1] << 1)
            twin.step(offer, gives, freed, credit[1])
            takes = far.queues[1].head is not None and maybe(rng, 0.8)
            asked = far.queues[1].head if takes else None
            far.step(wire, [False, takes])
            tiles.step(asked, [bool(link_credit >> vc & 1) for vc in range(config.data_vcs)])
            assert twin.used <= BUFFERS
            await ctx.tick()

    simulate(device, testbench)
    assert results > 20


def test_a_host_that_takes_nothing_is_sent_no_more_than_there_is_room_for():
    config, rng = Config(buffer_words=9), random.Random(1)
    device, tiles = HostResults(TILES, config), Tiles(rng, config)
    sends = credits = 0

    async def testbench(ctx):
        nonlocal sends, credits
        ctx.set(device.gives, 1)
        ctx.set(device.more, 100)
        await ctx.tick()
        ctx.set(device.gives, 0)
        for cycle in range(300):
            came = tiles.link.wire
            ctx.set(device.link.valid, came is not None)
            ctx.set(Value.cast(device.link.payload), came[1] if came else 0)
            ctx.set(Value.cast(device.i.payload), layouts(config).control_flit.pack(source_x=cycle % 3))
            ctx.set(device.i.valid, cycle < TILES)
            send = ctx.get(device.send.valid)
            ctx.set(device.send.credit, send)
            tiles.offered.add((cycle % 3, 0))
            tiles.step((cycle % 3, 0) if send else None, [ctx.get(device.link.credit)])
            sends += send > 0
            await ctx.tick()
        # All that was sent has been taken from the link.
        credits = tiles.link.credits[0]

    simulate(device, testbench)
    assert (sends, len(tiles.sent), credits, tiles.flits) == (BUFFERS, BUFFERS, config.data_depth, [])
