# SPDX-License-Identifier: Apache-2.0
"""Dispatcher and loader of a TBU: what they choose from what is visible in a cycle (docs/timing.md#dispatcher)."""

from octopus_sim.model.kernel import kernel
from octopus_sim.model.state import PEA_DISABLED, PEA_IDLE, SLOT_EMPTY, SLOT_RESIDENT, Mesh, Record
from octopus_sim.model.token import token_block

#: From this many bindings past the oldest token on, it goes first.
PASSED_MOST = 7


@kernel
def visible_waiting(tbu: Record, now: int) -> int:
    """Return how many tokens wait in cycle `now`."""
    return tbu.waits - int(tbu.accepted > now)


@kernel
def resident_slot(s: Mesh, tbu: int, block: int, now: int) -> int:
    """Return the slot of TBU `tbu` (global number) in which a block is resident; -1 if none."""
    first = tbu * s.params[0].slots
    for i in range(s.params[0].slots):
        slot = s.slot[first + i]
        if slot.state == SLOT_RESIDENT and slot.since <= now and slot.block == block:
            return i
    return -1


@kernel
def waiting_block(s: Mesh, tbu: int, i: int) -> int:
    """Return the block of the i-th waiting token."""
    return token_block(s.place[tbu * s.params[0].places + s.tbu[tbu].waiting[i]].token)


@kernel
def lowest_idle(s: Mesh, tbu: int, context: int) -> int:
    """Return the lowest idle PEA; with a context that is not negative, the lowest that has it; -1 if none."""
    first = tbu * s.params[0].peas
    for i in range(s.params[0].peas):
        pea = s.pea[first + i]
        if pea.state == PEA_IDLE and (context < 0 or pea.context == context):
            return i
    return -1


@kernel
def count_idle(s: Mesh, tbu: int) -> int:
    """Return how many PEAs are idle."""
    n = 0
    for i in range(s.params[0].peas):
        n += s.pea[tbu * s.params[0].peas + i].state == PEA_IDLE
    return n


@kernel
def choose_split(parallel: int, idle: int, waits: int) -> int:
    """Return how many PEAs a token is bound to, with these many idle PEAs and waiting tokens, its own counted."""
    if parallel >= 2 and idle - 4 >= waits - 1:
        return 4
    return 2 if parallel >= 1 and idle - 2 >= waits - 1 else 1


@kernel
def choose_helpers(s: Mesh, tbu: int, chosen: int, slot: int, now: int) -> int:
    """Return the PEAs, as bits, that help the chosen one."""
    p = s.params[0]
    helpers = 0
    if p.split:
        idle, waits = count_idle(s, tbu), visible_waiting(s.tbu[tbu], now)
        left = choose_split(s.slot[tbu * p.slots + slot].parallel, idle, waits) - 1
        for i in range(p.peas):
            if left and i != chosen and s.pea[tbu * p.peas + i].state == PEA_IDLE:
                helpers |= 1 << i
                left -= 1
    return helpers


@kernel
def choose_binding(s: Mesh, tbu: int, now: int) -> tuple[int, int, int]:
    """Choose what the dispatcher binds.

    Returns
    -------
    (int, int, int)
        Position in the waiting list (-1: nothing is bound), PEA, slot.
    """
    p = s.params[0]
    eligible = visible_waiting(s.tbu[tbu], now)
    idle = lowest_idle(s, tbu, -1)
    if eligible == 0 or idle < 0:
        return -1, 0, 0
    if not p.adaptive or (
        s.tbu[tbu].passed == PASSED_MOST and resident_slot(s, tbu, waiting_block(s, tbu, 0), now) >= 0
    ):
        eligible = 1
    second, second_slot = -1, 0
    for i in range(eligible):
        slot = resident_slot(s, tbu, waiting_block(s, tbu, i), now)
        if slot >= 0:
            pea = lowest_idle(s, tbu, slot) if p.affinity else -1
            if pea >= 0:
                return i, pea, slot
            if second < 0:
                second, second_slot = i, slot
    return second, idle, second_slot


@kernel
def _may_replace(s: Mesh, tbu: int, i: int, now: int) -> bool:
    """Whether the loader may load into slot i, which is not empty."""
    p = s.params[0]
    for j in range(p.peas):
        pea = s.pea[tbu * p.peas + j]
        if pea.state != PEA_IDLE and pea.state != PEA_DISABLED and pea.context == i:
            return False
    if p.adaptive and s.tbu[tbu].passed < PASSED_MOST:
        block = s.slot[tbu * p.slots + i].block
        for j in range(visible_waiting(s.tbu[tbu], now)):
            if waiting_block(s, tbu, j) == block:
                return False
    return True


@kernel
def choose_slot(s: Mesh, tbu: int, now: int) -> int:
    """Return the slot that an idle loader takes; -1 if there is none."""
    p = s.params[0]
    for i in range(p.slots):
        if s.slot[tbu * p.slots + i].state == SLOT_EMPTY:
            return i
    for i in range(p.slots):
        j = (s.tbu[tbu].last_loaded + 1 + i) % p.slots
        if _may_replace(s, tbu, j, now):
            return j
    return -1


@kernel
def choose_load(s: Mesh, tbu: int, now: int) -> tuple[int, int]:
    """Choose what the loader asks for: ``(block, slot)``, (-1, -1) if nothing."""
    p = s.params[0]
    t = s.tbu[tbu]
    waits = visible_waiting(t, now)
    if waits == 0:
        return -1, -1
    if t.loading >= 0:
        slot = s.slot[tbu * p.slots + t.loading]
        if slot.state != SLOT_RESIDENT or slot.since > now:
            return -1, -1
    if not p.prefetch and lowest_idle(s, tbu, -1) < 0:
        return -1, -1
    for i in range(waits if p.adaptive else 1):
        block = waiting_block(s, tbu, i)
        if resident_slot(s, tbu, block, now) < 0:
            slot_number = choose_slot(s, tbu, now)
            return (block, slot_number) if slot_number >= 0 else (-1, -1)
    return -1, -1
