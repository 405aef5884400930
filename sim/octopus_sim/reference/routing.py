# SPDX-License-Identifier: Apache-2.0
"""States in which a token finds its way: FLOW, DECIDE, CHOSEN, OWN, TRY."""

from __future__ import annotations

from octopus_hw.contract.codes import Kind, Pool
from octopus_sim.reference.engine import Engine
from octopus_sim.reference.holders import HOME, Target

__all__ = ["chosen", "decide", "flow", "own", "pick", "try_"]

#: So many owners are asked in one try.
ASKED = 4


def flow(e: Engine) -> None:
    """See where a token's flow leads (docs/timing.md#flow)."""
    h, r = e.h, e.r
    kind = Kind(int(r["kind"]))
    if e.retried:
        e.home_work.retry(int(r["weight"]))
    elif h.kind == "SPAWN" and h.flow == h.cursor:
        e.home_work.set_out(int(r["weight"]))
    e.retried = False
    if e.arriving:
        e.next = "ARRIVE"
    elif h.status == "GRANTED":
        x, y, tbu = h.owner
        h.target = Target("there", x, y, tbu, h.place)
        e.next = "ACT"
    elif h.status == "DENIED" or (kind == Kind.TASK and e.image.mode["static"]):
        e.next = "OWN"
    elif kind == Kind.BRANCH:
        e.drawn, cycle = e.numbers.draw(int(r["dest"]), h.token, e.i.cycle)
        e.drawn_from, e.next = cycle + 1, "DECIDE"
    elif kind == Kind.TASK:
        place_task(e)
    else:
        home(e)


def place_task(e: Engine) -> None:
    """Find a place here, or by a grant there (docs/timing.md#flow)."""
    r, depth = e.r, e.config.queue_depth
    loads = {
        tbu: depth - len(e.free[tbu]) - inherits(e, tbu)
        for tbu in range(e.config.tbus)
        if e.free[tbu] or inherits(e, tbu)
    }
    own_tbu = e.at[0] if e.h.kind == "PLACE" else None
    tbu, gap = pick(int(r["pool"]), int(r["pinned_tbu"]), loads, e.live, own_tbu)
    early = e.image.mode["early"] and r["pool"] != Pool.STAY and not gap
    way = (Pool(int(r["pool"])).name, "none" if tbu is None else "gap" if gap else "full")
    if e.grants.queue and (early or tbu is None):
        e.ways[*way, "there"] += 1
        grant = e.give_up(0)
        e.h.target = Target("there", grant["x"], grant["y"], grant["tbu"], grant["place"])
        e.next = "ACT"
    elif tbu is not None:
        e.ways[*way, "inherited" if inherits(e, tbu) else "here"] += 1
        aim(e, tbu)
    else:
        e.ways[*way, e.h.kind] += 1
        fail(e)


def pick(
    pool: int, pinned_tbu: int, loads: dict[int, int], live: list[int], own: int | None
) -> tuple[int | None, bool]:
    """Return which TBU, of those in `loads`, takes a token, and whether one has a gap (docs/timing.md#flow)."""
    gaps = {tbu: load for tbu, load in loads.items() if load < live[tbu]}

    def lowest(sign: int, among: dict[int, int]) -> int:
        return min(among, key=lambda tbu: (sign * among[tbu], tbu != own, tbu))

    if not loads:
        return None, False
    if pool == Pool.STAY and pinned_tbu in gaps:
        return pinned_tbu, True
    if pool == Pool.FILL and gaps:
        return lowest(-1, gaps), True
    return lowest(1, loads), bool(gaps)


def inherits(e: Engine, tbu: int) -> bool:
    """Whether the token can take over its holder's place (docs/timing.md#inherit)."""
    return e.h.kind == "PLACE" and e.at[0] == tbu and e.last and not e.h.sent and not e.r["begin"]


def aim(e: Engine, tbu: int) -> None:
    """Make a place of a TBU of this tile the target; to ACT."""
    inherited = inherits(e, tbu)
    e.h.target = Target("here", e.x, e.y, tbu, e.at[1] if inherited else e.take(tbu), inherited)
    e.next = "ACT"


def fail(e: Engine) -> None:
    """Park a token, or let its holder wait (docs/timing.md#fail)."""
    if e.h.kind == "PLACE":
        home(e)
        return
    e.h.status = "FRESH"
    e.save()
    ref = e.h.ref
    assert ref not in e.ready
    assert ref not in e.stalled
    e.later.append(lambda: e.stalled.append(ref))
    e.home_work.stall(int(e.r["weight"]))
    e.next = "IDLE"


def home(e: Engine) -> None:
    """Send a token home, unless it is there (docs/timing.md#home)."""
    if e.here and not e.r["words"] and not e.r["room"]:
        e.next = "ARRIVE"
    else:
        e.h.target = HOME
        e.next = "ACT"


def decide(e: Engine) -> None:
    """Wait for a branch's draw (docs/timing.md#decide)."""
    if e.i.cycle >= e.drawn_from:
        e.branch = e.r
        choice = min(e.drawn, int(e.r["count"]) - 1)
        e.candidate = int(e.r["next"]) + choice
        e.next = "CHOSEN"


def chosen(e: Engine) -> None:
    """Go the way that was drawn, or leave the loop (docs/timing.md#chosen)."""
    h, r = e.h, e.image.flows[e.candidate]
    e.event("decide", int(e.branch["dest"]), h.token)
    if r["loop"] and h.token["round"] >= r["max_rounds"]:
        h.flow = int(e.branch["next"] + e.branch["aux"])
    else:
        h.flow = e.candidate
        h.token["round"] += int(r["loop"])
    e.read(h.flow)


def own(e: Engine) -> None:
    """Choose the first of a block's owners, or the next (docs/timing.md#own)."""
    h, block = e.h, int(e.r["dest"])
    n = int(e.heads[block]["count"])
    if h.status == "DENIED":
        if h.left == 0:
            fail(e)
            return
        h.own, h.left = (h.own + 1) % n, h.left - 1
    else:
        h.own, h.left = e.turns[block], min(n, ASKED) - 1
        e.turns[block] = (h.own + 1) % n
    e.next = "TRY"


def try_(e: Engine) -> None:
    """Try an owner, or ask its tile (docs/timing.md#try)."""
    h, head = e.h, e.heads[int(e.r["dest"])]
    owner = e.owners[int(head["base"]) + h.own]
    x, y, tbu = (int(owner[name]) for name in ("x", "y", "tbu"))
    if (x, y) != (e.x, e.y):
        h.status, h.owner = "PROBING", (x, y, tbu)
        e.request({"x": x, "y": y, "tbu": tbu, "holder": h.ref, "source_x": e.x, "source_y": e.y})
        e.save()
        e.next = "IDLE"
    elif inherits(e, tbu) or e.free[tbu]:
        aim(e, tbu)
    elif h.left == 0:
        fail(e)
    else:
        h.own, h.left = (h.own + 1) % int(head["count"]), h.left - 1
