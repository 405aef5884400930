# SPDX-License-Identifier: Apache-2.0
"""Places granted to other tiles and by them (docs/timing.md#grants)."""

from octopus_hw.contract.layout import PARTNER
from octopus_sim.model.control import GRANT, TAKEN, message, message_kind, message_payload, message_source
from octopus_sim.model.fields import packer, reader
from octopus_sim.model.kernel import kernel
from octopus_sim.model.places import allocate, count_bits, earn, free_place, visible_free
from octopus_sim.model.queues import push
from octopus_sim.model.state import NEVER, Mesh, Record
from octopus_sim.model.token import worth
from octopus_sim.model.widest import WIDEST

#: Partners of a tile, and the places of its queue of grants.
PARTNERS = 1 << PARTNER

_pack_grant = packer(WIDEST.grant)
_grant = reader(WIDEST.grant, "place", "tbu", "partner", "returned")


@kernel
def partner_at(x: int, y: int, partner: int) -> tuple[int, int]:
    """Return where a partner of tile x,y is: 4 x log2 of the distance + north, east, south or west."""
    distance, direction = 1 << (partner >> 2), partner & 3
    if direction & 1:
        return (x + distance if direction == 1 else x - distance), y
    return x, (y - distance if direction == 0 else y + distance)


@kernel
def widest_tbu(s: Mesh, tile: int, now: int) -> int:
    """Return the TBU of this tile with the most free places; -1 if there is no free place."""
    p = s.params[0]
    best, most = -1, 0
    for i in range(p.tbus):
        free = count_bits(visible_free(s.tbu[tile * p.tbus + i], now))
        if free > most:
            best, most = i, free
    return best


@kernel
def can_grant(s: Mesh, tile: int, now: int) -> bool:
    """Whether the tile grants a place in cycle `now`, if its reply queue can accept."""
    b = s.balance[tile]
    return b.since <= now <= b.until and s.engine[tile].stalled_count == 0 and widest_tbu(s, tile, now) >= 0


@kernel
def give_grant(s: Mesh, tile: int, now: int) -> None:
    """Promise a place to the partner whose work the tile wants."""
    p, e, b = s.params[0], s.engine[tile], s.balance[tile]
    number = widest_tbu(s, tile, now)
    place = allocate(s.tbu[tile * p.tbus + number], now)
    x, y = partner_at(e.x, e.y, b.partner)
    payload = _pack_grant(place=place, tbu=number, partner=b.partner)
    push(s, tile * p.queues + p.q_reply, now, message(x, y, GRANT, e.x, e.y, payload))
    b.promised |= 1 << b.partner
    b.allowance -= worth(p.nominal) << p.shift
    b.until = now


@kernel
def hear_of_grant(s: Mesh, tile: int, word: int, now: int) -> None:
    """Take a GRANT from a partner, or the TAKEN that answers one of this tile."""
    e = s.engine[tile]
    place, number, partner, returned = _grant(message_payload(word))
    if message_kind(word) == GRANT:
        grant = s.grant[tile * PARTNERS + (e.grants_head + e.grants_count) % PARTNERS]
        grant.x, grant.y = message_source(word)
        grant.tbu, grant.place, grant.partner = number, place, partner
        e.grants_count += 1
        e.heard = now
        earn(e, s.params[0].static, now)
    else:
        s.balance[tile].promised &= ~(1 << partner)
        if returned:
            free_place(s, tile, number, place, now, False)


@kernel
def use_grant(s: Mesh, tile: int, returned: int, now: int) -> Record:
    """Take the oldest grant, tell its partner, and return it."""
    p, e = s.params[0], s.engine[tile]
    grant = s.grant[tile * PARTNERS + e.grants_head]
    e.grants_head, e.grants_count = (e.grants_head + 1) % PARTNERS, e.grants_count - 1
    e.old, e.stale = max(e.old - 1, 0), max(e.stale - 1, 0)
    payload = _pack_grant(place=grant.place, tbu=grant.tbu, partner=grant.partner, returned=returned)
    push(s, tile * p.queues + p.q_reply, now, message(grant.x, grant.y, TAKEN, e.x, e.y, payload))
    return grant


@kernel
def age_grants(s: Mesh, tile: int, until: int) -> None:
    """Let the grants see all ticks up to cycle `until`; one pushed in the tick itself is not counted."""
    p, e = s.params[0], s.engine[tile]
    tick = until & -p.tick
    if tick > e.aged:
        count = e.grants_count - int(e.heard == tick)
        e.stale = e.old if tick == e.aged + p.tick else count
        e.old, e.aged = count, tick


@kernel
def grants_look(s: Mesh, tile: int, now: int) -> int:
    """Return when an idle engine may grant, or return a grant, unless something changes before."""
    p, e, b = s.params[0], s.engine[tile], s.balance[tile]
    due = NEVER
    if b.until > now and e.stalled_count == 0 and widest_tbu(s, tile, now) >= 0:
        due = max(b.since, now + 1)
    if e.stale:
        return now + 1
    if e.grants_count:
        tick = e.aged + p.tick  # perhaps this very cycle
        due = min(due, 1 + (tick if e.old else tick + p.tick))
    return due
