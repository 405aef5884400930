# SPDX-License-Identifier: Apache-2.0
"""Where a token that leads to a task goes, in the engine's states FLOW, OWN and TRY (docs/timing.md#flow)."""

from octopus_hw.contract.codes import Pool
from octopus_hw.contract.layout import ASKED
from octopus_sim.model.engine_common import ask_owner, fail, go_place, inherits, own_tbu, save
from octopus_sim.model.grants import use_grant
from octopus_sim.model.kernel import kernel
from octopus_sim.model.places import allocate, count_bits, visible_free
from octopus_sim.model.queues import push
from octopus_sim.model.state import ACT, FRESH, IDLE, PROBING, TARGET_REMOTE, TRY, Mesh

FILL, STAY = int(Pool.FILL), int(Pool.STAY)


@kernel
def pool_rank(pool: int, load: int, gap: bool, own: bool, pinned_tbu: bool) -> int:
    """Return how well a TBU suits a task: the least rank is the best, of equal ones that of the lowest TBU."""
    if gap and pool == FILL:
        return 2 * (-1 - load) + (not own)
    if gap and pool == STAY and pinned_tbu:
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
        inherit = int(inherits(s, tile, i))
        if free or inherit:
            load = p.places - free - inherit
            gap = load < tbu.live
            gaps |= gap
            rank = pool_rank(r.pool, load, gap, i == own, i == r.pinned_tbu)
            if best < 0 or rank < best_rank:
                best, best_rank, best_inherit = i, rank, inherit
    return best, best_inherit, gaps


@kernel
def _aim(s: Mesh, tile: int, tbu: int, inherit: int, now: int) -> None:
    p = s.params[0]
    place = s.current[tile].number % p.places if inherit else allocate(s.tbu[tile * p.tbus + tbu], now)
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
def own_state(s: Mesh, tile: int, now: int) -> None:
    """OWN: the owners' head of the block is seen."""
    p, e, c = s.params[0], s.engine[tile], s.current[tile]
    block = s.flow[e.row].dest
    n = s.head[e.region * p.blocks + block].count
    if c.status == FRESH:
        turn = tile * p.blocks + block
        c.own = s.turn[turn]
        s.turn[turn] = (c.own + 1) % n
        c.left = min(n, ASKED) - 1
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
    elif inherits(s, tile, owner.tbu):
        _aim(s, tile, owner.tbu, 1, now)
    elif visible_free(s.tbu[tile * p.tbus + owner.tbu], now):
        _aim(s, tile, owner.tbu, 0, now)
    else:
        _next_owner(s, tile, head.count)
