# SPDX-License-Identifier: Apache-2.0
"""The host's port, as far as tiles see it (docs/timing.md#host-port): rows in, results out."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from octopus_hw.contract.codes import HostEvent
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import ROW_BUFFERS, UNIT_ROW
from octopus_hw.contract.layouts import layouts
from octopus_sim.reference.senders import token_packet

__all__ = ["HostPort", "PortInputs", "PortOutputs"]

Tile = tuple[int, int]


@dataclass
class PortInputs:
    """What the port sees in a cycle: heads of its receiving queues, which it takes, and credits."""

    message: tuple[str, Tile] | None = None  #: "ROW" or "RESULT", and the tile
    result: bool = False  #: the last flit of a result
    events: Sequence[tuple[HostEvent, Any]] = ()  #: what the host does; with a ROW go its words
    reply_room: bool = True  #: of the control link into tile 0,0
    data_room: Sequence[bool] = (True, True)  #: of the data link, by virtual channel


@dataclass
class PortOutputs:
    """What it sends in the cycle."""

    send: Tile | None = None  #: a SEND for this tile
    flit: tuple[int, int, bool] | None = None  #: virtual channel, flit, and whether it is the last


@dataclass
class HostPort:
    """The port between two cycles."""

    config: Config
    asking: deque[Tile] = field(default_factory=deque)  #: ROWs that the host has not answered
    rows: deque[tuple[Tile, Sequence[int]]] = field(default_factory=deque)  #: in buffers, not begun
    flits: deque[int] = field(default_factory=deque)  #: left of the row that is being sent
    channel: int = 0  #: theirs
    waiting: deque[Tile] = field(default_factory=deque)  #: RESULTs
    credits: int = 0
    taken: int = 0  #: result buffers that a SEND has taken
    held: int = 0  #: results that have come, all of each

    @property
    def row_buffers(self) -> int:
        """How many row buffers no row has; ROWs that were told before are the host's matter."""
        return ROW_BUFFERS - len(self.rows) - bool(self.flits)

    def step(self, i: PortInputs) -> PortOutputs:
        """Go through one cycle."""
        for what, value in i.events:
            self.happen(what, value)
        o = PortOutputs(send=self.answer(i.reply_room), flit=self.push(i.data_room))
        if i.message is not None:
            kind, tile = i.message
            (self.asking if kind == "ROW" else self.waiting).append(tile)
        self.held += i.result
        return o

    def happen(self, what: HostEvent, value: Any) -> None:
        """Let the host do something, which counts from this cycle on."""
        match what:
            case HostEvent.ROW:
                assert self.row_buffers > 0
                self.rows.append((self.asking.popleft(), value))
            case HostEvent.CREDIT:
                self.credits += value
            case HostEvent.TAKEN:
                assert self.held > 0
                self.held, self.taken = self.held - 1, self.taken - 1

    def answer(self, room: bool) -> Tile | None:
        """Send a SEND, if the result has room all the way (docs/timing.md#results-out)."""
        if not (self.waiting and self.credits and self.taken < ROW_BUFFERS and room):
            return None
        self.credits, self.taken = self.credits - 1, self.taken + 1
        return self.waiting.popleft()

    def push(self, room: Sequence[bool]) -> tuple[int, int, bool] | None:
        """Push a flit of a row; idle, or after the last one, take the next row (docs/timing.md#rows-in)."""
        pushed = None
        if self.flits and room[self.channel]:
            flit = self.flits.popleft()
            pushed = self.channel, flit, not self.flits
        if not self.flits and self.rows:
            (x, y), words = self.rows.popleft()
            token = dict.fromkeys(layouts(self.config).token.spans, 0)
            command = {"x": x, "y": y, "unit": UNIT_ROW, "arg": 0, "token": token}
            self.flits = deque(token_packet(command, words, self.config))
            self.channel = int(self.config.data_vcs == 2 and x == 0)
        return pushed
