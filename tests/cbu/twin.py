# SPDX-License-Identifier: Apache-2.0
"""A second CBU, in plain Python, one cycle at a time, from docs/timing.md, section 5."""

import copy
from collections import Counter, deque
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from octopus_hw.contract.codes import Kind, Pool, Source
from octopus_hw.image.image import Image
from octopus_hw.owg.draw import draw
from octopus_hw.owg.draw import pick as pick_entry
from tests.cbu.twin_balance import Grants, HomeWork, message_of, partner_at, pick

BODY = ("home_x", "home_y", "slot", "index", "value", "instance", "round", "variant")


@dataclass
class Inputs:
    """What the CBU sees at the start of a cycle."""

    cycle: int
    done: list[Any]
    ready: list[bool]
    vacant: list[bool]
    release: list[int | None]
    arrival: Any = None
    asked: Any = None
    answer: Any = None
    request_ready: bool = True
    reply_ready: bool = True
    tick: bool = False
    tbu_work: list[int] = field(default_factory=list)
    wants: bool = False
    wanted: int = 0


@dataclass
class Outputs:
    """What it does in the cycle."""

    accept: list[tuple[int, int, dict[str, int]]] = field(default_factory=list)
    command: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    taken: str = ""
    request: Any = None
    reply: Any = None
    events: list[tuple[int, str, int, int, int, int]] = field(default_factory=list)
    finished: bool = False
    work: int = 0
    granted: bool = False
    taken_partner: int | None = None


class Numbers:
    """The number table: what field 0 of a block draws, and in which cycle."""

    def __init__(self, image: Image) -> None:
        self.words, self.seed = [int(w) for w in image.numbers], image.seed

    def draw(self, block: int, token: dict[str, int], t: int) -> tuple[int, int]:
        """Return the result and its cycle r for a draw unit that takes the token in t."""
        k, word = t + 1, self.words[2 * block]
        if word >> 29 == Source.SCENES:
            word, k = self.words[(word & 0xFFFF) + (token["variant"] >> 12)], k + 1
        kind, n, base = word >> 29, word >> 16 & 0x1FFF, word & 0xFFFF
        match kind:
            case Source.CONST:
                return base, k
            case Source.VALUE:
                return token["value"], k
            case Source.AFFINE:
                a, b = (w - (1 << 32) * (w >> 31) for w in self.words[base : base + 2])
                return min(max(a + b * token["value"], 0), 65535), k + 3
            case Source.QUANTILES:
                h = draw(self.seed, token["instance"], block, token["index"], token["round"], 0)
                return self.words[base + pick_entry(h, n)], max(k + 1, t + 4) + 1
            case Source.THRESHOLDS:
                return sum(w <= token["value"] for w in self.words[base : base + n]), k + n
            case Source.REPLAY:
                word = self.words[base + (token["variant"] & 0xFFF)]
                for at in ("round", "index"):
                    n, base = word >> 16 & 0x1FFF, word & 0xFFFF
                    word = self.words[base + min(token[at], n - 1)]
                return word, k + 3
        raise AssertionError(kind)


