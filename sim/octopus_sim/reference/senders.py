# SPDX-License-Identifier: Apache-2.0
"""What a sender makes of a command: its packet, and the cycles of it (docs/timing.md#senders)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CHUNK
from octopus_hw.contract.layouts import layouts
from octopus_sim.reference.conventions import RoundRobin
from octopus_sim.reference.engine import QUAD

__all__ = ["Sender", "chunks", "rows", "sent", "token_packet"]

#: Reads some words that lie at a command's source.
Read = Callable[[int, int], Sequence[int]]


def sent(command: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many words of memory are sent, and how many in all (docs/timing.md#senders)."""
    k = min(max(command["length"] - QUAD * command["begin"], 0), command["words"])
    return k, max(k, QUAD * command["room"])


def rows(words: Sequence[int], config: Config) -> list[int]:
    """Return words as rows: the first one in the lowest bits, 0 behind the last."""
    w = config.data_width // WORD
    parts = [words[first : first + w] for first in range(0, len(words), w)]
    return [sum(word << WORD * n for n, word in enumerate(part)) for part in parts]


def head(packed: int, size: int, config: Config) -> list[int]:
    """Return the flits that a packet's head takes."""
    width = config.data_width
    return [packed >> bit & (1 << width) - 1 for bit in range(0, size, width)]


def token_packet(command: Mapping[str, Any], words: Sequence[int], config: Config) -> list[int]:
    """Return the flits of a token's packet with all its words (docs/timing.md#packets)."""
    made = layouts(config)
    to = made.header.pack(x=command["x"], y=command["y"], unit=command["unit"], host=command.get("host", 0))
    token = made.token.pack(**command["token"] | {"words": len(words)})
    packed = made.token_head.pack(header=to, arg=command["arg"], token=token)
    return head(packed, made.token_head.size, config) + rows(words, config)


def chunks(header: Mapping[str, int], parallel: int, configuration: Sequence[int], config: Config) -> list[list[int]]:
    """Return the flits of each packet of a configuration (docs/timing.md#packets)."""
    made = layouts(config)
    to, count = made.header.pack(**header, config=1), max(1, -(-len(configuration) // CHUNK))
    packets = []
    for number in range(count):
        words = configuration[CHUNK * number : CHUNK * (number + 1)]
        complete = int(number == count - 1)
        packed = made.chunk_head.pack(header=to, parallel=parallel, complete=complete, chunk=number)
        packets.append(head(packed, made.chunk_head.size, config) + rows(words, config))
    return packets


@dataclass
class Sender:
    """A sender between two cycles; a TBU's library stays empty.

    Commands have the fields of the layout `command`, as they are stored. An item of `library` is what is left to choose
    of a configuration's `chunks`.
    """

    config: Config
    read: Read
    commands: deque[dict[str, Any]] = field(default_factory=deque)
    library: deque[list[list[int]]] = field(default_factory=deque)
    flits: deque[int] = field(default_factory=deque)
    data: bool = False  #: rows of data are among them
    release: int | None = None  #: the place, or slot, to free behind them
    turn: RoundRobin = field(default_factory=lambda: RoundRobin(2))
    reads: bool = False  #: in the cycle before
    freed: int | None = None  #: in the cycle before

    def step(self, room: bool) -> tuple[int, bool] | None:
        """Go through one cycle; return the flit that is pushed, if there is `room`, and whether it is the last."""
        busy, self.freed, pushed = bool(self.flits), None, None
        if busy and room:
            pushed = self.flits.popleft(), len(self.flits) == 0
        self.reads = self.data and bool(self.flits)
        if pushed and pushed[1]:
            self.freed = self.release
        if not self.flits:
            self.choose(busy)
        return pushed

    def choose(self, busy: bool) -> None:
        """Take a command or choose a chunk; no `empty` command in the cycle of a last push."""
        asks = [bool(self.commands) and not (busy and self.commands[0]["empty"]), bool(self.library)]
        chosen = self.turn.pick(asks)
        self.turn.move(chosen)
        if chosen == 0:
            self.take(self.commands.popleft())
        elif chosen == 1:
            self.flits, self.data, self.release = deque(self.library[0].pop(0)), False, None
            if not self.library[0]:
                self.library.popleft()

    def take(self, command: dict[str, Any]) -> None:
        """Take a command: its packet begins, or its place is freed."""
        behind = command["token"]["slot"] if command.get("host") else command["source"]
        self.release = behind if command["release"] else None
        if command["empty"]:
            self.freed = self.release
            return
        k, n = sent(command)
        words = [*self.read(command["source"], QUAD * command["begin"] + k)[QUAD * command["begin"] :], *[0] * (n - k)]
        self.flits, self.data = deque(token_packet(command, words, self.config)), n > 0
