# SPDX-License-Identifier: Apache-2.0
import dataclasses
import random

import numpy as np
import pytest

from octopus_hw.chip.host_commands import SILENCE, HostCommands
from octopus_hw.contract.codes import BootOp, LoadTarget, PortError, PortState
from octopus_hw.contract.config import Config
from octopus_hw.contract.memories import memory_words
from octopus_hw.image.boot import (
    Rectangle,
    identity_words,
    load_words,
    read_words,
    seal_words,
    silence_words,
    start_words,
    status_words,
)  # fmt: skip
from tests.chip.host_twin import Twin
from tests.simulate import simulate

COLUMNS, ROWS, RESET = 3, 2, 8
CONFIG = Config(max_flows=64, store_words=4096)
MESH = Rectangle(0, 0, COLUMNS - 1, ROWS - 1)
RESET_WORD = BootOp.RESET << 28


def words(*parts):
    return [int(word) for part in parts for word in (part if hasattr(part, "__iter__") else [part])]


def image(rng=None, loads=3):
    """The words of a small image behind its RESET: IDENTITY, LOADs, SEAL."""
    rng = rng or random.Random(1)
    parts = [identity_words(COLUMNS, ROWS, CONFIG), np.zeros(RESET, np.uint32)]
    for _ in range(loads):
        memory = rng.choice(list(LoadTarget))
        count = rng.randrange(min(12, memory_words(CONFIG)[memory]))
        address = rng.randrange(memory_words(CONFIG)[memory] - count + 1)
        payload = [rng.choice([0, RESET_WORD, rng.getrandbits(32)]) for _ in range(count)]
        parts.append(load_words(MESH, memory, payload, address))
    body = np.concatenate(parts)
    return words(body, seal_words(body))


GOOD = words(RESET_WORD, image(), start_words(COLUMNS, ROWS))


def run(sent, due=0, credits=0, given=None):
    """Send words; return per word what was passed on, if a STATUS was asked, and state, error and words behind it.

    `due` and `credits` stay what they are; what came for the port goes into `given`.
    """
    device = HostCommands(COLUMNS, ROWS, CONFIG, COLUMNS * ROWS, RESET)
    seen = []

    async def host(ctx):
        ctx.set(device.taken, 1)
        ctx.set(device.due, due)
        ctx.set(device.credits, credits)
        await ctx.tick().repeat(RESET)
        for word in sent:
            ctx.set(device.word, word)
            ctx.set(device.valid, 1)
            await ctx.tick()
        ctx.set(device.valid, 0)

    async def watch(ctx):
        before = 0
        for _ in range(RESET + len(sent) + 8):
            *_, valid, word, asked, state, error, count = await ctx.tick().sample(
                device.passes, device.passed, device.asked, device.state, device.error, device.words
            )
            if valid:
                seen.append([word, before, PortState(state), PortError(error), count])
                if len(seen) == len(sent):
                    return
            before = asked

    async def port(ctx):
        length = words = 0
        for _ in range(RESET + len(sent) + 8):
            *_, came, counts, fills, filled, gives = await ctx.tick().sample(
                device.came, device.counts, device.fills, device.filled, device.gives
            )
            if counts:
                length, words = came, 0
            words += fills
            assert filled == ((counts or fills) and words == length)
            for flag, name in ((counts, "length"), (fills, "word"), (gives, "credits")):
                if flag:
                    given.append((name, came))

    simulate(device, host, watch, *([port] if given is not None else []))
    return seen


def expected(sent, due=0, credits=0, given=None):
    twin, rows = Twin(COLUMNS, ROWS, CONFIG, due=due, credits=credits), []
    since = RESET
    for word in sent:
        passed, asked = twin.take(word, early=since < RESET)
        since = 1 if passed >> 28 == BootOp.RESET and twin.words == 0 and word == passed else since + 1
        rows.append([passed, int(asked), twin.state, twin.error, twin.words])
    if given is not None:
        given.extend(twin.given)
    return rows


