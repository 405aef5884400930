# SPDX-License-Identifier: Apache-2.0
"""What a TBU does, read from docs/timing.md, sections 2, 4 and 7: the tests' own opinion, in plain Python.

All choices of a cycle are made from what was visible at its start; `Tbu.cycle` then applies them.
"""

import math
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product

from octopus_hw.contract.codes import Event
from octopus_hw.contract.config import Config

MASK = 0xFFFFFFFF
#: Units of work, by weight: (2 + m) << e.
WORTH = [0, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384]


def rotl(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & MASK


def event_hash(cycle: int, unit: int, event: Event, token: dict) -> int:
    w1 = token["block"] << 16 | token["index"]
    w2 = token["round"] << 24 | token["instance"]
    w3 = unit << 4 | event
    a = (cycle + rotl(w1, 13)) & MASK
    b = ((w2 ^ rotl(a, 7)) + rotl(w3, 22)) & MASK
    return ((a ^ rotl(b, 15)) + rotl(b, 3)) & MASK


@dataclass
class Slot:
    block: int = -1
    state: str = "empty"
    parallel: int = 1


@dataclass
class Pea:
    state: str = "idle"  # or bound, running, helping, dead; "finished" is running beyond its end
    context: int | None = None
    place: int = 0
    switch: int = 0
    end: int = 0
    helpers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Mode:
    adaptive: bool
    prefetch: bool
    affinity: bool = True
    split: bool = False

    def __str__(self) -> str:
        return " ".join(name for name, on in vars(self).items() if on) or "none"


#: All mode bits.
MODES = [Mode(*bits) for bits in product((False, True), repeat=4)]


@dataclass(frozen=True)
class Binding:
    position: int  # in the waiting list
    pea: int
    helpers: tuple[int, ...]
    slot: int
    switch: bool  # it takes the switch time


def binding(mode: Mode, passed: int, blocks: list[int], slots: list[Slot], peas: list[Pea]) -> Binding | None:
    chosen = choice(mode, passed, blocks, slots, peas)
    if chosen is None:
        return None
    position, pea, slot = chosen
    idle = [p for p, other in enumerate(peas) if other.state == "idle"]
    k = 1
    if mode.split:
        spare = [team for team in (2, 4) if team <= slots[slot].parallel and len(idle) - team >= len(blocks) - 1]
        k = max([1, *spare])
    helpers = tuple([p for p in idle if p != pea][: k - 1])
    switch = any(peas[p].context != slot for p in (pea, *helpers))
    return Binding(position, pea, helpers, slot, switch)


def choice(
    mode: Mode, passed: int, blocks: list[int], slots: list[Slot], peas: list[Pea]
) -> tuple[int, int, int] | None:
    """Position in the waiting list, first PEA and slot."""
    resident = {slot.block: i for i, slot in enumerate(slots) if slot.state == "resident"}
    idle = [p for p, pea in enumerate(peas) if pea.state == "idle"]
    eligible = list(range(len(blocks)))
    if not mode.adaptive or (passed == 7 and blocks and blocks[0] in resident):
        eligible = eligible[:1]
    for q in eligible if mode.affinity else []:
        for p in idle:
            if blocks[q] in resident and peas[p].context == resident[blocks[q]]:
                return q, p, resident[blocks[q]]
    for q in eligible:
        if idle and blocks[q] in resident:
            return q, idle[0], resident[blocks[q]]
    return None


def load(
    mode: Mode, passed: int, blocks: list[int], slots: list[Slot], peas: list[Pea], after: int, bound: int | None
) -> tuple[int, int] | None:
    """Slot and block; `after` is where the cyclic search starts, `bound` the slot that is bound in this cycle."""
    if any(slot.state == "loading" for slot in slots):
        return None
    if not mode.prefetch and not any(pea.state == "idle" for pea in peas):
        return None
    resident = [slot.block for slot in slots if slot.state == "resident"]
    missing = [q for q, block in enumerate(blocks) if block not in resident]
    if not missing or (not mode.adaptive and missing[0] != 0):
        return None
    block = blocks[missing[0]]
    for s, slot in enumerate(slots):
        if slot.state == "empty":
            return s, block
    for i in range(len(slots)):
        s = (after + i) % len(slots)
        if any(pea.context == s for pea in peas if pea.state in ("bound", "running", "helping")):
            continue
        if mode.adaptive and passed < 7 and slots[s].block in blocks:
            continue
        return None if s == bound else (s, block)
    return None


@dataclass
class Seen:
    """What the ports show in a cycle."""

    room: bool = False
    request: int | None = None
    done: tuple[int, dict] | None = None
    started: int = 0
    work: int = 0
    loads: int = 0
    hash: int = 0
    weights: int = 0  # what those of its tokens are worth


@dataclass
class Tbu:
    config: Config
    mode: Mode
    number: int
    dead: int
    draw: Callable[[dict, int], list[tuple[int, int]]]  # token, cycle t: (result, cycle r) of both fields
    now: int = 0
    passed: int = 0
    after: int = 0
    waiting: list[int] = field(default_factory=list)
    tokens: dict[int, dict] = field(default_factory=dict)
    results: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    to_draw: deque[int] = field(default_factory=deque)
    draw_idle: int = 0
    rx: deque[tuple] = field(default_factory=deque)
    completions: deque[tuple[int, dict]] = field(default_factory=deque)
    requests: deque[int] = field(default_factory=deque)
    started: int = 0
    work: int = 0
    loads: int = 0
    hashes: list[int] = field(default_factory=lambda: [0, 0, 0])
    overtaken: int = 0  # loads given up because their slot is bound in the same cycle
    teams: Counter[int] = field(default_factory=Counter)  # bindings, by how many PEAs

    def __post_init__(self) -> None:
        self.slots = [Slot() for _ in range(self.config.config_slots)]
        self.peas = [Pea("dead" if self.dead >> p & 1 else "idle") for p in range(self.config.peas)]

    def cycle(self, accept: tuple[int, dict] | None, push: tuple | None, take_done: bool, take_request: bool) -> Seen:
        """Go through one cycle; `push` is a flit's meaning: (kind, detail)."""
        t, blocks = self.now, [self.tokens[place]["block"] for place in self.waiting]
        seen = Seen(len(self.rx) < 2, started=self.started, work=self.work, loads=self.loads, hash=self.hashes[0])
        seen.weights = sum(WORTH[token["weight"]] for token in self.tokens.values())
        seen.request = self.requests[0] if self.requests else None
        seen.done = self.completions[0] if self.completions else None
        bound = binding(self.mode, self.passed, blocks, self.slots, self.peas)
        slot = bound.slot if bound else None
        loaded = load(self.mode, self.passed, blocks, self.slots, self.peas, self.after, slot)
        self.overtaken += loaded != load(self.mode, self.passed, blocks, self.slots, self.peas, self.after, None)
        if self.draw_idle <= t and self.to_draw:
            place = self.to_draw.popleft()
            self.results[place] = self.draw(self.tokens[place], t)
            self.draw_idle = self.results[place][1][1] + 1
        if take_done and self.completions:
            self.completions.popleft()
        if take_request and self.requests:
            self.requests.popleft()
        self._run()
        if bound:
            self._bind(bound)
        if loaded:
            self._load(*loaded)
        self._receive(accept, push if seen.room else None)
        self.now += 1
        return seen

    def _result(self, place: int, f: int) -> int | None:
        results = self.results.get(place)
        return results[f][0] if results and results[f][1] < self.now else None

    def _run(self) -> None:
        start = finish = None
        events = 0
        for p, pea in enumerate(self.peas):
            if pea.state == "bound" and pea.switch > 0:
                pea.switch -= 1
            elif pea.state == "bound" and start is None and self._result(pea.place, 0) is not None:
                start = p
            elif pea.state == "running" and finish is None and self.now >= pea.end:
                finish = p if self._result(pea.place, 1) is not None else None
        for p, event in ((start, Event.START), (finish, Event.FINISH)):
            if p is not None:
                unit = 1 + 8 * self.number + p
                events += event_hash(self.now, unit, event, self.tokens[self.peas[p].place])
        if start is not None:
            cycles = max(1, self._result(self.peas[start].place, 0))
            k = 1 + len(self.peas[start].helpers)
            span = cycles if k == 1 else math.ceil((cycles + cycles // 8) / k)
            self.peas[start].state, self.peas[start].end = "running", self.now + span
            self.started += 1
            self.work += cycles
        if finish is not None:
            for p in (finish, *self.peas[finish].helpers):
                self.peas[p].state = "idle"
            place = self.peas[finish].place
            self.completions.append((place, self.tokens.pop(place) | {"value": self._result(place, 1)}))
        self.hashes = [*self.hashes[1:], self.hashes[-1] + events & MASK]

    def _bind(self, bound: Binding) -> None:
        place = self.waiting.pop(bound.position)
        time = self.config.switch_cycles if bound.switch else 0
        self.peas[bound.pea] = Pea("bound", bound.slot, place, time, helpers=bound.helpers)
        for p in bound.helpers:
            self.peas[p] = Pea("helping", bound.slot)
        self.teams[1 + len(bound.helpers)] += 1
        self.passed = 0 if bound.position == 0 else min(self.passed + 1, 7)

    def _load(self, s: int, block: int) -> None:
        self.slots[s] = Slot(block, "loading")
        self.after = (s + 1) % len(self.slots)
        self.loads += 1
        self.requests.append(block)
        for pea in self.peas:
            if pea.context == s:
                pea.context = None

    def _receive(self, accept: tuple[int, dict] | None, push: tuple | None) -> None:
        if self.rx and not (accept and self.rx[0][0] == "token"):
            kind, detail = self.rx.popleft()
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
