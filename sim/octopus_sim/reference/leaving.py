# SPDX-License-Identifier: Apache-2.0
"""States in which a token leaves its holder: ACT, NEXT."""

from __future__ import annotations

from typing import Any

from octopus_sim.reference.engine import QUAD, Engine

__all__ = ["act", "next_"]

#: What a token takes along.
BODY = ("home_x", "home_y", "slot", "index", "value", "instance", "round", "variant")


def act(e: Engine) -> None:
    """Dispatch a token, or have its packet sent; then NEXT in the same cycle (docs/timing.md#act).

    A command's token has no `words` yet: its sender says how many (`senders.sent`).
    """
    h, r, target = e.h, e.r, e.h.target
    block = int(r["dest"])
    token = {name: h.token[name] for name in BODY}
    token |= {"block": block, "weight": int(r["weight"]), "result": int(r["result"])}
    token |= {"next": h.flow if target.where == "home" else int(r["next"]), "words": 0}
    room = e.room_of(h.ref)
    if target.where == "here":
        e.event("dispatch", block, token)
    elif target.where == "there" or not e.here:
        e.event("move", block, token)
    if target.where == "here" and (target.inherited or r["words"] == 0):
        token["words"] = min(h.length, int(r["words"])) if target.inherited else 0
        e.o.accept.append((target.tbu, target.place, token))
        if h.kind == "PLACE" and e.last and not target.inherited:
            free_place(e)
    else:
        if target.where == "home":
            arg = (e.place_of(r)[2] + int(r["offset"])) % e.quads
            to = {"x": token["home_x"], "y": token["home_y"], "unit": 7, "arg": arg}
        else:
            to = {"x": target.x, "y": target.y, "unit": target.tbu, "arg": target.place}
        release = int(h.kind == "PLACE" and e.last)
        slice_ = {
            "begin": 0 if h.kind == "SINGLE" else int(r["begin"]),
            "words": int(r["words"]),
            "room": int(r["room"]),
        }
        command(e, empty=0, release=release, host=0, token=token, length=h.length, **slice_, **to)
        h.sent = True
        room = room and e.i.vacant[e.o.command[0][0]]
    go_on(e, room)


def command(e: Engine, **fields: Any) -> None:
    """Push a command for the holder's sender."""
    sender = e.at[0] if e.h.kind == "PLACE" else e.config.tbus
    e.o.command.append((sender, fields | {"source": e.h.source}))


def free_place(e: Engine) -> None:
    """Free a PLACE holder's place: at once, or behind what its sender still sends (docs/timing.md#act)."""
    if e.h.sent:
        command(e, empty=1, release=1)
    else:
        e.give(*e.at)


def next_(e: Engine) -> None:
    """Go on after an inline arrival (docs/timing.md#next)."""
    if e.last and e.h.kind == "PLACE":
        free_place(e)
    go_on(e, e.room_of(e.h.ref))


def go_on(e: Engine, room: bool) -> None:
    """Go on to the holder's next flow or child, now or later (docs/timing.md#next)."""
    h = e.h
    e.next = "IDLE"
    if e.last:
        return
    h.token["round"], h.status = h.cround, "FRESH"
    if h.kind == "SPAWN":
        step = int(e.image.flows[h.cursor]["step"])
        h.source, h.length = (h.source + step) % e.quads, max(0, h.length - QUAD * step)
        h.token["index"] += 1
        h.claimed, h.flow = False, h.cursor
        if not h.keep:
            h.token["value"] = h.token["index"]
    else:
        h.cursor += 1
        h.flow = h.cursor
    if not room:
        e.save()
        e.push_ready(h.ref)
    elif h.kind == "SPAWN":
        e.next = "CLAIM"
    else:
        e.read(h.flow)