def check(sent, **settings):
    rows = expected(sent, **settings)
    assert run(sent, **settings) == rows
    return rows


def test_a_good_image_passes_but_for_what_is_for_the_port():
    data = load_words(MESH, LoadTarget.STORE, [RESET_WORD, BootOp.STATUS << 28, 0, BootOp.START << 28])
    check(words(RESET_WORD, identity_words(COLUMNS, ROWS, CONFIG), status_words(), data, status_words()))
    rows = check(words(GOOD, read_words(MESH, 1, 3)))
    assert rows[-1][2:] == [PortState.STARTED, PortError.NONE, len(GOOD) + 1]
    assert rows[-1][0] == 1 << 16 | 3


LOADING = words(RESET_WORD, identity_words(COLUMNS, ROWS, CONFIG), [0] * RESET)
FAR = Rectangle(0, 0, COLUMNS, 0)
OTHER = dataclasses.replace(CONFIG, tbus=3)

#: What is sent, the error, and how many of its words were right.
ERRORS = {
    "operation 0": ([RESET_WORD, 1], PortError.OPERATION),
    "operation 10": ([RESET_WORD, 10 << 28], PortError.OPERATION),
    "a row with more": ([RESET_WORD, BootOp.ROW << 28 | 1], PortError.OPERATION),
    "credits with more": ([RESET_WORD, BootOp.CREDIT << 28 | 1 << 27], PortError.OPERATION),
    "an early row": ([RESET_WORD, BootOp.ROW << 28], PortError.EARLY),
    "early credits": ([RESET_WORD, BootOp.CREDIT << 28], PortError.EARLY),
    "a row that nobody asks for": ([RESET_WORD, *[0] * RESET, BootOp.ROW << 28], PortError.ROWS),
    "far too many credits": ([RESET_WORD, *[0] * RESET, BootOp.CREDIT << 28, 1 << 16], PortError.CREDITS),
    "a status with more": ([RESET_WORD, *(status_words() + 1)], PortError.OPERATION),
    "beyond the mesh": (words(LOADING, FAR.header(BootOp.LOAD)), PortError.RECTANGLE),
    "rows beyond the mesh": (words(LOADING, Rectangle(0, 0, 0, ROWS).header(BootOp.LOAD)), PortError.RECTANGLE),
    "corners swapped": (words(LOADING, Rectangle(1, 0, 0, 0).header(BootOp.READ)), PortError.RECTANGLE),
    "a start of some": (words(GOOD[:-2], Rectangle(0, 0, 1, 1).header(BootOp.START)), PortError.RECTANGLE),
    "rows swapped": (words(LOADING, Rectangle(0, 1, 0, 0).header(BootOp.READ)), PortError.RECTANGLE),
    "memory": (words(LOADING, load_words(MESH, 11, [])[:2]), PortError.MEMORY),
    "address": (words(LOADING, load_words(MESH, LoadTarget.FLOW, [1, 2], 511)[:3]), PortError.ADDRESS),
    "far address": (words(LOADING, load_words(MESH, LoadTarget.FLOW, [], 513)[:3]), PortError.ADDRESS),
    "count": (words(LOADING, MESH.header(BootOp.LOAD), LoadTarget.STORE << 28, 4096), PortError.ADDRESS),
    "no identity": (words(RESET_WORD, MESH.header(BootOp.LOAD)), PortError.IDENTITY),
    "seal without identity": (words(RESET_WORD, BootOp.SEAL << 28), PortError.IDENTITY),
    "identity twice": (words(LOADING, identity_words(COLUMNS, ROWS, CONFIG)[:1]), PortError.IDENTITY),
    "another mesh": (words(RESET_WORD, identity_words(ROWS, COLUMNS, CONFIG)[:1]), PortError.IDENTITY),
    "another configuration": (words(RESET_WORD, identity_words(COLUMNS, ROWS, OTHER)), PortError.IDENTITY),
    "a second image": (words(RESET_WORD, image(), identity_words(COLUMNS, ROWS, CONFIG)[:1]), PortError.SEALED),
    "a load after the start": (words(GOOD, MESH.header(BootOp.LOAD)), PortError.SEALED),
    "start without seal": (words(LOADING, start_words(COLUMNS, ROWS)[:1]), PortError.UNSEALED),
    "seal's count": (words(LOADING, BootOp.SEAL << 28, len(LOADING) - 1), PortError.SEAL),
    "seal's sum": (words(LOADING, BootOp.SEAL << 28, len(LOADING), 7), PortError.SEAL),
    "start twice": (words(GOOD, GOOD[-2]), PortError.STARTED),
    "early start": (words(RESET_WORD, image()[:2], MESH.header(BootOp.START)), PortError.EARLY),
    "early read": (words(RESET_WORD, MESH.header(BootOp.READ)), PortError.EARLY),
    "counter": (words(LOADING, read_words(Rectangle(0, 0, 0, 0), 3, 8)), PortError.COUNTER),
    "far counter": (words(LOADING, read_words(MESH, 1, 0x100)), PortError.COUNTER),
    "many counters": (words(LOADING, read_words(MESH, 0x101, 0)), PortError.COUNTER),
    "counters of many": (words(LOADING, read_words(MESH, 2)), PortError.READS),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_found_in_its_word_and_stays_until_a_reset_behind_silence(name):
    sent, error = ERRORS[name]
    sent = words(sent)
    after = words(GOOD, status_words(), [0] * 20, RESET_WORD, status_words())
    rows = check(words(sent, after))
    assert rows[len(sent) - 2][3] == PortError.NONE
    place = len(sent) - 1
    assert all(row[0] == 0 and row[2:] == [PortState.FAILED, error, place] for row in rows[len(sent) - 1 :])
    assert [row[1] for row in rows[len(sent) :]] == [word == BootOp.STATUS << 28 for word in after]


@pytest.mark.parametrize("silence", [SILENCE - 1, SILENCE, SILENCE + 1, SILENCE + 300])
def test_behind_enough_words_of_zero_a_reset_is_one(silence):
    rows = check(words(RESET_WORD, 1, [0] * silence, GOOD))
    assert rows[-1][2] == (PortState.STARTED if silence >= SILENCE else PortState.FAILED)


def test_a_read_is_refused_until_all_answers_to_the_last_were_taken():
    device = HostCommands(COLUMNS, ROWS, CONFIG, COLUMNS * ROWS, RESET)
    tile = Rectangle(1, 1, 1, 1)

    async def send(ctx, sent):
        for word in words(sent):
            ctx.set(device.word, word)
            ctx.set(device.valid, 1)
            await ctx.tick()
        ctx.set(device.valid, 0)
        await ctx.tick().repeat(2)

    async def take(ctx, count):
        ctx.set(device.taken, 1)
        for _ in range(count):
            await ctx.tick()
        ctx.set(device.taken, 0)

    async def bench(ctx):
        await ctx.tick().repeat(RESET)
        for where, count, answers in ((MESH, 1, 6), (tile, 10, 10), (Rectangle(0, 0, 0, 1), 1, 2), (tile, 0, 0)):
            await send(ctx, read_words(where, count))
            await ctx.tick().repeat(10)
            await take(ctx, answers)
        assert ctx.get(device.error) == PortError.NONE
        await send(ctx, read_words(MESH, 1))
        await take(ctx, 5)
        await send(ctx, read_words(tile, 1))
        assert ctx.get(device.error) == PortError.READS
        # A RESET forgets the one that was not taken; answers that come late count for nothing.
        await send(ctx, [0] * SILENCE + [RESET_WORD])
        await ctx.tick().repeat(RESET)
        await send(ctx, read_words(tile, 1))
        assert ctx.get(device.error) == PortError.NONE
        await send(ctx, [RESET_WORD])
        await take(ctx, RESET + 3)
        await send(ctx, read_words(tile, 1))
        assert ctx.get(device.error) == PortError.NONE
        await send(ctx, read_words(tile, 1))
        assert ctx.get(device.error) == PortError.READS

    simulate(device, bench)


CREDIT_WORD, ROW_WORD = BootOp.CREDIT << 28, BootOp.ROW << 28


def test_rows_and_credits_are_for_the_port_alone():
    came, wanted, rng = [], [], random.Random(3)
    rows = []
    for length in (3, 0, 1, CONFIG.buffer_words):
        rows += [ROW_WORD, length, *(rng.choice([0, RESET_WORD, rng.getrandbits(32)]) for _ in range(length))]
        rows += [CREDIT_WORD, rng.choice([0, 1, 500]), *status_words()]
    sent = words(GOOD, rows)
    seen, told = run(sent, 1, 9, came), expected(sent, 1, 9, wanted)
    assert seen == told
    assert came == wanted and len(wanted) == 4 + 4 + 4 + CONFIG.buffer_words
    assert all(row[0] == 0 and row[3] == PortError.NONE for row in seen[len(GOOD) :])


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ([ROW_WORD, CONFIG.buffer_words + 1], PortError.ROWS),
        ([ROW_WORD, 1 << 31], PortError.ROWS),
        ([CREDIT_WORD, 65535 - 40 + 1], PortError.CREDITS),
        ([CREDIT_WORD, 65535 - 40, CREDIT_WORD, 0xFFFFFFFF], PortError.CREDITS),
    ],
)
def test_rows_longer_than_a_place_and_too_many_credits_are_refused(command, error):
    came, wanted = [], []
    sent = words(RESET_WORD, [0] * RESET, command, ROW_WORD, 2, 1, 2)
    rows = expected(sent, 1, 40, wanted)
    assert run(sent, 1, 40, came) == rows
    assert rows[-1][3:] == [error, RESET + len(command)]
    assert came == wanted == ([] if len(command) == 2 else [("credits", 65535 - 40)])


