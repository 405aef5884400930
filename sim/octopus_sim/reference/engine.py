# SPDX-License-Identifier: Apache-2.0
"""What the engine's states share: a tile's tables and queues, and what can be done to them (docs/timing.md#cbu)."""

from __future__ import annotations

import copy
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from octopus_hw.contract.codes import Kind
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import Image
from octopus_sim.reference.balancing import Grants
from octopus_sim.reference.draw import Numbers
from octopus_sim.reference.holders import Holder, Inputs, Join, Outputs, Token
from octopus_sim.reference.work import HomeWork

__all__ = ["LANES", "QUAD", "Engine"]

LANES = 32
#: Words of a quad.
QUAD = 4


class Engine:
    """One tile's engine between two cycles; `h` is the holder at work, `r` and `s` are the rows seen."""

    i: Inputs
    o: Outputs
    h: Holder
    r: Any
    s: Any

    def __init__(self, image: Image, x: int, y: int) -> None:
        config = self.config = image.config
        self.tile = next(t for t in image.tiles if (t.x, t.y) == (x, y))
        self.image, self.x, self.y = image, x, y
        self.numbers = Numbers(image)
        self.quads = 1 << layouts(config).quad  # what a quad's number is taken modulo
        region = image.region(x, y)
        self.heads, self.owners = image.own_heads[region], image.owners[region]
        self.turns = [0] * len(self.heads)  # each block's round-robin number
        full = (1 << config.peas) - 1
        self.live = [(~self.tile.dead >> 8 * tbu & full).bit_count() for tbu in range(config.tbus)]
        self.free = [set(range(config.queue_depth)) if live else set() for live in self.live]
        self.grants, self.home_work = Grants(), HomeWork(image.mode)
        self.slots = [set(range(int(s["slot"]), int(s["slot"]) + int(s["slots"]))) for s in self.tile.streams]
        self.injected = [0] * len(self.tile.streams)
        self.records: dict[int, Holder] = {}
        self.joins: dict[int, Join] = {}
        self.resumed: deque[int] = deque()
        self.ready: deque[int] = deque()
        self.stalled: deque[int] = deque()
        self.answers: dict[int, tuple[int, int]] = {}
        self.row_stream: int | None = None  # whose ROW is under way
        self.rows: dict[int, int] = {}  # by stream: words of the row that is there
        self.reserved: dict[int, int] = {}  # by stream: the slot of the instance that its row is for
        self.results: deque[int] = deque()
        self.asked = False  # for the head of the results
        self.requests: deque[dict[str, int]] = deque()
        self.replies: deque[dict[str, Any]] = deque()
        self.budget = 0
        self.pointer = 0
        self.state = self.next = "IDLE"
        self.retired = self.ended = 0  # instances; and those whose slot is free again
        self.arriving = self.retried = self.sending = False
        self.drawn = self.drawn_from = 0  # a draw's result, and from when on it is visible
        self.branch: Any = None
        self.candidate = 0
        self.later: list[Callable[[], Any]] = []  # what is visible in the next cycle
        self.freed = self.spent = 0
        self.credit: list[bool] = []
        self.ways: Counter[tuple[str, ...]] = Counter()  # what became of tasks and of grants

    def event(self, name: str, block: int, token: Token) -> None:
        """Record an event (docs/timing.md#events)."""
        self.o.events.append((self.i.cycle, name, token["instance"], block, token["index"], token["round"]))

    # Places (docs/timing.md#free-places).

    def give(self, tbu: int, place: int) -> None:
        """Free a place."""
        assert place not in self.free[tbu]
        self.freed += 1
        self.later.append(lambda: self.free[tbu].add(place))

    def take(self, tbu: int) -> int:
        """Allocate a TBU's lowest free place."""
        place = min(self.free[tbu])
        self.later.append(lambda: self.free[tbu].remove(place))
        return place

    # Instances (docs/timing.md#idle).

    def has_left(self, stream: int) -> bool:
        """Whether a stream has instances left."""
        streams = self.tile.streams
        return stream < len(streams) and self.injected[stream] < int(streams[stream]["count"])

    def next_instance(self, stream: int) -> Any:
        """Return a stream's next instance."""
        return self.tile.list[int(self.tile.streams[stream]["first"]) + self.injected[stream]]

    def take_slot(self, stream: int) -> int:
        """Take a stream's lowest free slot."""
        slot = min(self.slots[stream])
        self.later.append(lambda: self.slots[stream].remove(slot))
        return slot

    def free_slot(self, slot: int) -> None:
        """Free a slot: its instance has ended."""
        stream = next(n for n, row in enumerate(self.tile.streams) if 0 <= slot - row["slot"] < row["slots"])
        slots = self.slots[stream]
        assert slot not in slots
        self.later += [lambda: slots.add(slot), self.end_instance]

    def end_instance(self) -> None:
        """Count an instance that has ended."""
        self.ended += 1

    # Queues (docs/timing.md#queues-of-holders).

    def push_ready(self, ref: int) -> None:
        """Push a holder to ready, a place to resumed."""
        assert ref not in self.resumed
        assert ref not in self.ready
        assert ref not in self.stalled
        self.later.append(lambda: (self.resumed if ref < self.config.places else self.ready).append(ref))

    def room_of(self, ref: int) -> bool:
        """Whether there is room for a holder."""
        return self.credit[ref // self.config.queue_depth if ref < self.config.places else -1]

    def request(self, fields: dict[str, int]) -> None:
        """Push a PLACE into the request queue."""
        self.later.append(lambda: self.requests.append(fields))

    def reply(self, fields: dict[str, Any]) -> None:
        """Push a message into the reply queue."""
        self.later.append(lambda: self.replies.append(fields))

    def give_up(self, returned: int) -> dict[str, int]:
        """Take the oldest grant, and answer it with a TAKEN."""
        grant = self.grants.take()
        self.reply(grant | {"message": "TAKEN", "returned": returned})
        return grant

    # Holders (docs/timing.md#holders).

    def save(self) -> None:
        """Keep the holder at work as it is."""
        self.records[self.h.ref] = copy.deepcopy(self.h)

    @property
    def last(self) -> bool:
        """Whether the holder is at the last flow of its list, or at its last child."""
        h = self.h
        if h.kind == "SINGLE":
            return True
        if h.kind == "SPAWN":
            return h.token["index"] + 1 == h.total
        return bool(self.image.flows[h.cursor]["last"])

    @property
    def at(self) -> tuple[int, int]:
        """TBU and place of a PLACE holder."""
        return divmod(self.h.ref, self.config.queue_depth)

    @property
    def here(self) -> bool:
        """Whether the token's home is this tile."""
        return (self.h.token["home_x"], self.h.token["home_y"]) == (self.x, self.y)

    # Rows (docs/timing.md#states).

    def read(self, flow: int) -> None:
        """Read a flow, and the slot of the token; to FLOW."""
        self.r = self.image.flows[flow]
        self.s = self.image.slots[self.h.token["slot"]]
        self.next = "FLOW"

    def place_of(self, r: Any) -> tuple[int, int, int]:
        """Return place(r): record, join record, data (a quad)."""
        s, index = self.s, self.h.token["index"]
        lane = index % LANES
        record = int(s["record"] + r["record"] + (lane if r["laned"] else 0))
        join = int(s["join"] + r["join"] + (lane if r["laned"] and r["kind"] == Kind.JOIN else 0))
        m = (lane if r["laned"] else index) * int(r["stride"])
        return record, join, (int(s["data"] + r["area"]) + m) % self.quads
