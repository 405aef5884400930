# SPDX-License-Identifier: Apache-2.0
"""Packets from sender to receiver: what docs/timing.md says of each flit's cycle."""

from typing import Any

import pytest

from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_sim.model import state as st
from octopus_sim.model.twins import Bench

from .rig import BUFFERS, HOME_RECEIVER, HOME_SENDER, bench, step, token

LAST = 1 << 61
RELEASE, EMPTY = 1 << 27, 1 << 28


def command(unit: int, place: int = 0, own: int = 0) -> int:
    return unit << 14 | place << 17 | own << 22


def heads(config: Config) -> tuple[int, int]:
    """Flits of the head of a token's packet, and of a chunk's."""
    made, width = layouts(config), config.data_width
    return -(-made.token_head.size // width), -(-made.chunk_head.size // width)


def pushes(b: Bench, part: int, port: int, cycles: int) -> list[tuple[int, int]]:
    """Step a sender whose every flit is taken at once; the cycle of each push, and the flit."""
    found = []
    for now in range(1, cycles):
        step(b, now, part)
        flit = b.take(b.queue("switch", port), now + 1)
        if flit is not None:
            found.append((now, flit))
    return found


@pytest.mark.parametrize("width", [32, 64, 128])
@pytest.mark.parametrize("words", [0, 1, 4, 9])
def test_a_sender_pushes_head_and_rows_then_frees_the_place_and_takes_the_next(width: int, words: int) -> None:
    config = Config(data_width=width)
    b = bench(config=config)
    b.state.tbu[0]["free"] = 0
    for now in range(2):
        b.push(b.queue("command", 0), now, command(7, own=3 + now) | RELEASE, *token(words=words, index=now))
    sent = pushes(b, BUFFERS, 0, 40)
    length = heads(config)[0] + -(-words * 32 // width)
    # Taken in 1; the second one in the cycle of the first one's last push.
    assert [now for now, _ in sent] == list(range(2, 2 + 2 * length))
    assert [bool(flit & LAST) for _, flit in sent] == 2 * [*[False] * (length - 1), True]
    assert b.state.tbu[0]["free"] == 1 << 3 | 1 << 4
    assert b.state.tbu[0]["freed_at"] == 2 + 2 * length


def test_an_empty_command_is_not_taken_in_the_cycle_of_a_last_push() -> None:
    b = bench()
    b.state.tbu[0]["free"] = 0
    b.push(b.queue("command", 0), 0, command(7) | RELEASE, *token())
    b.push(b.queue("command", 0), 1, command(0, own=6) | EMPTY, *token())
    last = pushes(b, BUFFERS, 0, 2 + heads(Config())[0])[-1][0]
    assert b.state.tbu[0]["free"] == 1 << 0 and b.state.tbu[0]["freed_at"] == last + 1
    step(b, last + 1, BUFFERS)
    assert b.state.tbu[0]["free"] == 1 << 0 | 1 << 6 and b.state.tbu[0]["freed_at"] == last + 2


def test_an_empty_command_frees_in_the_cycle_in_which_it_is_taken() -> None:
    b = bench()
    b.state.tbu[0]["free"] = 0
    b.push(b.queue("command", 0), 0, command(0, own=6) | EMPTY, *token())
    step(b, 1, BUFFERS)
    assert b.state.tbu[0]["free"] == 1 << 6 and b.state.tbu[0]["freed_at"] == 2
    assert b.state.sender[0]["left"] == 0


@pytest.mark.parametrize("width", [32, 128])
@pytest.mark.parametrize(("words", "parts"), [(0, [0]), (1, [1]), (64, [64]), (65, [64, 1]), (200, [64, 64, 64, 8])])
def test_a_configuration_goes_in_chunks(width: int, words: int, parts: list[int]) -> None:
    config = Config(data_width=width)
    b = bench(config=config, words=words)
    b.push(b.queue("library"), 0, Message.CONFIG << 15)
    sent = pushes(b, HOME_SENDER, 4, 500)
    ends = [number for number, (_, flit) in enumerate(sent) if flit & LAST]
    lengths = [end - before for end, before in zip(ends, [-1, *ends], strict=False)]
    assert lengths == [heads(config)[1] + -(-part * 32 // width) for part in parts]
    # One after the other: the next is chosen in the cycle of the last push.
    assert [now for now, _ in sent] == list(range(2, 2 + sum(lengths)))
    assert [flit >> 20 & 1 for _, flit in sent] == [int(number > ends[-1] - lengths[-1]) for number in range(len(sent))]


def test_commands_and_chunks_take_turns() -> None:
    b = bench(words=130)
    for now in range(2):
        b.push(b.queue("command", 4), now, command(7), *token(words=now))
        b.push(b.queue("library"), now, Message.CONFIG << 15)
    sent = pushes(b, HOME_SENDER, 4, 1000)
    kinds = [flit >> 17 & 1 for _, flit in sent if flit & LAST]
    # Three chunks a configuration; commands have their turn between two.
    assert kinds == [0, 1, 0, 1, 1, 1, 1, 1]
    assert b.take(b.queue("library"), 1000) is None


def test_the_librarys_head_stays_until_its_last_chunk_is_chosen() -> None:
    b = bench(words=65)
    b.push(b.queue("library"), 0, Message.CONFIG << 15)
    first = heads(Config())[1] + 64 * 32 // Config().data_width
    pushes(b, HOME_SENDER, 4, 1 + first)
    assert b.state.queue[b.queue("library")]["head"] == 0
    step(b, 1 + first, HOME_SENDER)
    assert b.state.queue[b.queue("library")]["head"] == 1


def arriving(b: Bench, place: int, words: int, **fields: int) -> list[int]:
    """The flits of a packet for a place."""
    s = b.state
    number = int(s.packet["next"][0])
    s.packet["next"][0] = s.packet["next"][number]
    s.packet[number]["place"], s.packet[number]["token"] = place, token(words=words, **fields)
    count = heads(b.config)[0] + -(-words * 32 // b.config.data_width)
    return [number << 21 | (LAST if flit == count - 1 else 0) for flit in range(count)]


def receive(b: Bench, flits: list[int], queue: int, part: int) -> int:
    """Let flits come, one a cycle from cycle 0 on, and be taken; the cycle of the last one's push."""
    for now, flit in enumerate(flits):
        assert b.push(queue, now, flit)
        step(b, now + 1, part)
    return len(flits) - 1


def the_bench(**keys: Any) -> Bench:
    b = bench(**keys)
    b.config = keys.get("config", Config())  # type: ignore[attr-defined]
    return b


@pytest.mark.parametrize("width", [32, 64, 128])
def test_rows_of_a_place_are_taken_after_the_head(width: int) -> None:
    b = the_bench(config=Config(data_width=width))
    flits = arriving(b, 2, 8)
    taken = []
    for now, flit in enumerate(flits):
        b.push(b.queue("receive", 0), now, flit)
        step(b, now + 1, BUFFERS)
        taken.append(b.state.receiver[0]["data_at"] == now + 1)
    assert taken == [False] * heads(b.config)[0] + [True] * (8 * 32 // width)
    assert b.state.tbu[0]["waits"] == 1 and b.state.tbu[0]["accepted"] == len(flits) + 1


def test_the_last_flit_waits_while_the_cbu_dispatches_here() -> None:
    b = the_bench()
    flits = arriving(b, 4, 0, block=9)
    *before, last = flits
    now = receive(b, before, b.queue("receive", 0), BUFFERS) + 1
    b.push(b.queue("receive", 0), now, last)
    b.state.engine[0]["accept_at"], b.state.engine[0]["accept_tbu"] = now + 1, 0
    step(b, now + 1, BUFFERS)
    assert b.state.tbu[0]["waits"] == 0
    step(b, now + 2, BUFFERS)
    assert b.state.tbu[0]["waits"] == 1 and b.state.tbu[0]["accepted"] == now + 3 and b.state.tbu[0]["waiting"][0] == 4


def test_the_home_receiver_needs_room_for_the_last_flit_only() -> None:
    b = the_bench()
    queue, arrival = b.queue("receive", 4), b.queue("arrival")
    while b.push(arrival, 0, 0):
        pass
    *before, last = arriving(b, 0, 3)
    now = receive(b, before, queue, HOME_RECEIVER) + 1
    b.push(queue, now, last)
    step(b, now + 1, HOME_RECEIVER)
    assert b.state.cell["stamp"][b.state.queue[queue]["base"] + now % 2] > 0
    b.take(arrival, now + 1)
    step(b, now + 2, HOME_RECEIVER)
    assert b.state.cell["stamp"][b.state.queue[queue]["base"] + now % 2] < 0


def test_a_slot_is_resident_after_the_last_chunk() -> None:
    b = bench()
    s, queue = b.state, b.queue("receive", 0)
    s.tbu[0]["loading"], s.slot[0]["state"] = 0, st.SLOT_LOADING
    chunk, complete = 1 << 17, 1 << 17 | 2 << 18 | 1 << 20
    for now, flit in enumerate([chunk, chunk | LAST, complete, complete, complete | LAST]):
        b.push(queue, now, flit)
        step(b, now + 1, BUFFERS)
        assert (s.slot[0]["state"] == st.SLOT_RESIDENT) == (now == 4)
    assert (s.slot[0]["since"], s.slot[0]["parallel"]) == (6, 2)
