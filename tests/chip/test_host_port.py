# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Value

import octopus_sim.reference.conventions as reference
from octopus_hw.chip.host_port import OUTSTANDING, HostPort
from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from tests.noc.samples import Note
from tests.noc.samples_control import travels
from tests.simulate import simulate


@pytest.mark.parametrize("latency", [1, 3])
def test_replies_become_two_words_each_and_none_is_lost(latency):
    config, rng = Config(link_latency=latency), random.Random(latency)
    depth, layout = config.link_depth, layouts(config).control_flit
    device, sender = HostPort(config, 4), reference.LinkSender(depth, latency, 2)
    sent, words = [], []

    async def testbench(ctx):
        for cycle in range(600):
            credit = ctx.get(device.link.credit)
            assert not credit & 1
            ctx.set(device.link.valid, 2 if sender.wire else 0)
            if sender.wire:
                ctx.set(Value.cast(device.link.payload), travels(Note(sender.wire[1])))
            takes = rng.random() < 0.5 or cycle > 500
            ctx.set(device.o.ready, takes)
            if takes and ctx.get(device.o.valid):
                words.append(ctx.get(device.o.payload))
            fields = {"message": rng.choice((Message.DONE, Message.DATA)), "source_x": rng.randrange(128),
                      "source_y": rng.randrange(128), "payload": rng.getrandbits(32), "host": 1}  # fmt: skip
            sends = cycle < 400 and sender.can(1)
            sender.step((1, layout.pack(**fields)) if sends else None, [False, bool(credit >> 1)])
            if sends:
                sent.append(fields)
            await ctx.tick()

    simulate(device, testbench)
    expected = []
    for fields in sent:
        expected += [fields["message"] | fields["source_x"] << 3 | fields["source_y"] << 10, fields["payload"]]
    assert words == expected
    assert len(words) > 200


def test_room_for_all_while_the_host_takes_nothing():
    device, sender, tiles = HostPort(Config(), 6), reference.LinkSender(4, 1, 2), 6
    sent = 0

    async def testbench(ctx):
        nonlocal sent
        for _ in range(60):
            credit = ctx.get(device.link.credit)
            ctx.set(device.link.valid, 2 if sender.wire else 0)
            sends = sender.can(1)
            # As long as there is room, the mesh can send in every cycle.
            assert sends or sent >= tiles + OUTSTANDING
            sender.step((1, 0) if sends else None, [False, bool(credit >> 1)])
            sent += sends
            await ctx.tick()

    simulate(device, testbench)
    assert sent == tiles + OUTSTANDING + 4


def test_words_go_to_the_boot_node_one_a_cycle():
    device, went = HostPort(Config(), 1), []

    async def testbench(ctx):
        for cycle in range(20):
            assert ctx.get(device.i.ready)
            ctx.set(device.i.valid, cycle % 3 != 0)
            ctx.set(device.i.payload, 100 + cycle)
            if ctx.get(device.boot.valid):
                went.append((cycle, ctx.get(device.boot.word)))
            await ctx.tick()

    simulate(device, testbench)
    assert went == [(cycle + 1, 100 + cycle) for cycle in range(19) if cycle % 3]


@pytest.mark.parametrize(("latency", "half"), [(1, True), (1, False), (4, True)])
def test_while_tile_0_0_is_held_what_has_come_is_dropped(latency, half):
    """A reply half taken, replies that wait and one on the wires; afterwards replies pass as at first."""
    device = HostPort(Config(link_latency=latency), 4)
    words, hold = [], 3 * latency + 4

    async def reply(ctx, number):
        fields = {"message": Message.DATA, "source_x": number, "payload": 100 + number, "host": 1}
        ctx.set(Value.cast(device.link.payload), travels(Note(layouts(Config()).control_flit.pack(**fields))))
        ctx.set(device.link.valid, 2)
        await ctx.tick()
        ctx.set(device.link.valid, 0)

    async def testbench(ctx):
        await ctx.tick().repeat(2 + latency)
        for number in range(3):
            await reply(ctx, number)
        await ctx.tick().repeat(latency + 2)
        if half:
            ctx.set(device.o.ready, 1)
            await ctx.tick()
            ctx.set(device.o.ready, 0)
        await reply(ctx, 3)
        ctx.set(device.boot.held, 1)
        ctx.set(device.i.valid, 1)
        ctx.set(device.i.payload, 77)
        await ctx.tick().repeat(hold)
        assert (ctx.get(device.boot.valid), ctx.get(device.boot.word)) == (1, 77)
        ctx.set(device.boot.held, 0)
        for number in range(10, 14):
            await reply(ctx, number)
        ctx.set(device.o.ready, 1)
        for _ in range(30):
            if ctx.get(device.o.valid):
                words.append(ctx.get(device.o.payload))
            await ctx.tick()

    simulate(device, testbench)
    expected = [(Message.DATA | number << 3, 100 + number) for number in range(10, 14)]
    assert words == [word for pair in expected for word in pair]
