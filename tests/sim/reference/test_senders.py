# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_sim.reference.senders import Sender, chunks, sent, token_packet

CONFIG = Config(data_width=64)
FIELDS = {"x": 3, "y": 2, "unit": 7, "arg": 99, "source": 5, "release": 1, "empty": 0, "token": {"value": 77}}


def command(length: int = 0, begin: int = 0, words: int = 0, room: int = 0, **fields: int) -> dict[str, Any]:
    return FIELDS | {"length": length, "begin": begin, "words": words, "room": room} | fields


@pytest.mark.parametrize(
    ("length", "begin", "words", "room", "k", "n"),
    [
        (10, 0, 4, 0, 4, 4),
        (10, 0, 12, 0, 10, 10),
        (10, 2, 12, 0, 2, 2),
        (10, 3, 12, 0, 0, 0),
        (10, 2, 1, 0, 1, 1),
        (10, 2, 12, 3, 2, 12),
        (0, 0, 0, 1, 0, 4),
    ],
)
def test_a_slice(length: int, begin: int, words: int, room: int, k: int, n: int) -> None:
    assert sent(command(length, begin, words, room)) == (k, n)


def test_a_packet_is_its_head_and_its_rows() -> None:
    made = layouts(CONFIG)
    flits = token_packet(command(), [1, 2, 3], CONFIG)
    count = -(-made.token_head.size // 64)
    head = made.token_head.unpack(sum(flit << 64 * n for n, flit in enumerate(flits[:count])))
    assert made.header.unpack(flits[0]) == made.header.unpack(head["header"])
    assert made.header.unpack(head["header"]) == {"x": 3, "y": 2, "unit": 7, "config": 0, "host": 0}
    assert head["arg"] == 99
    assert {name: value for name, value in made.token.unpack(head["token"]).items() if value} == {
        "value": 77,
        "words": 3,
    }
    assert flits[count:] == [1 | 2 << 32, 3]


def test_a_configuration_is_chunks_of_64_words() -> None:
    made = layouts(CONFIG)
    for words, lengths in ((0, [0]), (64, [32]), (65, [32, 1]), (130, [32, 32, 1])):
        packets = chunks({"x": 1, "y": 2, "unit": 3}, 2, range(words), CONFIG)
        heads = [made.chunk_head.unpack(packet[0]) for packet in packets]
        assert [len(packet) - 1 for packet in packets] == lengths
        assert [head["chunk"] for head in heads] == list(range(len(packets)))
        assert [head["complete"] for head in heads] == [*[0] * (len(packets) - 1), 1]
        assert [flit for packet in packets for flit in packet[1:]] == [
            first | (first + 1) << 32 if first + 1 < words else first for first in range(0, words, 2)
        ]


def run(sender: Sender, cycles: int, stuck: set[int] = frozenset()) -> dict[str, list[int]]:
    """In which cycles from 1 on a sender pushes, reads, and frees a place."""
    seen: dict[str, list[int]] = {"pushed": [], "reads": [], "freed": []}
    for now in range(1, cycles):
        pushed = sender.step(now not in stuck)
        for name, does in (("pushed", pushed), ("reads", sender.reads), ("freed", sender.freed is not None)):
            seen[name] += [now] if does else []
    return seen


def test_a_sender_reads_until_its_last_push() -> None:
    sender = Sender(CONFIG, lambda source, count: range(count))
    sender.commands += [command(3, words=3), command()]
    # Three flits of head at 64 bits, then two rows: taken in 1, z = 7; the second is taken in 7.
    assert run(sender, 20, stuck={4}) == {
        "pushed": [2, 3, 5, 6, 7, 8, 9, 10],
        "reads": [2, 3, 4, 5, 6],
        "freed": [7, 10],
    }


def test_an_empty_command_waits_until_the_sender_is_idle() -> None:
    sender = Sender(CONFIG, lambda source, count: range(count))
    sender.commands += [command(release=0), command(empty=1), command(empty=1)]
    assert run(sender, 20) == {"pushed": [2, 3, 4], "reads": [], "freed": [5, 6]}


def test_commands_and_chunks_take_turns() -> None:
    sender = Sender(CONFIG, lambda source, count: range(count))
    sender.commands += [command(), command()]
    sender.library += [chunks({"x": 0, "y": 0, "unit": 0}, 0, range(words), CONFIG) for words in (130, 0)]
    made, kinds, first = layouts(CONFIG), [], True
    for _ in range(120):
        pushed = sender.step(True)
        if pushed and first:
            kinds.append(made.header.unpack(pushed[0])["config"])
        first = pushed[1] if pushed else first
    assert kinds == [0, 1, 0, 1, 1, 1]
    assert not sender.library and not sender.commands


def test_a_result_is_for_the_host_and_frees_its_slot() -> None:
    made = layouts(CONFIG)
    sender = Sender(CONFIG, lambda source, count: range(count))
    sender.commands.append(command(2, words=2, host=1, token={"slot": 6}))
    pushed = [sender.step(True) for _ in range(20)]
    flits = [flit for flit, _ in filter(None, pushed)]
    assert made.header.unpack(flits[0])["host"] == 1
    assert flits[-1] == 1 << 32
    assert sender.release == 6
