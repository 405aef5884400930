# SPDX-License-Identifier: Apache-2.0
"""States that take an item up: IDLE, HOLD, CLAIM."""

from __future__ import annotations

import copy

from octopus_sim.reference.balancing import partner_at
from octopus_sim.reference.engine import LANES, Engine
from octopus_sim.reference.holders import Holder
from octopus_sim.reference.hosting import can_reserve, reserve, row_arrives, send

__all__ = ["claim", "hold", "idle"]


def idle(e: Engine) -> None:
    """Choose one item by round robin, or none (docs/timing.md#idle)."""
    i, tbus = e.i, e.config.tbus
    stream = i.cycle & e.image.stream_mask
    asks = [
        i.arrival is not None,
        i.answer is not None and (i.answer["message"] != "SEND" or i.ready[-1]),
        i.asked is not None and not e.replies,
        *(done is not None and e.credit[tbu] for tbu, done in enumerate(i.done)),
        bool(e.resumed) and e.room_of(e.resumed[0]),
        bool(e.ready) and e.credit[-1],
        bool(e.stalled) and e.budget > 0 and e.credit[-1],
        can_reserve(e, stream) or (can_inject(e, stream) and e.credit[-1]),
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
    e.arriving = e.retried = e.sending = False
    if source < 3:
        (arrival, listen, answer)[source](e)
    elif source < 3 + tbus:
        done(e, source - 3)
    else:
        (resumed, ready, stalled, lambda e: start(e, stream), grant, give_back)[source - 3 - tbus](e)


def arrival(e: Engine) -> None:
    """Take a token that has come home, or a row."""
    e.o.taken = "arrival"
    token = dict(e.i.arrival)
    if e.i.arrival_row:
        row_arrives(e, token["words"])
        return
    e.arriving = True
    e.h = Holder(-1, "ARRIVING", token, token["next"], length=token["words"])
    e.read(e.h.flow)


def listen(e: Engine) -> None:
    """Take a reply: an ANSWER, a GRANT, a SEND or a TAKEN."""
    e.o.taken, said = "answer", e.i.answer
    if said["message"] == "ANSWER":
        e.answers[said["holder"]] = (said["granted"], said["place"])
        e.push_ready(said["holder"])
    elif said["message"] == "GRANT":
        e.grants.pushed = {"x": said["source_x"], "y": said["source_y"]}
        e.grants.pushed |= {name: said[name] for name in ("tbu", "place", "partner")}
        e.freed += 1
    elif said["message"] == "SEND":
        send(e)
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
    """Whether a stream has an instance that is due, and a slot or, with rows, a row that is there."""
    if not e.has_left(stream) or e.next_instance(stream)["due"] > e.i.cycle:
        return False
    return stream in e.rows if e.tile.streams[stream]["rows"] else bool(e.slots[stream])


def start(e: Engine, stream: int) -> None:
    """Inject a stream's next instance, or ask for its row."""
    if can_reserve(e, stream):
        reserve(e, stream)
    else:
        inject(e, stream)


def inject(e: Engine, stream: int) -> None:
    """Inject a stream's next instance."""
    instance = e.next_instance(stream)
    e.injected[stream] += 1
    slot = e.reserved.pop(stream) if stream in e.rows else e.take_slot(stream)
    token = {"home_x": e.x, "home_y": e.y, "slot": slot, "index": 0, "value": 0, "round": 0,
             "instance": int(instance["instance"]), "variant": int(instance["variant"])}  # fmt: skip
    entry, space = int(e.tile.streams[stream]["entry"]), e.image.slots[slot]
    e.h = Holder(e.config.places + int(space["record"]), "SINGLE", token, entry, cursor=entry,
                 source=int(space["data"]), length=e.rows.pop(stream, 0))  # fmt: skip
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
    if e.sending:
        e.next = "REPORT"
    elif h.kind == "SPAWN" and not h.claimed:
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
