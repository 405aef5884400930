# SPDX-License-Identifier: Apache-2.0
"""A TBU: draw unit, PEAs, and what follows from the choices of dispatcher and loader (docs/timing.md#tbu)."""

from octopus_hw.contract.layout import PEAS
from octopus_sim.model.dispatcher import PASSED_MOST, choose_binding, choose_helpers, choose_load
from octopus_sim.model.draw import draw_number, hash_cycle
from octopus_sim.model.fields import packer
from octopus_sim.model.kernel import kernel
from octopus_sim.model.peas import look_again, next_pea, pea_finishes, pea_starts
from octopus_sim.model.places import count_bits
from octopus_sim.model.queues import has, occupied, push, take
from octopus_sim.model.record import C_WORK, FINISH, START, record
from octopus_sim.model.state import (
    NEVER,
    PEA_BOUND,
    PEA_HELPING,
    PEA_IDLE,
    PEA_RUNNING,
    SLOT_LOADING,
    Mesh,
    Record,
)
from octopus_sim.model.tally import buffers_step, needs_key
from octopus_sim.model.token import (
    set_value,
    set_words,
    token_block,
    token_index,
    token_instance,
    token_result,
    token_round,
    token_value,
    token_variant,
    token_weight,
    worth,
)
from octopus_sim.model.widest import WIDEST

_config_request = packer(WIDEST.config_request)


@kernel
def draw_step(s: Mesh, tile: int, number: int, now: int) -> None:
    """One cycle of the draw unit: an idle one takes a token, and knows then when its numbers will be visible."""
    p = s.params[0]
    tbu = s.tbu[tile * p.tbus + number]
    k = tile * p.queues + p.q_draw + number
    if tbu.draw_idle <= now and has(s, k, now):
        at = s.place[(tile * p.tbus + number) * p.places + take(s, k, now)]
        block, index, value = token_block(at.token), token_index(at.token), token_value(at.token)
        instance, round_, variant = token_instance(at.token), token_round(at.token), token_variant(at.token)
        cycles, r = draw_number(s.number, p.seed, block, 0, instance, index, round_, value, variant, now, now + 1)
        at.cycles, at.cycles_at = max(cycles, 1), r + 1
        drawn, r = draw_number(s.number, p.seed, block, 1, instance, index, round_, value, variant, now, r + 1)
        at.value, at.value_at = drawn, r + 1
        if needs_key(at.token):
            r = hash_cycle(now, r + 1)
            at.key_at = r + 1
        tbu.draw_idle = r + 1
        look_again(s, tile * p.tbus + number, now)


@kernel
def _event(s: Mesh, tile: int, number: int, i: int, now: int, event: int, at: Record) -> None:
    token, unit = at.token, 1 + PEAS * number + i
    record(s, tile, now, unit, event, token_instance(token), token_block(token), token_index(token), token_round(token))