def garbage(rng):
    """Words that look like commands, for a part."""
    heads = [op << 28 | rng.choice([0, COLUMNS - 1 << 7 | ROWS - 1]) for op in range(11)]
    return [
        rng.choice([0, rng.getrandbits(32), rng.choice(heads), rng.randrange(16)]) for _ in range(rng.randrange(99))
    ]


def test_garbage_never_starts_a_chip_and_after_silence_the_next_image_runs():
    rng, sent, ends = random.Random(5), [], []
    for _ in range(200):
        begun = image(rng)
        part = begun[: rng.randrange(len(begun))] if rng.random() < 0.5 else []
        sent += words(
            RESET_WORD, part, garbage(rng), silence_words(), RESET_WORD, image(rng), start_words(COLUMNS, ROWS)
        )
        ends.append(len(sent) - 1)
        sent += words(silence_words()[:1])
    rows = expected(sent)
    starts = [
        number for number, row in enumerate(rows) if row[2] == PortState.STARTED and rows[number - 1][2] != row[2]
    ]
    assert starts == ends
    # The simulator is slow; silences are where nothing happens, and one in ten of them is gone through.
    short = sent[: ends[7] + 1]
    assert run(short) == rows[: len(short)]


def test_a_truncated_image_never_starts_a_chip_and_after_silence_the_next_image_runs():
    rng = random.Random(6)
    for number in range(50):
        begun = words(RESET_WORD, image(rng))
        sent = words(begun[: rng.randrange(len(begun))], silence_words(), GOOD)
        rows = expected(sent)
        assert [row[2] for row in rows].count(PortState.STARTED) == 1 and rows[-1][2] == PortState.STARTED
        if number < 4:
            assert run(sent) == rows
