# SPDX-License-Identifier: Apache-2.0
"""What a TBU's surroundings do in its tests."""

import random
from collections import deque

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts


def packet(config: Config, header: dict, token: dict | None, words: list[int]) -> list[dict]:
    widths = layouts(config)
    flits = [widths.header.pack(**header)]
    if token is not None:
        flits += widths.token.pack_words(token)
    flits += words
    return [{"data": word, "last": 0} for word in flits] + [{"data": sum(flits) & 0xFFFFFFFF, "last": 1}]


class Stimuli:
    """A CBU, a library and a network that behave, at random; remembers what the places hold."""

    def __init__(self, rng: random.Random, config: Config, blocks: int) -> None:
        self.rng, self.config, self.blocks = rng, config, blocks
        self.free = set(range(config.queue_depth))
        self.flits: deque[tuple[dict, tuple]] = deque()
        self.library: list[list[int]] = []  # delay, block
        self.parallel = [rng.choice([1, 2, 4]) for _ in range(blocks)]
        self.busy = 0.5  # how likely there is something to do

    def a_token(self) -> dict:
        rng = self.rng
        return {
            "block": rng.randrange(self.blocks),
            "index": rng.randrange(4),
            "value": rng.randrange(65536),
            "instance": rng.randrange(1 << 24),
            "round": rng.randrange(4),
            "variant": rng.randrange(2) << 12 | rng.randrange(2),
            "next": rng.randrange(self.config.max_flows),
            "weight": rng.randrange(16),
            "slot": rng.randrange(self.config.max_instances),
            "home_x": rng.randrange(128),
            "home_y": rng.randrange(128),
        }

    def take_place(self) -> int:
        place = self.rng.choice(sorted(self.free))
        self.free.discard(place)
        return place

    def accept(self) -> tuple[int, dict] | None:
        return (self.take_place(), self.a_token()) if self.free and self.rng.random() < self.busy else None

    def flit(self) -> tuple[dict, tuple] | None:
        """The next flit with its meaning, for the twin."""
        if not self.flits:
            ready = [request for request in self.library if request[0] <= 0]
            words = [self.rng.randrange(1 << 32) for _ in range(self.rng.choice([0, 1, 4]))]
            if ready and self.rng.random() < 0.5:
                self.library.remove(ready[0])
                parallel = self.parallel[ready[0][1]]
                self._send({"config": 1, "arg": parallel >> 1}, None, words, ("configuration", parallel))
            elif self.free and self.rng.random() < self.busy:
                place, token = self.take_place(), self.a_token()
                self._send({"arg": place}, token, words, ("token", (place, token)))
        return self.flits[0] if self.flits and self.rng.random() < 0.8 else None

    def _send(self, header: dict, token: dict | None, words: list[int], meaning: tuple) -> None:
        flits = packet(self.config, header, token, words)
        self.flits.extend((flit, meaning if flit["last"] else ("part", None)) for flit in flits)

    def pass_time(self, cycle: int) -> None:
        self.busy = (0.02, 0.1, 0.9)[cycle // 200 % 3]
        for request in self.library:
            request[0] -= 1


class Crowd(Stimuli):
    """A few blocks are asked for most of the time, so that others are passed over."""

    def a_token(self) -> dict:
        return super().a_token() | {"block": min(self.rng.randrange(self.blocks) for _ in range(3))}

    def pass_time(self, cycle: int) -> None:
        super().pass_time(cycle)
        self.busy = 0.9


class Calm(Stimuli):
    """A few blocks, seldom asked for: many PEAs idle."""

    def pass_time(self, cycle: int) -> None:
        super().pass_time(cycle)
        self.busy = 0.02
