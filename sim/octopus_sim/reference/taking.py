# SPDX-License-Identifier: Apache-2.0
"""States that take an item up: IDLE, HOLD, CLAIM."""

from __future__ import annotations

import copy
from typing import Any

from octopus_sim.reference.balancing import partner_at
from octopus_sim.reference.engine import LANES, Engine
from octopus_sim.reference.holders import Holder

__all__ = ["claim", "hold", "idle"]


def idle(e: Engine) -> None:
    """Choose one item by round robin, or none (docs/timing.md#idle)."""
    i, tbus = e.i, e.config.tbus
    stream = i.cycle & e.image.stream_mask
    asks = [
        i.arrival is not None,
        i.answer is not None,
        i.asked is not None and not e.replies,
        *(done is not None and e.credit[tbu] for tbu, done in enumerate(i.done)),
        bool(e.resumed) and e.room_of(e.resumed[0]),
        bool(e.ready) and e.credit[-1],
        bool(e.stalled) and e.budget > 0 and e.credit[-1],
        can_inject(e, stream) and e.credit[-1],
        i.wants and not e.stalled and any(e.free) and not e.replies,
        e.grants.stale > 0 and not e.replies,
    ]
    for step in range(len(asks)):
        source = (e.pointer + step) % len(asks)
        if asks[source]:
            break
    else:
        return
    e.pointer = (source + 1) % len(asks)
    e.arriving = e.retried = False
    if source < 3:
        (arrival, listen, answer)[source](e)
    elif source < 3 + tbus:
        done(e, source - 3)
    else:
        (resumed, ready, stalled, lambda e: inject(e, stream), grant, give_back)[source - 3 - tbus](e)


def arrival(e: Engine) -> None:
    """Take a token that has come home."""
    e.o.taken, e.arriving = "arrival", True
    token = dict(e.i.arrival)
    e.h = Holder(-1, "ARRIVING", token, token["next"], length=token["words"])
    e.read(e.h.flow)


def listen(e: Engine) -> None:
    """Take a reply: an ANSWER, a GRANT or a TAKEN."""
    e.o.taken, said = "answer", e.i.answer
    if said["message"] == "ANSWER":
        e.answers[said["holder"]] = (said["granted"], said["place"])
        e.push_ready(said["holder"])
    elif said["message"] == "GRANT":
        e.grants.pushed = {"x": said["source_x"], "y": said["source_y"]}
        e.grants.pushed |= {name: said[name] for name in ("tbu", "place", "partner")}
        e.freed += 1
    else:
        e.o.taken_partner = said["partner"]
        if said["returned"]:
            e.give(said["tbu"], said["place"])


def answer(e: Engine) -> None:
    """Take a PLACE from another tile, and answer it."""
    e.o.taken, asked = "asked", e.i.asked
    tbu = asked["tbu"]
    granted = bool(e.free[tbu])
    e.reply({"x": asked["source_x"], "y": asked["source_y"], "holder": asked["holder"], "granted": int(granted),
             "place": e.take(tbu) if granted else 0, "message": "ANSWER"})  # fmt: skip


def done(e: Engine, tbu: int) -> None:
    """Take a finished task, whose place becomes a holder."""
    e.o.taken = f"done{tbu}"
    token, place = dict(e.i.done[tbu]["token"]), e.i.done[tbu]["place"]
    e.h = Holder(tbu * e.config.queue_depth + place, "PLACE", token, token["next"], cursor=token["next"],
                 cround=token["round"], source=place, length=token["words"])  # fmt: skip
    e.read(e.h.flow)


def resumed(e: Engine) -> None:
    """Take a place up again."""
    e.later.append(e.resumed.popleft)
    take_up(e, e.resumed[0])


def ready(e: Engine) -> None:
    """Take a home record up."""
    e.later.append(e.ready.popleft)
    take_up(e, e.ready[0])


def stalled(e: Engine) -> None:
    """Let a stalled home record try again."""
    e.later.append(e.stalled.popleft)
    e.spent, e.retried = 1, True
    take_up(e, e.stalled[0])


def take_up(e: Engine, ref: int) -> None:
    """Read a holder's record; to HOLD."""
    e.h = copy.deepcopy(e.records[ref])
    e.next = "HOLD"


def can_inject(e: Engine, stream: int) -> bool:
    """Whether a stream has a slot and an instance that is due."""
    if stream >= len(e.tile.streams) or not e.slots[stream]:
        return False
    row = e.tile.streams[stream]
    if e.injected[stream] >= row["count"]:
        return False
    return bool(e.tile.list[int(row["first"]) + e.injected[stream]]["due"] <= e.i.cycle)


def inject(e: Engine, stream: int) -> None:
    """Inject a stream's next instance."""
    row: Any = e.tile.streams[stream]
    instance: Any = e.tile.list[int(row["first"]) + e.injected[stream]]
    e.injected[stream] += 1
    slot = min(e.slots[stream])
    e.slots[stream].remove(slot)
    token = {"home_x": e.x, "home_y": e.y, "slot": slot, "index": 0, "value": 0, "round": 0,
             "instance": int(instance["instance"]), "variant": int(instance["variant"])}  # fmt: skip
    entry = int(row["entry"])
    e.h = Holder(e.config.places + int(e.image.slots[slot]["record"]), "SINGLE", token, entry, cursor=entry)
    e.event("inject", int(e.image.flows[entry]["dest"]), token)
    e.read(entry)


def grant(e: Engine) -> None:
    """Grant a place to the partner whose work is wanted (docs/timing.md#grants)."""
    tbu = min((n for n in range(e.config.tbus) if e.free[n]), key=lambda n: (-len(e.free[n]), n))
    x, y = partner_at(e.x, e.y, e.i.wanted)
    e.o.granted = True
    e.ways["granted",] += 1
    e.reply({"message": "GRANT", "x": x, "y": y, "tbu": tbu, "place": e.take(tbu), "partner": e.i.wanted,
             "returned": 0})  # fmt: skip


def give_back(e: Engine) -> None:
    """Give a stale grant back (docs/timing.md#grants)."""
    e.give_up(1)
    e.ways["returned",] += 1


def hold(e: Engine) -> None:
    """Go on with a holder from its record (docs/timing.md#hold)."""
    h = e.h
    if h.status == "PROBING":
        granted, h.place = e.answers.pop(h.ref)
        h.status = "GRANTED" if granted else "DENIED"
    if h.kind == "SPAWN" and not h.claimed:
        e.next = "CLAIM"
    else:
        e.read(h.flow)


def claim(e: Engine) -> None:
    """Claim a lane for a spawn's child (docs/timing.md#claim)."""
    h, j = e.h, e.joins[e.h.join]
    lane = h.token["index"] % LANES
    if lane in j.busy:
        j.waiting = h.ref
        e.save()
        e.next = "IDLE"
    else:
        j.busy.add(lane)
        h.claimed, h.total = True, j.total
        e.read(h.flow)