@kernel
def split_cycles(cycles: int, k: int) -> int:
    """Return how long an invocation of so many cycles runs on k PEAs."""
    return cycles if k == 1 else -(-(cycles + cycles // 8) // k)


@kernel
def finish(s: Mesh, tile: int, number: int, i: int, now: int) -> None:
    """Finish on PEA i: it and its helpers are idle, the token is in the completion queue."""
    p = s.params[0]
    tbu = tile * p.tbus + number
    pea = s.pea[tbu * p.peas + i]
    at = s.place[tbu * p.places + pea.place]
    for j in range(p.peas):
        if pea.helpers >> j & 1:
            s.pea[tbu * p.peas + j].state = PEA_IDLE
    pea.state, pea.helpers = PEA_IDLE, 0
    s.tbu[tbu].work -= worth(token_weight(at.token))
    set_value(at.token, at.value)
    set_words(at.token, token_result(at.token))
    push(s, tile * p.queues + p.q_completion + number, now, pea.place)
    _event(s, tile, number, i, now, FINISH, at)


@kernel
def peas_step(s: Mesh, tile: int, number: int, now: int) -> bool:
    """One cycle of the PEAs: of those that want to, the lowest starts and the lowest finishes; whether one did."""
    p = s.params[0]
    tbu = tile * p.tbus + number
    started, finished = False, False
    for i in range(p.peas):
        pea = s.pea[tbu * p.peas + i]
        at = s.place[tbu * p.places + pea.place]
        if not started and pea_starts(pea, at, now):
            started = True
            pea.state, pea.until = PEA_RUNNING, now + split_cycles(at.cycles, 1 + count_bits(pea.helpers))
            s.engine[tile].counters[C_WORK] += at.cycles
            _event(s, tile, number, i, now, START, at)
        elif not finished and pea_finishes(pea, at, now):
            finished = True
            finish(s, tile, number, i, now)
    return started or finished


@kernel
def bind(s: Mesh, tbu: int, position: int, pea_number: int, slot: int, helpers: int, now: int) -> None:
    """Bind the waiting token at a position to a PEA, and to its helpers, in cycle `now`."""
    p = s.params[0]
    t = s.tbu[tbu]
    pea = s.pea[tbu * p.peas + pea_number]
    pea.helpers = helpers
    switch = p.switch if pea.context != slot else 0
    for i in range(p.peas):
        if pea.helpers >> i & 1:
            helper = s.pea[tbu * p.peas + i]
            if helper.context != slot:
                switch = p.switch
            helper.state, helper.context = PEA_HELPING, slot
    pea.state, pea.context, pea.place = PEA_BOUND, slot, t.waiting[position]
    pea.until = now + 1 + switch
    t.waits -= 1
    for i in range(position, t.waits):
        t.waiting[i] = t.waiting[i + 1]
    t.passed = 0 if position == 0 else min(t.passed + 1, PASSED_MOST)


@kernel
def load(s: Mesh, tile: int, number: int, block: int, slot_number: int, now: int) -> None:
    """Ask the library for a block: the slot is loading, and no PEA's context any more."""
    p = s.params[0]
    tbu = tile * p.tbus + number
    t = s.tbu[tbu]
    slot = s.slot[tbu * p.slots + slot_number]
    slot.state, slot.block = SLOT_LOADING, block
    t.loading, t.last_loaded = slot_number, slot_number
    for i in range(p.peas):
        if s.pea[tbu * p.peas + i].context == slot_number:
            s.pea[tbu * p.peas + i].context = -1
    push(s, tile * p.queues + p.q_ask + number, now, _config_request(block=block, tbu=number))


@kernel
def schedule_step(s: Mesh, tile: int, number: int, now: int) -> bool:
    """One cycle of loader, dispatcher and PEAs, which all see what was visible before; whether anything changed."""
    tbu = tile * s.params[0].tbus + number
    block, slot = choose_load(s, tbu, now)
    position, pea, context = choose_binding(s, tbu, now)
    helpers = choose_helpers(s, tbu, pea, context, now) if position >= 0 else 0
    changed = peas_step(s, tile, number, now)
    if position >= 0:
        bind(s, tbu, position, pea, context, helpers, now)
        changed = True
    if slot >= 0 and not (position >= 0 and context == slot):
        load(s, tile, number, block, slot, now)
        changed = True
    return changed


@kernel
def tbu_step(s: Mesh, tile: int, number: int, now: int) -> int:
    """One cycle of a TBU; return the next cycle in which it has to be looked at."""
    p = s.params[0]
    t = s.tbu[tile * p.tbus + number]
    if t.look <= now:
        changed = schedule_step(s, tile, number, now)
        t.look = now + 1 if changed or t.accepted > now else next_pea(s, tile * p.tbus + number, now)
    due = NEVER
    if occupied(s, tile * p.queues + p.q_draw + number):
        draw_step(s, tile, number, now)
        due = max(t.draw_idle, now + 1)
    return min(due, buffers_step(s, tile, number, now), t.look)