class Twin:
    """One tile's CBU."""

    def __init__(self, image: Image, x: int, y: int) -> None:
        config = self.config = image.config
        tile = next(t for t in image.tiles if (t.x, t.y) == (x, y))
        self.image, self.tile, self.x, self.y = image, tile, x, y
        self.numbers = Numbers(image)
        region = image.region(x, y)
        self.heads, self.owners = image.own_heads[region], image.owners[region]
        self.turns = [0] * len(self.heads)
        full = (1 << config.peas) - 1
        self.live = [(~tile.dead >> 8 * tbu & full).bit_count() for tbu in range(config.tbus)]
        self.free = [set(range(config.queue_depth)) if live else set() for live in self.live]
        self.grants, self.home_work = Grants(), HomeWork(image.mode)
        self.slots = [set(range(int(s["slot"]), int(s["slot"]) + int(s["slots"]))) for s in tile.streams]
        self.injected = [0] * len(tile.streams)
        self.records: dict[Any, Any] = {}
        self.joins: dict[int, Any] = {}
        self.resumed: deque[Any] = deque()
        self.ready: deque[Any] = deque()
        self.stalled: deque[Any] = deque()
        self.answers: dict[Any, tuple[int, int]] = {}
        self.requests: deque[Any] = deque()
        self.replies: deque[Any] = deque()
        self.budget = 0
        self.pointer = 0
        self.state = "IDLE"
        self.retired = 0
        self.h: Any = None  # the holder at work; h.token is its token
        self.arriving = self.retried = False
        self.seen: Counter[tuple[str, str, str]] = Counter()  # state, holder's kind, next state
        self.ways: Counter[tuple[str, ...]] = Counter()  # what became of tasks and of grants

    # One cycle.

    def step(self, i: Inputs) -> Outputs:
        self.i, self.o, self.later = i, Outputs(), []
        self.freed, self.spent, waiting = 0, 0, len(self.stalled)
        self.o.work = self.home_work.tile(i.tbu_work)
        self.o.finished = 0 < self.tile.expected <= self.retired
        self.o.request = self.requests[0] if self.requests else None
        self.o.reply = self.replies[0] if self.replies else None
        self.reply_room = len(self.replies) < 2
        self.room = [ready and len(self.requests) < 2 and self.reply_room for ready in i.ready]
        for queue, takes in ((self.requests, i.request_ready), (self.replies, i.reply_ready)):
            if queue and takes:
                self.later.append(queue.popleft)
        for tbu, place in enumerate(i.release):
            if place is not None:
                self.give(tbu, place)
        self.next = self.state
        getattr(self, self.state)()
        kind = self.h.kind if self.h is not None and self.state != "IDLE" else self.o.taken[:4]
        self.seen[self.state, kind, self.next] += 1
        self.state = self.next
        for action in self.later:
            action()
        self.grants.end_cycle(i.tick)
        self.home_work.end_cycle()
        if not self.image.mode["static"]:
            self.budget = min(255, self.budget + self.freed)
        elif i.cycle % self.config.retry_period == 0:
            self.budget = min(waiting, 2)
        self.budget -= self.spent
        return self.o

    def event(self, name: str, block: int, token: dict[str, int]) -> None:
        self.o.events.append((self.i.cycle, name, token["instance"], block, token["index"], token["round"]))

    def give(self, tbu: int, place: int) -> None:
        assert place not in self.free[tbu]
        self.freed += 1
        self.later.append(lambda: self.free[tbu].add(place))

    def take(self, tbu: int) -> int:
        place = min(self.free[tbu])
        self.later.append(lambda: self.free[tbu].remove(place))
        return place

    def reply(self, fields: dict[str, Any]) -> None:
        self.later.append(lambda: self.replies.append(fields))

    def give_up(self, returned: int) -> dict[str, int]:
        grant = self.grants.take()
        self.reply(message_of(grant, returned))
        return grant

    def push_ready(self, ref: Any) -> None:
        assert ref not in self.resumed and ref not in self.ready and ref not in self.stalled
        self.later.append(lambda: (self.resumed if ref < self.config.places else self.ready).append(ref))

    def room_of(self, ref: Any) -> bool:
        """Room for a holder."""
        return self.room[ref // self.config.queue_depth if ref < self.config.places else -1]

    def save(self, h: Any) -> None:
        self.records[h.ref] = copy.deepcopy(h)

    def read(self, token: dict[str, int], flow: int) -> None:
        self.r = self.image.flows[flow]
        self.s = self.image.slots[token["slot"]]
        self.next = "FLOW"

    @property
    def here(self) -> bool:
        return (self.h.token["home_x"], self.h.token["home_y"]) == (self.x, self.y)

    def place_of(self, r: Any) -> tuple[int, int, int]:
        """Record, join record, data."""
        s, index = self.s, self.h.token["index"]
        lane = index % 32
        record = int(s["record"] + r["record"] + (lane if r["laned"] else 0))
        join = int(s["join"] + r["join"] + (lane if r["laned"] and r["kind"] == Kind.JOIN else 0))
        m = (lane if r["laned"] else index) * int(r["stride"])
        return record, join, int(s["data"] + r["area"]) + m

    # States.

    def IDLE(self) -> None:  # noqa: N802
        i, tbus = self.i, self.config.tbus
        stream = i.cycle & self.image.stream_mask
        asks = [
            i.arrival is not None,
            i.answer is not None,
            i.asked is not None and not self.replies,
            *(done is not None and self.room[tbu] for tbu, done in enumerate(i.done)),
            bool(self.resumed) and self.room_of(self.resumed[0]),
            bool(self.ready) and self.room[-1],
            bool(self.stalled) and self.budget > 0 and self.room[-1],
            self.can_inject(stream) and self.room[-1],
            i.wants and not self.stalled and any(self.free) and not self.replies,
            self.grants.stale > 0 and not self.replies,
        ]
        for step in range(len(asks)):
            source = (self.pointer + step) % len(asks)
            if asks[source]:
                break
        else:
            return
        self.pointer = (source + 1) % len(asks)
        self.arriving = self.retried = False
        if source == 0:
            self.o.taken, self.arriving = "arrival", True
            self.h = SimpleNamespace(kind="ARRIVING", status="FRESH", token=dict(i.arrival), flow=i.arrival["next"])
            self.read(self.h.token, self.h.flow)
        elif source == 1:
            self.o.taken = "answer"
            self.listen(i.answer)
        elif source == 2:
            self.o.taken = "asked"
            tbu = i.asked["tbu"]
            granted = bool(self.free[tbu])
            place = self.take(tbu) if granted else 0
            reply = {"x": i.asked["source_x"], "y": i.asked["source_y"], "holder": i.asked["holder"],
                     "granted": int(granted), "place": place, "message": "ANSWER"}  # fmt: skip
            self.reply(reply)
        elif source < 3 + tbus:
            tbu = source - 3
            self.o.taken = f"done{tbu}"
            token, place = dict(i.done[tbu]["token"]), i.done[tbu]["place"]
            self.h = SimpleNamespace(
                kind="PLACE", status="FRESH", sent=False, cursor=token["next"], flow=token["next"],
                cround=token["round"], token=token, ref=tbu * self.config.queue_depth + place, at=(tbu, place),
                source=place,
            )  # fmt: skip
            self.read(token, self.h.flow)
        elif source < 6 + tbus:
            if source < 5 + tbus:
                queue = (self.resumed, self.ready)[source - 3 - tbus]
                ref = queue[0]
                self.later.append(queue.popleft)
            else:
                ref, self.spent, self.retried = self.stalled[0], 1, True
                self.later.append(self.stalled.popleft)
            self.h = copy.deepcopy(self.records[ref])
            self.next = "HOLD"
        elif source == 6 + tbus:
            self.inject(stream)
        elif source == 7 + tbus:
            self.grant()
        else:
            self.give_up(1)
            self.ways["returned",] += 1

    def listen(self, said: dict[str, Any]) -> None:
        if said["message"] == "ANSWER":
            self.answers[said["holder"]] = (said["granted"], said["place"])
            self.push_ready(said["holder"])
        elif said["message"] == "GRANT":
            self.grants.pushed = {"x": said["source_x"], "y": said["source_y"]}
            self.grants.pushed |= {name: said[name] for name in ("tbu", "place", "partner")}
            self.freed += 1
        else:
            self.o.taken_partner = said["partner"]
            if said["returned"]:
                self.give(said["tbu"], said["place"])

    def grant(self) -> None:
        tbu = min((n for n in range(self.config.tbus) if self.free[n]), key=lambda n: (-len(self.free[n]), n))
        x, y = partner_at(self.x, self.y, self.i.wanted)
        self.o.granted = True
        self.ways["granted",] += 1
        self.reply({"message": "GRANT", "x": x, "y": y, "tbu": tbu, "place": self.take(tbu),
                    "partner": self.i.wanted, "returned": 0})  # fmt: skip

    def can_inject(self, stream: int) -> bool:
        if stream >= len(self.tile.streams) or not self.slots[stream]:
            return False
        row = self.tile.streams[stream]
        if self.injected[stream] >= row["count"]:
            return False
        return bool(self.tile.list[int(row["first"]) + self.injected[stream]]["due"] <= self.i.cycle)

    def inject(self, stream: int) -> None:
        row = self.tile.streams[stream]
        instance = self.tile.list[int(row["first"]) + self.injected[stream]]
        self.injected[stream] += 1
        slot = min(self.slots[stream])
        self.slots[stream].remove(slot)
        token = {"home_x": self.x, "home_y": self.y, "slot": slot, "index": 0, "value": 0, "round": 0,
                 "instance": int(instance["instance"]), "variant": int(instance["variant"])}  # fmt: skip
        entry = int(row["entry"])
        ref = self.config.places + int(self.image.slots[slot]["record"])
        self.h = SimpleNamespace(kind="SINGLE", status="FRESH", cursor=entry, flow=entry, cround=0, token=token,
                                 ref=ref, source=0, sent=False)  # fmt: skip
        self.event("inject", int(self.image.flows[entry]["dest"]), token)
        self.read(token, entry)

    def HOLD(self) -> None:  # noqa: N802
        h = self.h
        if h.status == "PROBING":
            granted, h.place = self.answers.pop(h.ref)
            h.status = "GRANTED" if granted else "DENIED"
        if h.kind == "SPAWN" and not h.claimed:
            self.next = "CLAIM"
        else:
            self.read(h.token, h.flow)

    def CLAIM(self) -> None:  # noqa: N802
        h, j = self.h, self.joins[self.h.join]
        lane = h.token["index"] % 32
        if lane in j.busy:
            j.waiting = h.ref
            self.save(h)
            self.next = "IDLE"
        else:
            j.busy.add(lane)
            h.claimed, h.total = True, j.total
            self.read(h.token, h.flow)

    def last(self) -> bool:
        h = self.h
        if h.kind == "SINGLE":
            return True
        if h.kind == "SPAWN":
            return h.token["index"] + 1 == h.total
        return bool(self.image.flows[h.cursor]["last"])

    def inherits(self, tbu: int) -> bool:
        h = self.h
        return h.kind == "PLACE" and h.at[0] == tbu and self.last() and not h.sent

    def FLOW(self) -> None:  # noqa: N802
        h, r = self.h, self.r
        kind = Kind(int(r["kind"]))
        if self.retried:
            self.home_work.retry(int(r["weight"]))
        elif h.kind == "SPAWN" and h.flow == h.cursor:
            self.home_work.set_out(int(r["weight"]))
        self.retried = False
        if self.arriving:
            self.next = "ARRIVE"
        elif h.status == "GRANTED":
            h.target = ("remote", h.owner, h.place)
            self.next = "ACT"
        elif h.status == "DENIED" or (kind == Kind.TASK and self.image.mode["static"]):
            self.next = "OWN"
        elif kind == Kind.BRANCH:
            self.drawn, cycle = self.numbers.draw(int(r["dest"]), h.token, self.i.cycle)
            self.drawn_from, self.next = cycle + 1, "DECIDE"
        elif kind == Kind.TASK:
            self.place_task(r)
        else:
            self.home()

    def place_task(self, r: Any) -> None:
        h, mode, depth = self.h, self.image.mode, self.config.queue_depth
        loads = {
            tbu: depth - len(self.free[tbu]) - self.inherits(tbu)
            for tbu in range(self.config.tbus)
            if self.free[tbu] or self.inherits(tbu)
        }
        own = h.at[0] if h.kind == "PLACE" else None
        tbu, gap = pick(int(r["pool"]), int(r["seat"]), loads, self.live, own)
        early = mode["early"] and r["pool"] != Pool.STAY and not gap
        way = (Pool(int(r["pool"])).name, "none" if tbu is None else "gap" if gap else "full")
        if self.grants.queue and (early or tbu is None):
            self.ways[*way, "there"] += 1
            grant = self.give_up(0)
            h.target = ("remote", (grant["x"], grant["y"], grant["tbu"]), grant["place"])
            self.next = "ACT"
        elif tbu is not None:
            self.ways[*way, "inherited" if self.inherits(tbu) else "here"] += 1
            self.aim(tbu)
        else:
            self.ways[*way, h.kind] += 1
            self.fail()

    def aim(self, tbu: int) -> None:
        h = self.h
        inherits = self.inherits(tbu)
        h.target = ("local", tbu, h.at[1] if inherits else self.take(tbu), inherits)
        self.next = "ACT"

    def fail(self) -> None:
        if self.h.kind == "PLACE":
            self.home()
        else:
            self.h.status = "FRESH"
            self.save(self.h)
            ref = self.h.ref
            assert ref not in self.ready and ref not in self.stalled
            self.later.append(lambda: self.stalled.append(ref))
            self.home_work.stall(int(self.r["weight"]))
            self.next = "IDLE"

    def home(self) -> None:
        if self.here and self.r["words"] == 0:
            self.next = "ARRIVE"
        else:
            self.h.target = ("home",)
            self.next = "ACT"

    def DECIDE(self) -> None:  # noqa: N802
        if self.i.cycle >= self.drawn_from:
            self.branch = self.r
            choice = min(self.drawn, int(self.r["count"]) - 1)
            self.candidate = int(self.r["next"]) + choice
            self.next = "CHOSEN"

    def CHOSEN(self) -> None:  # noqa: N802
        h, r = self.h, self.image.flows[self.candidate]
        self.event("decide", int(self.branch["dest"]), h.token)
        if r["loop"] and h.token["round"] >= r["max_rounds"]:
            h.flow = int(self.branch["next"] + self.branch["aux"])
        else:
            h.flow = self.candidate
            h.token["round"] += int(r["loop"])
        self.read(h.token, h.flow)

    def OWN(self) -> None:  # noqa: N802
        h, block = self.h, int(self.r["dest"])
        n = int(self.heads[block]["count"])
        if h.status == "DENIED":
            if h.left == 0:
                self.fail()
                return
            h.own, h.left = (h.own + 1) % n, h.left - 1
        else:
            h.own, h.left = self.turns[block], min(n, 4) - 1
            self.turns[block] = (h.own + 1) % n
        self.next = "TRY"

    def TRY(self) -> None:  # noqa: N802
        h, head = self.h, self.heads[int(self.r["dest"])]
        owner = self.owners[int(head["base"]) + h.own]
        x, y, tbu = (int(owner[name]) for name in ("x", "y", "tbu"))
        if (x, y) != (self.x, self.y):
            h.status, h.owner = "PROBING", (x, y, tbu)
            request = {"x": x, "y": y, "tbu": tbu, "holder": h.ref, "source_x": self.x, "source_y": self.y}
            self.later.append(lambda: self.requests.append(request))
            self.save(h)
            self.next = "IDLE"
        elif self.inherits(tbu) or self.free[tbu]:
            self.aim(tbu)
        elif h.left == 0:
            self.fail()
        else:
            h.own, h.left = (h.own + 1) % int(head["count"]), h.left - 1

    def command(self, **fields: Any) -> None:
        sender = self.h.at[0] if self.h.kind == "PLACE" else self.config.tbus
        self.o.command.append((sender, fields | {"source": self.h.source}))

    def free_place(self) -> None:
        h = self.h
        if h.sent:
            self.command(empty=1, release=1)
        else:
            self.give(*h.at)

    def ACT(self) -> None:  # noqa: N802
        h, r = self.h, self.r
        what, words, block = h.target[0], int(r["words"]), int(r["dest"])
        token = {name: h.token[name] for name in BODY}
        token |= {"block": block, "next": int(r["next"]), "weight": int(r["weight"])}
        room = self.room_of(h.ref)
        if what == "local" and (words == 0 or h.target[3]):
            self.o.accept.append((h.target[1], h.target[2], token))
            self.event("dispatch", block, token)
            if h.kind == "PLACE" and self.last() and not h.target[3]:
                self.free_place()
        else:
            release = int(h.kind == "PLACE" and self.last())
            if what == "local":
                where = {"x": self.x, "y": self.y, "unit": h.target[1], "arg": h.target[2]}
                self.event("dispatch", block, token)
            elif what == "remote":
                x, y, tbu = h.target[1]
                where = {"x": x, "y": y, "unit": tbu, "arg": h.target[2]}
                self.event("move", block, token)
            else:
                arg = (self.place_of(r)[2] + int(r["offset"])) % 2**14
                where = {"x": token["home_x"], "y": token["home_y"], "unit": 7, "arg": arg}
                token["next"] = h.flow
                if not self.here:
                    self.event("move", block, token)
            self.command(empty=0, release=release, token=token, words=words, **where)
            h.sent = True
            room = room and self.i.vacant[self.o.command[0][0]]
        self.go_on(room)

    def go_on(self, room: bool) -> None:
        h = self.h
        self.next = "IDLE"
        if self.last():
            return
        h.token["round"], h.status = h.cround, "FRESH"
        if h.kind == "SPAWN":
            h.token["index"] += 1
            h.claimed, h.flow = False, h.cursor
            if not h.keep:
                h.token["value"] = h.token["index"]
        else:
            h.cursor += 1
            h.flow = h.cursor
        if not room:
            self.save(h)
            self.push_ready(h.ref)
        elif h.kind == "SPAWN":
            self.next = "CLAIM"
        else:
            self.read(h.token, h.flow)

    def NEXT(self) -> None:  # noqa: N802
        if self.last() and self.h.kind == "PLACE":
            self.free_place()
        self.go_on(self.room_of(self.h.ref))

    def born(self, kind: str, r: Any, **fields: Any) -> None:
        record, join, data = self.place_of(r)
        token = self.h.token | {name: fields.pop(name) for name in ("index", "value", "round") if name in fields}
        flow = fields.pop("flow", int(r["next"]))
        if r["kind"] == Kind.JOIN and not r["all"]:
            data = int(self.s["data"] + r["area"])
        h = SimpleNamespace(kind=kind, status="FRESH", cursor=flow, flow=flow, cround=token["round"], token=token,
                            ref=self.config.places + record, source=data % 2**14, join=join, claimed=False,
                            sent=False, **fields)  # fmt: skip
        self.save(h)
        self.push_ready(h.ref)

    def leave(self) -> None:
        self.next = "IDLE" if self.arriving else "NEXT"

    def ARRIVE(self) -> None:  # noqa: N802
        h, r, token = self.h, self.r, self.h.token
        _, join, _ = self.place_of(r)
        match Kind(int(r["kind"])):
            case Kind.TASK:
                self.born("SINGLE", r, flow=h.flow)
            case Kind.FORK:
                self.born("LIST", r)
            case Kind.JOIN:
                self.collect(join, r, token)
            case Kind.SPAWN:
                self.drawn, cycle = self.numbers.draw(int(r["dest"]), token, self.i.cycle)
                self.drawn_from, self.next = cycle + 1, "COUNT"
                return
            case Kind.END:
                self.event("retire", int(r["dest"]), token)
                self.retired += 1
                stream = next(n for n, s in enumerate(self.tile.streams)
                              if s["slot"] <= token["slot"] < s["slot"] + s["slots"])  # fmt: skip
                slots, slot = self.slots[stream], token["slot"]
                assert slot not in slots
                self.later.append(lambda: slots.add(slot))
        self.leave()

    def collect(self, join: int, r: Any, token: dict[str, int]) -> None:
        j = self.joins.get(join)
        if r["all"] and j is None:
            j = self.joins[join] = SimpleNamespace(total=int(r["count"]), index=token["index"], value=0, round=0,
                                                   accumulated=[], arrived=0)  # fmt: skip
        assert j is not None
        j.arrived += 1
        j.round = max(j.round, token["round"])
        j.accumulated.append(token["value"])
        if r["all"] and r["first"]:
            j.value = token["value"]
        if not r["all"]:
            j.busy.remove(token["index"] % 32)
            if j.waiting is not None:
                self.push_ready(j.waiting)
                j.waiting = None
        if j.arrived == j.total:
            del self.joins[join]
            self.event("join", int(r["dest"]), token | {"index": j.index, "round": j.round})
            values = j.accumulated
            value = [j.value, min(sum(values), 65535), max(values), len(values)][int(r["mode"])]
            self.born("LIST", r, index=j.index, round=j.round, value=value)

    def COUNT(self) -> None:  # noqa: N802
        if self.i.cycle < self.drawn_from:
            return
        r, token = self.r, self.h.token
        self.event("decide", int(r["dest"]), token)
        self.home_work.announce(self.drawn, int(r["weight"]))
        if self.drawn == 0:
            self.r = self.image.flows[int(r["aux"])]
            self.next = "FIRE"
            return
        _, join, _ = self.place_of(r)
        self.joins[join] = SimpleNamespace(total=self.drawn, index=token["index"], value=token["value"], arrived=0,
                                           round=token["round"], accumulated=[], busy=set(), waiting=None)  # fmt: skip
        value = token["value"] if r["keep"] else 0
        self.born("SPAWN", r, index=0, value=value, keep=bool(r["keep"]))
        self.leave()

    def FIRE(self) -> None:  # noqa: N802
        r, token = self.r, self.h.token
        self.event("join", int(r["dest"]), token)
        self.born("LIST", r, value=0 if r["mode"] else token["value"])
        self.leave()
