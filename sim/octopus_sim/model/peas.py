# SPDX-License-Identifier: Apache-2.0
"""When the PEAs of a TBU want to start and to finish (docs/timing.md#pea)."""

from octopus_sim.model.kernel import kernel
from octopus_sim.model.state import NEVER, PEA_BOUND, PEA_RUNNING, Mesh, Record


@kernel
def pea_starts(pea: Record, place: Record, now: int) -> bool:
    """Whether a PEA wants to start."""
    return pea.state == PEA_BOUND and pea.until <= now and place.cycles_at <= now


@kernel
def pea_finishes(pea: Record, place: Record, now: int) -> bool:
    """Whether a PEA wants to finish."""
    return pea.state == PEA_RUNNING and pea.until <= now and place.value_at <= now and place.sum_at <= now


@kernel
def next_pea(s: Mesh, tbu: int, now: int) -> int:
    """Return the cycle in which the first of a TBU's PEAs may want to start or finish."""
    p = s.params[0]
    due = NEVER
    for i in range(p.peas):
        pea = s.pea[tbu * p.peas + i]
        if pea.state == PEA_BOUND:
            due = min(due, max(pea.until, s.place[tbu * p.places + pea.place].cycles_at, now + 1))
        elif pea.state == PEA_RUNNING:
            at = s.place[tbu * p.places + pea.place]
            due = min(due, max(pea.until, at.value_at, at.sum_at, now + 1))
    return due


@kernel
def look_again(s: Mesh, tbu: int, now: int) -> None:
    """Let a TBU be looked at when its first PEA may want to, of which more has become known in cycle `now`."""
    s.tbu[tbu].look = min(s.tbu[tbu].look, next_pea(s, tbu, now))
