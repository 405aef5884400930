# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from octopus_hw.contract.codes import Event
from octopus_hw.contract.config import Config
from octopus_hw.owg.data import generated, hash_of
from octopus_sim.reference.dispatcher import Mode
from octopus_sim.reference.events import event_hash
from octopus_sim.reference.tally import Tally
from octopus_sim.reference.tbu import Flit, Tbu

KEY, VALUE = 0x1234_5678, 7
TOKEN = {"block": 6, "index": 4, "round": 2, "instance": 9, "weight": 0, "value": VALUE}


def draw(token: dict[str, int], t: int) -> list[tuple[int, int]]:
    """One cycle (CONST), the value goes on, and the key: docs/timing.md#draw."""
    results = [(1, t + 1), (VALUE, t + 2)]
    return [*results, (KEY, t + 5)] if token["result"] > token["words"] else results


class Both:
    """The page's TBU with the page's tally unit."""

    def __init__(self, config: Config) -> None:
        self.tally = Tally(config, self.key, {3: [0] * 40})
        self.tbu = Tbu(config, Mode(True, True), 0, 0, draw, self.sum_of)
        self.tbu.slots[0].state, self.tbu.slots[0].block = "resident", 6

    def key(self, place: int, now: int) -> int | None:
        results = self.tbu.results.get(place, [])
        return KEY if len(results) == 3 and results[2][1] < now else None

    def sum_of(self, place: int) -> int | None:
        total, done = self.tally.sums.get(place, (0, self.tbu.now))
        return total if done + 2 <= self.tbu.now else None


def run(
    config: Config, coming: dict[int, Flit], accept: tuple[int, Any] | None, reads: range, words: list[int]
) -> tuple[int, Any, int]:
    """Run one token with operands; the cycle of its finish, its completion, and the hash of the events.

    A flit that is pushed in one cycle is taken in the next.
    """
    both = Both(config)
    both.tally.buffers[3][: len(words)] = words
    for cycle in range(200):
        accepted = accept if cycle == 4 else None
        seen = both.tbu.step(accepted, coming.get(cycle), False, False)
        came = coming.get(cycle - 1, Flit())
        both.tally.step(cycle, cycle in reads, came.row)
        for place, token in [accepted] if accepted else [came.detail] if came.kind == "token" else []:
            both.tally.accept(place, token)
        if seen.done:
            return cycle - 1, seen.done, both.tbu.hashes[-1]
    raise AssertionError("it does not finish")


def hashes(start: int, finish: int, data: int) -> int:
    return (event_hash(start, 1, Event.START, TOKEN) + event_hash(finish, 1, Event.FINISH, TOKEN, data)) & 0xFFFFFFFF


@pytest.mark.parametrize("width", [32, 64, 128])
def test_a_result_without_operands(width: int) -> None:
    """Accepted in 4: the key is visible in 11, row 0 done in 13, the last of n in 12 + n."""
    token = TOKEN | {"words": 0, "result": 10}
    finish, (place, done), told = run(Config(data_width=width, switch_cycles=0), {}, (3, token), range(0), [])
    assert finish == 12 + -(-10 * 32 // width) + 2
    assert (place, done) == (3, token | {"words": 10})
    data = hash_of(generated(KEY, 0, 10), VALUE)
    assert told == hashes(7, finish, data)


def test_operands_of_a_packet_while_the_sender_reads() -> None:
    token = TOKEN | {"words": 5, "result": 4}
    coming = {n: Flit("part") for n in range(4)}
    coming |= {4: Flit(row=True), 5: Flit("token", (3, token), True)}
    finish, _, told = run(Config(data_width=128, switch_cycles=0), coming, None, range(20), [1, 2, 3, 4, 5])
    # The one row is read in 20, done in 22.
    assert finish == 24
    assert told == hashes(9, 24, 1 * 4 + 2 * 3 + 3 * 2 + 4 + VALUE * 65537)
