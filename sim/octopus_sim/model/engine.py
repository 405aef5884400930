# SPDX-License-Identifier: Apache-2.0
"""The engine of a CBU: one state in a cycle (docs/timing.md#states)."""

from octopus_hw.contract.layout import RETRIES
from octopus_sim.model.engine_act import act_state, next_state
from octopus_sim.model.engine_arrive import arrive_state, count_state, fire_state
from octopus_sim.model.engine_flow import chosen_state, claim_state, decide_state, flow_state, hold_state
from octopus_sim.model.engine_host import report_state
from octopus_sim.model.engine_idle import idle_step
from octopus_sim.model.engine_task import own_state, try_state
from octopus_sim.model.grants import age_grants
from octopus_sim.model.kernel import kernel
from octopus_sim.model.places import fold_budget
from octopus_sim.model.state import (
    ACT,
    ARRIVE,
    CHOSEN,
    CLAIM,
    COUNT,
    DECIDE,
    FIRE,
    FLOW_SEEN,
    HOLD,
    IDLE,
    NEXT,
    OWN,
    REPORT,
    TRY,
    Mesh,
)


@kernel
def begin_budget(s: Mesh, tile: int, now: int) -> None:
    """Make the budget what it is at the start of cycle `now`, also if retry ticks have passed since the last look."""
    p, e = s.params[0], s.engine[tile]
    fold_budget(e, p.static, now)
    if p.static:
        tick = (now - 1) // p.retry * p.retry
        if tick > e.ticked:
            e.budget, e.ticked = min(e.stalled_count, RETRIES), tick


@kernel
def end_budget(s: Mesh, tile: int, stalled: int, now: int) -> None:
    """Apply a retry tick of this very cycle: the holders that were stalled at its start, less one that was taken."""
    p, e = s.params[0], s.engine[tile]
    if p.static and now % p.retry == 0:
        e.budget, e.ticked = min(stalled, RETRIES), now


@kernel
def decide_step(s: Mesh, tile: int, now: int) -> None:
    """Do what a state that reads a table does, or one that waits for the draw unit."""
    state = s.engine[tile].state
    if state == DECIDE:
        decide_state(s, tile, now)
    elif state == COUNT:
        count_state(s, tile, now)
    elif state == CHOSEN:
        chosen_state(s, tile, now)
    elif state == OWN:
        own_state(s, tile, now)
    elif state == TRY:
        try_state(s, tile, now)
    elif state == FIRE:
        fire_state(s, tile, now)
    elif state == REPORT:
        report_state(s, tile, now)


@kernel
def engine_step(s: Mesh, tile: int, now: int) -> int:
    """One cycle of the engine; return when to look again."""
    e = s.engine[tile]
    begin_budget(s, tile, now)
    age_grants(s, tile, now - 1)
    stalled = e.stalled_count
    due = now + 1
    if e.state == IDLE:
        due = idle_step(s, tile, now)
    elif (e.state == DECIDE or e.state == COUNT) and now < e.drawn_at:
        due = e.drawn_at
    elif e.state == HOLD:
        hold_state(s, tile, now)
    elif e.state == CLAIM:
        claim_state(s, tile, now)
    elif e.state == FLOW_SEEN:
        flow_state(s, tile, now)
    elif e.state == ACT:
        act_state(s, tile, now)
    elif e.state == ARRIVE:
        arrive_state(s, tile, now)
    elif e.state == NEXT:
        next_state(s, tile, now)
    else:
        decide_step(s, tile, now)
    end_budget(s, tile, stalled, now)
    age_grants(s, tile, now)
    return due
