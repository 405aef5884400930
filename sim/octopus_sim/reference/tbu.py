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
from octopus_sim.reference.work import WORTH

__all__ = ["Flit", "Seen", "Tbu"]

Token = dict[str, int]
#: Result and cycle r of each field, and of a key.
Results = list[tuple[int, int]]


class Flit(NamedTuple):
    """What a flit means."""

    kind: str = "part"  #: or that it is the last one: "token", "configuration"
    detail: Any = None  #: place and token; over how many PEAs the configuration may be split
    row: bool = False  #: it carries data for a place


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
    """One TBU.

    `draw` gives the results of both fields, and then perhaps the key, for a token that is taken in cycle t; `sum_of`
    gives the sum of the result at a place, if it is visible.
    """

    config: Config
    mode: Mode
    number: int
    dead: int
    draw: Callable[[Token, int], Results]
    sum_of: Callable[[int], int | None]
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

    def step(self, accept: tuple[int, Token] | None, push: Flit | None, take_done: bool, take_request: bool) -> Seen:
        """Go through one cycle."""
        blocks = [self.tokens[place]["block"] for place in self.waiting]
        seen = self.see()
        bound = split(self.mode, self.passed, blocks, self.slots, self.peas)
        slot = bound.slot if bound else None
        loaded = load(self.mode, self.passed, blocks, self.slots, self.peas, self.after, slot)
        self.overtaken += loaded != load(self.mode, self.passed, blocks, self.slots, self.peas, self.after, None)
        self.draw_next()
        if take_done and self.completions:
            self.completions.popleft()
        if take_request and self.requests:
            self.requests.popleft()
        self.run()
        if bound:
            self.bind(bound)
        if loaded:
            self.load(*loaded)
        self.receive(accept, push if seen.room else None)
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

    def settled(self, place: int) -> bool:
        """Whether value and sum are visible."""
        return self.result(place, 1) is not None and self.sum_of(place) is not None

    def data(self, place: int) -> int:
        """Return the data of a finish."""
        return ((self.sum_of(place) or 0) + (self.result(place, 1) or 0) * 65537) & MASK

    def run(self) -> None:
        """Let PEAs switch, one start and one finish (docs/timing.md#pea)."""
        starting = finishing = None
        for p, pea in enumerate(self.peas):
            if pea.state == "bound" and pea.switch > 0:
                pea.switch -= 1
            elif pea.state == "bound" and starting is None and self.result(pea.place, 0) is not None:
                starting = p
            elif pea.state == "running" and finishing is None and self.now >= pea.end:
                finishing = p if self.settled(pea.place) else None
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
        data = self.data(place) if event == Event.FINISH else 0
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
        value, token = self.result(pea.place, 1), self.tokens.pop(pea.place)
        assert value is not None
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
        """Return the head flit, if it is taken (docs/timing.md#receivers)."""
        return self.rx[0] if self.rx and not (accept and self.rx[0].kind == "token") else None

    def receive(self, accept: tuple[int, Token] | None, push: Flit | None) -> None:
        """Take the head flit; accept a token from it or from the CBU."""
        if self.taken(accept):
            kind, detail, _ = self.rx.popleft()
            if kind == "token":
                accept = detail
            elif kind == "configuration":
                for slot in self.slots:
                    if slot.state == "loading":
                        slot.state, slot.parallel = "resident", detail
        if push:
            self.rx.append(push)
        if accept:
            place, token = accept
            self.tokens[place] = token
            self.results.pop(place, None)
            self.waiting.append(place)
            self.to_draw.append(place)
