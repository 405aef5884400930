# SPDX-License-Identifier: Apache-2.0
"""A TBU, one cycle at a time (docs/timing.md#tbu).

All choices of a cycle are made from what was visible at its start; `Tbu.step` then applies them.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from octopus_hw.contract.codes import Event
from octopus_hw.contract.config import Config
from octopus_sim.reference.dispatcher import Binding, Mode, Pea, Slot, load, split
from octopus_sim.reference.events import MASK, event_hash
from octopus_sim.reference.tally import Tally
from octopus_sim.reference.work import WORTH

__all__ = ["Flit", "Seen", "Tbu"]

Token = dict[str, int]
#: Result and cycle r of each field; the key's, if it is drawn, comes last.
Results = list[tuple[int, int]]
#: What a value weighs in the data of a finish.
VALUE = 65537


class Flit(NamedTuple):
    """What a flit means to a TBU: of a last one "token" (place and token), "configuration" (PEAs), or "part"."""

    kind: str
    detail: Any = None
    row: tuple[int, int, list[int]] | None = None  #: the data in it: place, number of the row, words


@dataclass
class Seen:
    """What the ports show in a cycle."""

    room: bool = False
    request: int | None = None
    done: tuple[int, Token] | None = None
    started: int = 0
    work: int = 0  #: cycles drawn by those that started
    loads: int = 0
    hash: int = 0
    weights: int = 0  #: what those of its tokens are worth


@dataclass
class Tbu:
    """One TBU; `draw` gives the results of both fields, and the key if one is drawn, for a token taken in cycle t."""

    config: Config
    mode: Mode
    number: int
    dead: int
    draw: Callable[[Token, int], Results]
    now: int = 0
    passed: int = 0
    after: int = 0
    waiting: list[int] = field(default_factory=list)
    tokens: dict[int, Token] = field(default_factory=dict)
    results: dict[int, Results] = field(default_factory=dict)
    to_draw: deque[int] = field(default_factory=deque)
    draw_idle: int = 0
    rx: deque[Flit] = field(default_factory=deque)
    completions: deque[tuple[int, Token]] = field(default_factory=deque)
    requests: deque[int] = field(default_factory=deque)
    started: int = 0
    work: int = 0
    loads: int = 0
    hashes: list[int] = field(default_factory=lambda: [0, 0, 0])
    overtaken: int = 0  #: loads given up because their slot is bound in the same cycle
    teams: Counter[int] = field(default_factory=Counter)  #: bindings, by how many PEAs

    def __post_init__(self) -> None:
        self.slots = [Slot() for _ in range(self.config.config_slots)]
        self.peas = [Pea("dead" if self.dead >> p & 1 else "idle") for p in range(self.config.peas)]
        self.buffers = {place: [0] * (self.config.buffer_words + 4) for place in range(self.config.queue_depth)}
        self.tally = Tally(self.config, self.key, self.buffers)

    def step(
        self,
        accept: tuple[int, Token] | None,
        push: Flit | None,
        take_done: bool,
        take_request: bool,
        reads: bool = False,
    ) -> Seen:
        """Go through one cycle, in which the sender `reads` or not."""
        blocks = [self.tokens[place]["block"] for place in self.waiting]
        seen = self.see()
        bound = split(self.mode, self.passed, blocks, self.slots, self.peas)
        slot = bound.slot if bound else None
        loaded = load(self.mode, self.passed, blocks, self.slots, self.peas, self.after, slot)
        self.overtaken += loaded != load(self.mode, self.passed, blocks, self.slots, self.peas, self.after, None)
        self.draw_next()
        taken = self.taken(accept)
        self.tally.step(self.now, reads, taken is not None and taken.row is not None)
        if take_done and self.completions:
            self.completions.popleft()
        if take_request and self.requests:
            self.requests.popleft()
        self.run()
        if bound:
            self.bind(bound)
        if loaded:
            self.load(*loaded)
        self.receive(accept, taken)
        if push and seen.room:
            self.rx.append(push)
        self.now += 1
        return seen

    def see(self) -> Seen:
        """Return what the ports show."""
        return Seen(
            room=len(self.rx) < 2,
            request=self.requests[0] if self.requests else None,
            done=self.completions[0] if self.completions else None,
            started=self.started,
            work=self.work,
            loads=self.loads,
            hash=self.hashes[0],
            weights=sum(WORTH[token["weight"]] for token in self.tokens.values()),
        )

    def draw_next(self) -> None:
        """Let an idle draw unit take the head of its queue (docs/timing.md#draw)."""
        if self.draw_idle <= self.now and self.to_draw:
            place = self.to_draw.popleft()
            self.results[place] = self.draw(self.tokens[place], self.now)
            self.draw_idle = self.results[place][-1][1] + 1

    def result(self, place: int, f: int) -> int | None:
        """Return a field that has been drawn, or None."""
        results = self.results.get(place)
        return results[f][0] if results and results[f][1] < self.now else None

    def key(self, place: int, now: int) -> int | None:
        """Return a place's key if it is visible in a cycle."""
        results = self.results.get(place, [])
        return results[2][0] if len(results) > 2 and results[2][1] < now else None

    def data(self, place: int) -> int | None:
        """Return the `data` of a place's finish if value and sum are visible, or None."""
        value = self.result(place, 1)
        total, z = self.tally.sums.get(place, (0, self.now))
        return None if value is None or z >= self.now else (total + value * VALUE) & MASK

    def run(self) -> None:
        """Let PEAs switch, one start and one finish (docs/timing.md#pea)."""
        starting = finishing = None
        for p, pea in enumerate(self.peas):
            if pea.state == "bound" and pea.switch > 0:
                pea.switch -= 1
            elif pea.state == "bound" and starting is None and self.result(pea.place, 0) is not None:
                starting = p
            elif pea.state == "running" and finishing is None and self.now >= pea.end:
                finishing = p if self.data(pea.place) is not None else None
        events = self.hash_of(starting, Event.START) + self.hash_of(finishing, Event.FINISH)
        self.hashes = [*self.hashes[1:], self.hashes[-1] + events & MASK]
        if starting is not None:
            self.start(self.peas[starting])
        if finishing is not None:
            self.finish(self.peas[finishing])

    def hash_of(self, p: int | None, event: Event) -> int:
        """Return the hash of an event of a PEA, if there is one (docs/timing.md#event-hash)."""
        if p is None:
            return 0
        place = self.peas[p].place
        data = (self.data(place) or 0) if event == Event.FINISH else 0
        return event_hash(self.now, 1 + 8 * self.number + p, event, self.tokens[place], data)

    def start(self, pea: Pea) -> None:
        """Let a PEA run for the cycles that its token drew."""
        cycles = max(1, self.result(pea.place, 0) or 0)
        k = 1 + len(pea.helpers)
        span = cycles if k == 1 else math.ceil((cycles + cycles // 8) / k)
        pea.state, pea.end = "running", self.now + span
        self.started += 1
        self.work += cycles

    def finish(self, pea: Pea) -> None:
        """Complete a PEA's token: it is idle, and so are its helpers."""
        for other in (pea, *(self.peas[p] for p in pea.helpers)):
            other.state = "idle"
        value = self.result(pea.place, 1)
        assert value is not None
        token = self.tokens.pop(pea.place)
        self.completions.append((pea.place, token | {"value": value, "words": token["result"]}))

    def bind(self, bound: Binding) -> None:
        """Bind a token to its PEAs (docs/timing.md#dispatcher)."""
        place = self.waiting.pop(bound.position)
        time = self.config.switch_cycles if bound.switch else 0
        self.peas[bound.pea] = Pea("bound", bound.slot, place, time, helpers=bound.helpers)
        for p in bound.helpers:
            self.peas[p] = Pea("helping", bound.slot)
        self.teams[1 + len(bound.helpers)] += 1
        self.passed = 0 if bound.position == 0 else min(self.passed + 1, 7)

    def load(self, s: int, block: int) -> None:
        """Let a slot load a block (docs/timing.md#loader)."""
        self.slots[s] = Slot(block, "loading")
        self.after = (s + 1) % len(self.slots)
        self.loads += 1
        self.requests.append(block)
        for pea in self.peas:
            if pea.context == s:
                pea.context = None

    def taken(self, accept: tuple[int, Token] | None) -> Flit | None:
        """Return the head flit, but for a token's last one in the cycle of a dispatch (docs/timing.md#receivers)."""
        head = self.rx[0] if self.rx else None
        return None if head and accept and head.kind == "token" else head

    def receive(self, accept: tuple[int, Token] | None, flit: Flit | None) -> None:
        """Take a flit; accept a token from it or from the CBU (docs/timing.md#receivers)."""
        if flit:
            self.rx.popleft()
            if flit.row:
                place, number, words = flit.row
                first = self.tally.width * number
                self.buffers[place][first : first + len(words)] = words
            if flit.kind == "token":
                accept = flit.detail
            elif flit.kind == "configuration":
                for slot in self.slots:
                    if slot.state == "loading":
                        slot.state, slot.parallel = "resident", flit.detail
        if accept:
            place, token = accept
            self.tokens[place] = token
            self.results.pop(place, None)
            self.waiting.append(place)
            self.to_draw.append(place)
            self.tally.accept(place, token)
