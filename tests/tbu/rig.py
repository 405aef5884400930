# SPDX-License-Identifier: Apache-2.0
"""What a TBU's surroundings do in its tests."""

import random
from collections import deque

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_sim.reference.tbu import Flit
from tests.noc import packets
from tests.tbu.samples import lengths


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
        where = {"x": 0, "y": 0, "unit": 0}
        for packet in packets.chunk_packets(self.config, where, parallel >> 1, words):
            self._send(packet, 0, Flit())
        flit, _ = self.flits.pop()
        self.flits.append((flit, Flit("configuration", parallel)))

    def _send_token(self, place: int, token: dict) -> None:
        words = self.data[place] = [self.rng.randrange(1 << 32) for _ in range(token["words"])]
        packet = packets.token_packet(self.config, {"x": 0, "y": 0, "unit": 0, "arg": place}, token, words)
        self._send(packet, len(packets.rows(self.config, words)), Flit("token", (place, token)))

    def _send(self, packet: packets.Flits, rows: int, meaning: Flit) -> None:
        for i, (data, last) in enumerate(packet):
            part = meaning if last else Flit()
            self.flits.append(({"data": data, "last": last}, part._replace(row=i >= len(packet) - rows)))

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
