# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Value

import octopus_sim.reference.conventions as reference
from octopus_hw.chip.host_port import HostPort, answers
from octopus_hw.contract.codes import BootOp, LoadTarget, Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.identity import configuration_hash
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.boot import Rectangle, identity_words, load_words
from octopus_hw.noc.dimension_order import XY
from tests.noc.samples import Note
from tests.noc.samples_control import travels
from tests.simulate import simulate

HERE = Rectangle(0, 0, 0, 0)


@pytest.mark.parametrize("latency", [1, 3])
def test_replies_become_two_words_each_and_none_is_lost(latency):
    config, rng = Config(link_latency=latency), random.Random(latency)
    depth, layout = config.link_depth, layouts(config).control_flit
    device, sender = HostPort(2, 2, config, XY, False), reference.LinkSender(depth, latency, 2)
    sent, words = [], []

    async def testbench(ctx):
        for cycle in range(600):
            credit = ctx.get(device.control_in.credit)
            assert not credit & 1
            ctx.set(device.control_in.valid, 2 if sender.wire else 0)
            if sender.wire:
                ctx.set(Value.cast(device.control_in.payload), travels(Note(sender.wire[1])))
            takes = rng.random() < 0.5 or cycle > 500
            ctx.set(device.o.ready, takes)
            if takes and ctx.get(device.o.valid):
                words.append(ctx.get(device.o.payload))
            message = rng.choice((Message.DONE, Message.STALLED, Message.DATA))
            fields = {"message": message, "source_x": rng.randrange(128),
                      "source_y": rng.randrange(128), "payload": rng.getrandbits(32), "host": 1}  # fmt: skip
            sends = cycle < 400 and sender.can(1)
            sender.step((1, layout.pack(**fields)) if sends else None, [False, bool(credit >> 1)])
            if sends:
                sent.append(fields)
            await ctx.tick()

    simulate(device, testbench)
    expected = []
    for fields in sent:
        expected += [fields["message"] | fields["source_x"] << 4 | fields["source_y"] << 11, fields["payload"]]
    assert words == expected
    assert len(words) > 200


def test_room_for_all_while_the_host_takes_nothing():
    device, sender, tiles = HostPort(3, 2, Config(), XY, False), reference.LinkSender(4, 1, 2), 6
    sent, kinds = 0, [Message.ROW, Message.RESULT] * tiles + [Message.DATA] * (2 * tiles + answers(tiles) + 4)

    async def testbench(ctx):
        nonlocal sent
        for _ in range(60):
            credit = ctx.get(device.control_in.credit)
            ctx.set(device.control_in.valid, 2 if sender.wire else 0)
            if sender.wire:
                note = Note(layouts(Config()).control_flit.pack(message=sender.wire[1], host=1))
                ctx.set(Value.cast(device.control_in.payload), travels(note))
            sends = sender.can(1)
            # As long as there is room, the mesh can send in every cycle.
            assert sends or sent >= len(kinds) - 4
            sender.step((1, kinds[sent]) if sends else None, [False, bool(credit >> 1)])
            sent += sends
            await ctx.tick()

    simulate(device, testbench)
    # The register of `o` keeps no message back: its second word is still to come.
    assert sent == len(kinds)


