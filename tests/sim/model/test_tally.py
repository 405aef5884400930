# SPDX-License-Identifier: Apache-2.0
"""The tally unit against the page's own, cycle by cycle, while the sender reads and data come in all the time."""

import random
from collections import deque

import pytest

from octopus_hw.contract.config import Config
from octopus_sim.model import state as st
from octopus_sim.reference.senders import Sender
from octopus_sim.reference.tally import Tally

from .rig import BUFFERS, TBU, bench, step, token
from .test_packets import LAST, command, heads

DRAW = TBU + 2


class Traffic:
    """One TBU whose sender, receiver and tally unit have much to do, beside the page's sender and tally unit."""

    def __init__(self, seed: int, config: Config, dense: float) -> None:
        self.random, self.config, self.dense = random.Random(seed), config, dense
        self.bench = bench(config=config, words=0)
        self.sender = Sender(config, lambda source, count: [0] * count)
        self.tally = Tally(config, self.key, {place: [0] * 200 for place in range(config.queue_depth)})
        self.head = heads(config)[0]
        self.free = set(range(config.queue_depth))
        self.tokens: dict[int, dict[str, int]] = {}
        self.coming: deque[tuple[int, bool, int]] = deque()  # flit, data, place or -1
        self.came: tuple[int, bool, int] | None = None
        self.checked = self.held = 0

    def key(self, place: int, now: int) -> int | None:
        return 0 if self.bench.state.place[place]["key_at"] <= now else None

    def length(self) -> int:
        return self.random.choice([0, 1, 2, 3, 4, 5, 8, 11, 40, self.random.randrange(128)])

    def packet(self) -> None:
        """Let a token with data be on its way to a free place."""
        s, place = self.bench.state, self.random.choice(sorted(self.free))
        self.free.remove(place)
        words, result = self.length(), self.length()
        number = int(s.packet["next"][0])
        s.packet["next"][0] = s.packet["next"][number]
        s.packet[number]["place"], s.packet[number]["token"] = place, token(words=words, result=result)
        self.tokens[place] = {"words": words, "result": result}
        count = self.head + -(-words * 32 // self.config.data_width)
        for n in range(count):
            last = n == count - 1
            self.coming.append((number << 21 | (LAST if last else 0), n >= self.head, place if last else -1))

    def cycle(self, now: int) -> None:
        """Go through one cycle."""
        b, chance = self.bench, self.random.random
        s, switch = b.state, b.queue("switch", 0)
        if self.free and not self.coming and chance() < self.dense:
            self.packet()
        if chance() < 0.6:
            self.leave(b.take(switch, now))
        stamp = s.cell["stamp"][s.queue[switch]["base"] + s.queue[switch]["tail"]]
        flit = self.sender.step(bool(stamp <= 0 and -stamp <= now))
        came = self.came
        data = came is not None and came[1]
        self.tally.step(now, self.sender.reads, data)
        before = s.queue[switch]["tail"]
        for part in self.random.sample([BUFFERS, DRAW], 2):
            step(b, now, part)
        assert (s.queue[switch]["tail"] != before) == (flit is not None), now
        if came is not None and came[2] >= 0:
            self.tally.accept(came[2], self.tokens[came[2]])
            s.tbu[0]["waits"] = 0
        self.check(now)
        self.feed(now)

    def leave(self, flit: int | None) -> None:
        """Let a flit go; with the last one the packet is free again."""
        if flit is not None and flit & LAST:
            packet, number = self.bench.state.packet, flit >> 21 & (1 << 40) - 1
            packet["next"][number], packet["next"][0] = packet["next"][0], number

    def check(self, now: int) -> None:
        """What the page's unit has finished in this cycle, the model has, too, and nothing else."""
        places = self.bench.state.place[: self.config.queue_depth]
        done = {place for place, (_, z) in self.tally.sums.items() if z == now}
        assert {n for n, at in enumerate(places) if at["sum_at"] == now + 2} == done, now
        self.free |= done
        self.checked += len(done)

    def feed(self, now: int) -> None:
        """Push a command and a flit for the next cycle."""
        b, chance = self.bench, self.random.random
        if chance() < 0.3 and len(self.sender.commands) < 2:
            words, own = self.length(), self.random.randrange(self.config.queue_depth)
            if b.push(b.queue("command", 0), now, command(7, own=own), *token(words=words)):
                fields = {"x": 0, "y": 0, "unit": 7, "arg": 0, "begin": 0, "room": 0, "release": 0, "empty": 0}
                self.sender.commands.append(fields | {"source": own, "token": {}, "length": words, "words": words})
        self.came = None
        if self.coming and chance() < 0.8 and b.push(b.queue("receive", 0), now, self.coming[0][0]):
            self.came = self.coming.popleft()


@pytest.mark.parametrize("width", [32, 64, 128])
@pytest.mark.parametrize("dense", [0.01, 0.1, 1.0])
def test_a_sum_is_there_in_the_cycle_that_the_page_says(width: int, dense: float) -> None:
    config = Config(tbus=1, data_width=width, buffer_words=128)
    traffic = Traffic(width, config, dense)
    for now in range(1, 4000):
        traffic.cycle(now)
    assert traffic.checked > 20


def test_nothing_is_known_of_a_token_that_waits_for_the_one_before() -> None:
    traffic = Traffic(1, Config(tbus=1), 1.0)
    for now in range(1, 200):
        traffic.cycle(now)
    places = traffic.bench.state.place[:8]
    waiting = [int(at["sum_at"]) for at, n in zip(places, range(8), strict=True) if n not in traffic.free]
    assert max(waiting) >= st.NEVER
