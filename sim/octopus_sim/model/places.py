# SPDX-License-Identifier: Apache-2.0
"""Places of a TBU as its CBU sees them, and the retry budget (docs/timing.md#free-places)."""

from octopus_sim.model.kernel import kernel
from octopus_sim.model.queues import push, wake
from octopus_sim.model.state import NEVER, UNIT_ENGINE, UNIT_TBU, Mesh, Record
from octopus_sim.model.token import copy_token, token_weight, worth

_MOST = 255


@kernel
def visible_free(tbu: Record, now: int) -> int:
    """Return the bits of the places that are free in cycle `now`."""
    if tbu.freed_at > now:
        return tbu.free & ~(1 << tbu.freed_place)
    return tbu.free


@kernel
def count_bits(bits: int) -> int:
    """Count ones."""
    n = 0
    while bits:
        bits &= bits - 1
        n += 1
    return n


@kernel
def lowest_bit(bits: int) -> int:
    """Return the lowest one's number."""
    n = 0
    while not bits >> n & 1:
        n += 1
    return n


@kernel
def allocate(tbu: Record, now: int) -> int:
    """Allocate a TBU's lowest free place, visible in the next cycle; -1 if there is none."""
    free = visible_free(tbu, now)
    if not free:
        return -1
    place = lowest_bit(free)
    tbu.free &= ~(1 << place)
    return place


@kernel
def fold_budget(engine: Record, static: int, now: int) -> None:
    """Bring the budget up to the start of cycle `now`: what was freed and taken before becomes visible."""
    if engine.pending_at < now:
        if not static:
            engine.budget = min(engine.budget + engine.pending, _MOST)
        engine.budget -= engine.taken
        engine.pending = 0
        engine.taken = 0
        engine.pending_at = now


@kernel
def earn(engine: Record, static: int, now: int) -> None:
    """Let the budget grow by one: a place was freed, or a GRANT taken."""
    fold_budget(engine, static, now)
    engine.pending += 1


@kernel
def free_place(s: Mesh, tile: int, number: int, place: int, now: int, by_sender: bool) -> None:
    """Free a place of TBU `number`, visible in the next cycle; the engine, unlike a sender, cannot look before then."""
    p = s.params[0]
    tbu = s.tbu[tile * p.tbus + number]
    tbu.free |= 1 << place
    if by_sender:
        tbu.freed_at = now + 1
        tbu.freed_place = place
    earn(s.engine[tile], p.static, now)
    wake(s, tile * p.units + UNIT_ENGINE, now + 1)


@kernel
def accept(s: Mesh, tile: int, number: int, place: int, token: Record, now: int) -> None:
    """Let a TBU accept a token in cycle `now`: it waits, to be drawn for and tallied too, from the next cycle on."""
    p = s.params[0]
    tbu = s.tbu[tile * p.tbus + number]
    tbu.waiting[tbu.waits] = place
    tbu.waits += 1
    tbu.accepted = now + 1
    tbu.look = min(tbu.look, now + 1)
    at = s.place[(tile * p.tbus + number) * p.places + place]
    copy_token(at.token, token)
    at.cycles_at, at.value_at, at.key_at, at.sum_at = NEVER, NEVER, NEVER, NEVER
    tbu.work += worth(token_weight(token))
    push(s, tile * p.queues + p.q_draw + number, now, place)
    push(s, tile * p.queues + p.q_tally + number, now, place)
    wake(s, tile * p.units + UNIT_TBU + number, now + 1)