def test_words_go_to_the_boot_node_one_a_cycle():
    device, went = HostPort(1, 1, Config(), XY, False), []
    words = [BootOp.RESET << 28, *identity_words(1, 1, Config()), *load_words(HERE, LoadTarget.STORE, range(100, 115))]

    async def testbench(ctx):
        for cycle in range(25):
            assert ctx.get(device.i.ready)
            ctx.set(device.i.valid, cycle % 3 != 0)
            ctx.set(device.i.payload, int(words[min(cycle - cycle // 3 - 1, len(words) - 1)]) if cycle % 3 else 0)
            if ctx.get(device.boot.valid):
                went.append((cycle, ctx.get(device.boot.word)))
            await ctx.tick()

    simulate(device, testbench)
    words[1:3] = 0, 0
    assert went == [(cycle + 2, words[cycle - cycle // 3 - 1]) for cycle in range(23) if cycle % 3]


def status(words):
    """What a STATUS of a chip of 2x2 says when nothing has come since the RESET but so many words."""
    return [Message.STATUS, 1 << 16 | 2 << 8 | 2, configuration_hash(Config()), 0, words]


async def reply(ctx, device, number):
    """Send the port a DATA."""
    fields = {"message": Message.DATA, "source_x": number, "payload": 100 + number, "host": 1}
    ctx.set(Value.cast(device.control_in.payload), travels(Note(layouts(Config()).control_flit.pack(**fields))))
    ctx.set(device.control_in.valid, 2)
    await ctx.tick()
    ctx.set(device.control_in.valid, 0)


@pytest.mark.parametrize("waits", [False, True])
def test_a_status_goes_before_all_replies_but_what_has_begun(waits):
    """Replies wait, of which one is offered or half taken, or none."""
    device, words = HostPort(2, 2, Config(), XY, False), []
    offered = [[Message.DATA | number << 4, 100 + number] for number in range(4)]

    async def testbench(ctx):
        await ctx.tick().repeat(4)
        for number in range(4):
            if not waits:
                ctx.set(device.i.payload, BootOp.STATUS << 28)
                ctx.set(device.i.valid, number == 0)
            await reply(ctx, device, number)
        await ctx.tick().repeat(9)
        if waits:
            ctx.set(device.i.payload, BootOp.STATUS << 28)
            ctx.set(device.i.valid, 1)
            await ctx.tick()
        ctx.set(device.i.valid, 0)
        await ctx.tick().repeat(4)
        ctx.set(device.o.ready, 1)
        for _ in range(40):
            if ctx.get(device.o.valid):
                words.append(ctx.get(device.o.payload))
            await ctx.tick()

    simulate(device, testbench)
    first, *others = offered
    order = [first, status(1), *others] if waits else [status(1), first, *others]
    assert words == [word for part in order for word in part]


@pytest.mark.parametrize("at", range(3, 9))
def test_a_status_that_has_begun_outlives_a_reset(at):
    device, words = HostPort(2, 2, Config(), XY, False), []

    async def testbench(ctx):
        ctx.set(device.i.payload, BootOp.STATUS << 28)
        ctx.set(device.i.valid, 1)
        await ctx.tick()
        ctx.set(device.i.valid, 0)
        await ctx.tick().repeat(3)
        for cycle in range(30):
            ctx.set(device.boot.held, at <= cycle < 20)
            ctx.set(device.o.ready, cycle % 3 == 0)
            if ctx.get(device.o.valid) and cycle % 3 == 0:
                words.append(ctx.get(device.o.payload))
            await ctx.tick()

    simulate(device, testbench)
    assert words == status(1)


@pytest.mark.parametrize(("latency", "half"), [(1, True), (1, False), (4, True)])
def test_while_tile_0_0_is_held_what_has_come_is_dropped(latency, half):
    """A reply half taken, replies that wait and one on the wires; afterwards replies pass as at first."""
    device = HostPort(2, 2, Config(link_latency=latency), XY, False)
    words, hold = [], 3 * latency + 4

    async def testbench(ctx):
        await ctx.tick().repeat(2 + latency)
        for number in range(3):
            await reply(ctx, device, number)
        await ctx.tick().repeat(latency + 2)
        if half:
            ctx.set(device.o.ready, 1)
            await ctx.tick()
            ctx.set(device.o.ready, 0)
        await reply(ctx, device, 3)
        ctx.set(device.boot.held, 1)
        ctx.set(device.i.valid, 1)
        ctx.set(device.i.payload, BootOp.RESET << 28)
        await ctx.tick().repeat(hold)
        assert (ctx.get(device.boot.valid), ctx.get(device.boot.word)) == (1, BootOp.RESET << 28)
        ctx.set(device.boot.held, 0)
        for number in range(10, 14):
            await reply(ctx, device, number)
        ctx.set(device.o.ready, 1)
        for _ in range(30):
            if ctx.get(device.o.valid):
                words.append(ctx.get(device.o.payload))
            await ctx.tick()

    simulate(device, testbench)
    expected = [(Message.DATA | number << 4, 100 + number) for number in range(10, 14)]
    assert words == [word for pair in expected for word in pair]
