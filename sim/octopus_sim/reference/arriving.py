# SPDX-License-Identifier: Apache-2.0
"""States in which a token has come home: ARRIVE, COUNT, FIRE."""

from __future__ import annotations

from octopus_hw.contract.codes import Kind
from octopus_sim.reference.engine import LANES, QUAD, Engine
from octopus_sim.reference.holders import Holder, Join

__all__ = ["arrive", "count", "fire"]


def arrive(e: Engine) -> None:
    """Let a token do what its block does (docs/timing.md#arrive)."""
    r = e.r
    match Kind(int(r["kind"])):
        case Kind.TASK:
            born(e, "SINGLE", e.h.flow, came(e))
        case Kind.FORK:
            born(e, "LIST", int(r["next"]), came(e))
        case Kind.JOIN:
            collect(e)
        case Kind.SPAWN:
            e.drawn, cycle = e.numbers.draw(int(r["dest"]), e.h.token, e.i.cycle)
            e.drawn_from, e.next = cycle + 1, "COUNT"
            return
        case Kind.END:
            end(e)
    leave(e)


def leave(e: Engine) -> None:
    """Leave a token's arrival: to IDLE, or, inline, to NEXT."""
    e.next = "IDLE" if e.arriving else "NEXT"


def came(e: Engine) -> int:
    """Return how many words came with the token: none inline."""
    return e.h.length if e.arriving else 0


def born(e: Engine, kind: str, flow: int, length: int, keep: bool = False, **changes: int) -> None:
    """Write a home record, and push it to ready."""
    e.push_ready(written(e, kind, flow, length, keep, **changes))


def written(e: Engine, kind: str, flow: int, length: int, keep: bool = False, **changes: int) -> int:
    """Write a home record, FRESH and at a flow, of the token with changes and so many words; return the holder."""
    r = e.r
    record, join, data = e.place_of(r)
    token = e.h.token | changes
    if r["kind"] == Kind.JOIN and not r["all"]:
        data = int(e.s["data"] + r["area"]) % e.quads
    h = Holder(e.config.places + record, kind, token, flow, cursor=flow, cround=token["round"], source=data,
               length=length, join=join, keep=keep)  # fmt: skip
    e.records[h.ref] = h
    return h.ref


def collect(e: Engine) -> None:
    """Count a token that a join waits for; the last one lets it fire."""
    r, token = e.r, e.h.token
    _, join, _ = e.place_of(r)
    if r["all"] and join not in e.joins:
        e.joins[join] = Join(total=int(r["count"]), index=token["index"])
    j = e.joins[join]
    j.words += QUAD * int(r["room"])
    j.arrived += 1
    j.round = max(j.round, token["round"])
    j.values.append(token["value"])
    if r["all"] and r["first"]:
        j.value = token["value"]
    if not r["all"]:
        j.busy.remove(token["index"] % LANES)
        if j.waiting is not None:
            e.push_ready(j.waiting)
            j.waiting = None
    if j.arrived == j.total:
        del e.joins[join]
        e.event("join", int(r["dest"]), token | {"index": j.index, "round": j.round})
        value = (j.value, min(sum(j.values), 65535), max(j.values), len(j.values))[int(r["mode"])]
        born(e, "LIST", int(r["next"]), j.words, index=j.index, round=j.round, value=value)


def end(e: Engine) -> None:
    """Retire an instance: its slot is free, or its result waits for the host (docs/timing.md#results)."""
    r, token = e.r, e.h.token
    e.event("retire", int(r["dest"]), token)
    e.retired += 1
    if r["keep"]:
        ref = written(e, "LIST", int(r["next"]), came(e))
        e.later.append(lambda: e.results.append(ref))
    else:
        e.free_slot(token["slot"])


def count(e: Engine) -> None:
    """Wait for a spawn's draw: how many children (docs/timing.md#count)."""
    if e.i.cycle < e.drawn_from:
        return
    r, token = e.r, e.h.token
    e.event("decide", int(r["dest"]), token)
    e.home_work.announce(e.drawn, int(r["weight"]))
    if e.drawn == 0:
        e.r = e.image.flows[int(r["aux"])]
        e.next = "FIRE"
        return
    _, join, _ = e.place_of(r)
    e.joins[join] = Join(total=e.drawn, index=token["index"], value=token["value"], round=token["round"])
    born(e, "SPAWN", int(r["next"]), came(e), bool(r["keep"]), index=0, value=token["value"] if r["keep"] else 0)
    leave(e)


def fire(e: Engine) -> None:
    """Let the join of a spawn without children fire (docs/timing.md#fire)."""
    e.event("join", int(e.r["dest"]), e.h.token)
    born(e, "LIST", int(e.r["next"]), 0, value=0 if e.r["mode"] else e.h.token["value"])
    leave(e)
