# SPDX-License-Identifier: Apache-2.0
"""The engine's states HOLD to CHOSEN: a token's walk (docs/timing.md#flow)."""

from octopus_hw.contract.layout import LANES
from octopus_sim.model.engine_common import BRANCH, TASK, engine_draw, go_home, index_of, save, work_at_home
from octopus_sim.model.engine_task import place_task
from octopus_sim.model.kernel import kernel
from octopus_sim.model.record import DECIDE as EVENT_DECIDE
from octopus_sim.model.record import record
from octopus_sim.model.state import (
    ACT,
    ARRIVE,
    CHOSEN,
    CLAIM,
    DECIDE,
    DENIED,
    FLOW_SEEN,
    FRESH,
    GRANTED,
    HOLD_SPAWN,
    IDLE,
    OWN,
    PROBING,
    REPORT,
    TARGET_REMOTE,
    Mesh,
)
from octopus_sim.model.token import worth


@kernel
def hold_state(s: Mesh, tile: int, now: int) -> None:
    """HOLD: the record and its answer are seen."""
    e, c = s.engine[tile], s.current[tile]
    if e.fresh:
        c.status = FRESH
    elif c.status == PROBING:
        c.status = GRANTED if c.granted else DENIED
    if e.reporting:
        e.state = REPORT
    elif c.kind == HOLD_SPAWN and not c.claimed:
        e.state = CLAIM
    else:
        e.row, e.state = c.flow, FLOW_SEEN


@kernel
def claim_state(s: Mesh, tile: int, now: int) -> None:
    """CLAIM: a child's lane."""
    e, c = s.engine[tile], s.current[tile]
    j = s.join[c.join]
    lane = 1 << c.child % LANES
    if j.lanes & lane:
        j.waiting = 1
        save(s, tile)
        e.state = IDLE
    else:
        j.lanes |= lane
        c.claimed = 1
        e.row, e.state = c.flow, FLOW_SEEN


@kernel
def account(s: Mesh, tile: int) -> None:
    """Take work from the tile's home: of a holder just taken from stalled, or of a child that was announced."""
    e, c = s.engine[tile], s.current[tile]
    child = s.params[0].announce and c.kind == HOLD_SPAWN and c.flow == c.cursor
    if e.fresh or child:
        work_at_home(s, tile, -worth(s.flow[e.row].weight))
    e.fresh = 0


@kernel
def flow_state(s: Mesh, tile: int, now: int) -> None:
    """FLOW: the row is seen."""
    p, e, c = s.params[0], s.engine[tile], s.current[tile]
    r = s.flow[e.row]
    if not c.seen:
        c.last, c.step, c.seen = r.last, r.step, 1
    account(s, tile)
    if e.arriving:
        e.state = ARRIVE
    elif c.status == GRANTED:
        e.target, e.target_x, e.target_y = TARGET_REMOTE, c.owner_x, c.owner_y
        e.target_tbu, e.target_place, e.inherit = c.owner_tbu, c.place, 0
        e.state = ACT
    elif c.status == DENIED:
        e.state = OWN
    elif r.kind == BRANCH:
        e.branch = e.row
        engine_draw(s, tile, now)
        e.state = DECIDE
    elif r.kind != TASK:
        go_home(s, tile)
    elif p.static:
        e.state = OWN
    else:
        place_task(s, tile, now)


@kernel
def decide_state(s: Mesh, tile: int, now: int) -> None:
    """DECIDE, in the cycle in which the result is visible."""
    e = s.engine[tile]
    r = s.flow[e.branch]
    e.row = r.next + min(e.drawn, r.count - 1)
    e.state = CHOSEN


@kernel
def chosen_state(s: Mesh, tile: int, now: int) -> None:
    """CHOSEN: the candidate's row is seen."""
    e, c = s.engine[tile], s.current[tile]
    r, branch = s.flow[e.row], s.flow[e.branch]
    record(s, tile, now, 0, EVENT_DECIDE, c.instance, branch.dest, index_of(c), c.round)
    if r.loop and c.round >= r.max_rounds:
        c.flow = branch.next + branch.aux
    else:
        c.flow = e.row
        c.round += r.loop
    e.row, e.state = c.flow, FLOW_SEEN
