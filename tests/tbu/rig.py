# SPDX-License-Identifier: Apache-2.0
"""What a TBU's surroundings do in its tests."""

import random
from collections import deque

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_sim.reference.tbu import Flit
from tests.noc import packets
from tests.tbu.samples import lengths

#: Where a packet for a TBU goes.
HERE = {"x": 0, "y": 0, "unit": 0}


def named(flits: packets.Flits) -> list[dict]:
    return [{"data": data, "last": last} for data, last in flits]


def to_place(config: Config, place: int, token: dict, words: list[int]) -> list[dict]:
    """The flits of a token with its data."""
    return named(packets.token_packet(config, HERE | {"arg": place}, token, words))


def configuration(config: Config, parallel: int, words: list[int]) -> list[dict]:
    """The flits of a configuration's chunks; `parallel` is a logarithm."""
    return named([flit for packet in packets.chunk_packets(config, HERE, parallel, words) for flit in packet])


class Stimuli:
    """A CBU, a library and a network that behave, at random; remembers what the places hold."""

    def __init__(self, rng: random.Random, config: Config, blocks: int) -> None:
        self.rng, self.config, self.blocks = rng, config, blocks
        self.free = set(range(config.queue_depth))
        self.flits: deque[tuple[dict, Flit]] = deque()
        self.library: list[list[int]] = []  # delay, block
        self.parallel = [rng.choice([1, 2, 4]) for _ in range(blocks)]
        self.data: dict[int, list[int]] = {place: [] for place in self.free}
        self.busy = 0.5  # how likely there is something to do

    def a_token(self) -> dict:
        rng = self.rng
        return packets.some(rng, layouts(self.config).token) | {
            "block": rng.randrange(self.blocks),
            "index": rng.randrange(4),
            "round": rng.randrange(4),
            "variant": rng.randrange(2) << 12 | rng.randrange(2),
            **lengths(rng, self.config.buffer_words),
        }

    def take_place(self) -> int:
        place = self.rng.choice(sorted(self.free))
        self.free.discard(place)
        return place

    def accept(self) -> tuple[int, dict] | None:
        """A token of this tile: its data are the first words of what the place holds."""
        if not self.free or self.rng.random() >= self.busy:
            return None
        place, token = self.take_place(), self.a_token()
        token["words"] = min(token["words"], len(self.data[place]))
        self.data[place] = self.data[place][: token["words"]]
        return place, token

    def flit(self) -> tuple[dict, Flit] | None:
        """The next flit with its meaning, for the twin."""
        if not self.flits:
            ready = [request for request in self.library if request[0] <= 0]
            if ready and self.rng.random() < 0.5:
                self.library.remove(ready[0])
                self._send_configuration(self.parallel[ready[0][1]])
            elif self.free and self.rng.random() < self.busy:
                self._send_token(self.take_place(), self.a_token())
        return self.flits[0] if self.flits and self.rng.random() < 0.8 else None

    def _send_configuration(self, parallel: int) -> None:
        size = self.rng.choice([0, 1, 4]) if self.rng.random() < 0.9 else 70
        words = [self.rng.randrange(1 << 32) for _ in range(size)]
        flits = configuration(self.config, parallel >> 1, words)
        self.flits.extend((flit, Flit()) for flit in flits[:-1])
        self.flits.append((flits[-1], Flit("configuration", parallel)))

    def _send_token(self, place: int, token: dict) -> None:
        words = self.data[place] = [self.rng.randrange(1 << 32) for _ in range(token["words"])]
        flits, rows = to_place(self.config, place, token, words), len(packets.rows(self.config, words))
        meaning = Flit("token", (place, token))
        for i, flit in enumerate(flits):
            part = meaning if flit["last"] else Flit()
            self.flits.append((flit, part._replace(row=i >= len(flits) - rows)))

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
