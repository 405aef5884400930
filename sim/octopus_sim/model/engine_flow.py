# SPDX-License-Identifier: Apache-2.0
"""The engine's states HOLD to TRY: where a token goes (docs/timing.md, section 5)."""

from octopus_hw.layout import Pool
from octopus_sim.model.engine_common import (
    BRANCH,
    LANES,
    TASK,
    ask_owner,
    engine_draw,
    fail,
    go_home,
    go_place,
    index_of,
    inherits,
    own_tbu,
    save,
    work_at_home,
)
from octopus_sim.model.grants import use_grant
from octopus_sim.model.kernel import kernel
from octopus_sim.model.places import count_bits, lowest_bit, visible_free
from octopus_sim.model.queues import push
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
    TARGET_REMOTE,
    TRY,
    Mesh,
)
from octopus_sim.model.token import worth

FILL, STAY = int(Pool.FILL), int(Pool.STAY)


@kernel
def hold_state(s: Mesh, tile: int, now: int) -> None:
    """HOLD: the record and its answer are seen."""
    e, c = s.engine[tile], s.current[tile]
    if e.fresh:
        c.status = FRESH
    elif c.status == PROBING:
        c.status = GRANTED if c.granted else DENIED
    if c.kind == HOLD_SPAWN and not c.claimed:
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
def pool_rank(pool: int, load: int, gap: bool, own: bool, seat: bool) -> int:
    """Return how well a TBU suits a task: the least rank is the best, of equal ones that of the lowest TBU."""
    if gap and pool == FILL:
        return 2 * (-1 - load) + (not own)
    if gap and pool == STAY and seat:
        return -1
    return 2 * load + (not own)


@kernel
def choose_tbu(s: Mesh, tile: int, now: int) -> tuple[int, int, bool]:
    """Choose the TBU of this tile for the token at hand.

    Returns
    -------
    (int, int, bool)
        The TBU (-1 if none can take it), whether its place is inherited, whether some TBU has a gap.
    """
    p, c = s.params[0], s.current[tile]
    r = s.flow[s.engine[tile].row]
    best, best_rank, best_inherit, gaps = -1, 0, 0, False
    own = own_tbu(s, c)
    for i in range(p.tbus):
        tbu = s.tbu[tile * p.tbus + i]
        free = count_bits(visible_free(tbu, now))
        inherit = int(inherits(s, c, i))
        if free or inherit:
            load = p.places - free - inherit
            gap = load < tbu.live
            gaps |= gap
            rank = pool_rank(r.pool, load, gap, i == own, i == r.seat)
            if best < 0 or rank < best_rank:
                best, best_rank, best_inherit = i, rank, inherit
    return best, best_inherit, gaps


@kernel
def allocate(s: Mesh, tile: int, number: int, now: int) -> int:
    """Allocate the lowest free place of TBU `number`, visible in the next cycle; -1 if there is none."""
    tbu = s.tbu[tile * s.params[0].tbus + number]
    free = visible_free(tbu, now)
    if not free:
        return -1
    place = lowest_bit(free)
    tbu.free &= ~(1 << place)
    return place


@kernel
def _aim(s: Mesh, tile: int, tbu: int, inherit: int, now: int) -> None:
    place = s.current[tile].number % s.params[0].places if inherit else allocate(s, tile, tbu, now)
    go_place(s, tile, tbu, place, inherit, now)


@kernel
def place_task(s: Mesh, tile: int, now: int) -> None:
    """Send a task to a TBU of this tile, or by a grant to another tile."""
    p, e = s.params[0], s.engine[tile]
    tbu, inherit, gaps = choose_tbu(s, tile, now)
    granted = e.grants_count > 0
    early = granted and p.early and s.flow[e.row].pool != STAY and not gaps
    if tbu >= 0 and not early:
        _aim(s, tile, tbu, inherit, now)
    elif granted:
        grant = use_grant(s, tile, 0, now)
        e.target, e.target_x, e.target_y = TARGET_REMOTE, grant.x, grant.y
        e.target_tbu, e.target_place, e.inherit = grant.tbu, grant.place, 0
        e.state = ACT
    else:
        fail(s, tile)


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
        c.last, c.seen = r.last, 1
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


@kernel
def own_state(s: Mesh, tile: int, now: int) -> None:
    """OWN: the owners' head of the block is seen."""
    p, e, c = s.params[0], s.engine[tile], s.current[tile]
    block = s.flow[e.row].dest
    n = s.head[e.region * p.blocks + block].count
    if c.status == FRESH:
        turn = tile * p.blocks + block
        c.own = s.turn[turn]
        s.turn[turn] = (c.own + 1) % n
        c.left = n - 1
        e.state = TRY
    else:
        _next_owner(s, tile, n)


@kernel
def _next_owner(s: Mesh, tile: int, n: int) -> None:
    e, c = s.engine[tile], s.current[tile]
    if c.left == 0:
        fail(s, tile)
    else:
        c.own = (c.own + 1) % n
        c.left -= 1
        e.state = TRY


@kernel
def try_state(s: Mesh, tile: int, now: int) -> None:
    """TRY: the owner is seen."""
    p, e, c = s.params[0], s.engine[tile], s.current[tile]
    head = s.head[e.region * p.blocks + s.flow[e.row].dest]
    owner = s.owner[head.base + c.own]
    if owner.x != e.x or owner.y != e.y:
        c.owner_x, c.owner_y, c.owner_tbu = owner.x, owner.y, owner.tbu
        c.status = PROBING
        push(s, tile * p.queues + p.q_request, now, ask_owner(s, tile))
        save(s, tile)
        e.state = IDLE
    elif inherits(s, c, owner.tbu):
        _aim(s, tile, owner.tbu, 1, now)
    elif visible_free(s.tbu[tile * p.tbus + owner.tbu], now):
        _aim(s, tile, owner.tbu, 0, now)
    else:
        _next_owner(s, tile, head.count)
