# SPDX-License-Identifier: Apache-2.0
"""The engine's states ARRIVE, COUNT and FIRE: what a token does at its home (docs/timing.md#arrive)."""

from octopus_hw.contract.layout import LANES, VALUE
from octopus_sim.model.engine_common import (
    END,
    FORK,
    JOIN,
    SPAWN,
    TASK,
    engine_draw,
    index_of,
    join_of,
    list_record,
    new_record,
    push_list,
    push_ready,
    record_of,
    value_of,
    work_at_home,
)
from octopus_sim.model.engine_host import push_result
from octopus_sim.model.kernel import kernel
from octopus_sim.model.record import DECIDE, RETIRE, record
from octopus_sim.model.record import JOIN as EVENT_JOIN
from octopus_sim.model.slots import free_slot
from octopus_sim.model.state import (
    COUNT,
    FIRE,
    HOLD_SINGLE,
    HOLD_SPAWN,
    IDLE,
    NEXT,
    TOTAL_RETIRED,
    Mesh,
)
from octopus_sim.model.token import worth

#: What a join makes of the values: `FlowRow.mode`.
MODE_TOKEN, MODE_SUM, MODE_MAX, MODE_COUNT = range(4)
_MOST = (1 << VALUE) - 1


@kernel
def _came(s: Mesh, tile: int) -> int:
    """Return how many words came with the token."""
    return s.current[tile].length if s.engine[tile].arriving else 0


@kernel
def _done(s: Mesh, tile: int) -> None:
    """End an arrival: an inline one goes on with its holder."""
    s.engine[tile].state = NEXT if s.engine[tile].inline else IDLE


@kernel
def accumulate(mode: int, accumulator: int, value: int) -> int:
    """Return the accumulator with one more value in it."""
    if mode == MODE_SUM:
        return min(accumulator + value, _MOST)
    if mode == MODE_MAX:
        return max(accumulator, value)
    return accumulator + 1 if mode == MODE_COUNT else accumulator


@kernel
def join_arrival(s: Mesh, tile: int, now: int) -> None:
    """Count a token that arrives at a join, and let the join fire if it is the last."""
    e, c = s.engine[tile], s.current[tile]
    r = s.flow[e.row]
    index, value = index_of(c), value_of(c)
    j = s.join[join_of(s, tile, c, e.row, index)]
    if r.all and j.arrived == 0:
        j.total, j.index, j.value, j.round, j.accumulator, j.words = r.count, index, 0, 0, 0, 0
    j.words += r.room
    j.arrived += 1
    j.round = max(j.round, c.round)
    j.accumulator = accumulate(r.mode, j.accumulator, value)
    if r.all and r.first:
        j.value = value
    if not r.all:
        j.lanes &= ~(1 << index % LANES)
        if j.waiting:
            j.waiting = 0
            push_ready(s, tile, j.holder)
    if j.arrived == j.total:
        j.arrived = 0
        record(s, tile, now, 0, EVENT_JOIN, c.instance, r.dest, j.index, j.round)
        push_list(s, tile, j.index, j.value if r.mode == MODE_TOKEN else j.accumulator, j.round, j.words)


@kernel
def retire(s: Mesh, tile: int, now: int) -> None:
    """Retire the instance at hand: its slot is free, or its result waits for the host."""
    e, c = s.engine[tile], s.current[tile]
    record(s, tile, now, 0, RETIRE, c.instance, s.flow[e.row].dest, index_of(c), c.round)
    s.total[TOTAL_RETIRED] += 1
    if s.flow[e.row].keep:
        push_result(s, tile, list_record(s, tile, index_of(c), value_of(c), c.round, _came(s, tile)), now)
    else:
        free_slot(s, tile, c.slot, now, False)


@kernel
def arrive_state(s: Mesh, tile: int, now: int) -> None:
    """ARRIVE: the join record is seen."""
    e, c = s.engine[tile], s.current[tile]
    r = s.flow[e.row]
    if r.kind == SPAWN:
        engine_draw(s, tile, now)
        e.state = COUNT
        return
    if r.kind == TASK:
        number = record_of(s, c, e.row, index_of(c))
        new_record(s, tile, number, HOLD_SINGLE, e.row, index_of(c), value_of(c), c.round, _came(s, tile))
        push_ready(s, tile, number)
    elif r.kind == FORK:
        push_list(s, tile, index_of(c), value_of(c), c.round, _came(s, tile))
    elif r.kind == JOIN:
        join_arrival(s, tile, now)
    elif r.kind == END:
        retire(s, tile, now)
    _done(s, tile)


@kernel
def count_state(s: Mesh, tile: int, now: int) -> None:
    """COUNT, in the cycle in which the result is visible: the spawn begins, or its join fires at once."""
    e, c = s.engine[tile], s.current[tile]
    r = s.flow[e.row]
    record(s, tile, now, 0, DECIDE, c.instance, r.dest, index_of(c), c.round)
    number = record_of(s, c, e.row, index_of(c))
    join = join_of(s, tile, c, e.row, index_of(c))
    j = s.join[join]
    j.total, j.arrived, j.accumulator, j.words, j.lanes, j.waiting = e.drawn, 0, 0, 0, 0, 0
    j.index, j.value, j.round, j.holder = index_of(c), value_of(c), c.round, number
    if s.params[0].announce:
        work_at_home(s, tile, e.drawn * worth(r.weight))
    if e.drawn == 0:
        e.row, e.state = r.aux, FIRE
        return
    new_record(s, tile, number, HOLD_SPAWN, r.next, index_of(c), value_of(c), c.round, _came(s, tile))
    h = s.holder[tile * s.params[0].holders + number]
    h.total, h.keep, h.join = e.drawn, r.keep, join
    push_ready(s, tile, number)
    _done(s, tile)


@kernel
def fire_state(s: Mesh, tile: int, now: int) -> None:
    """FIRE: the join of a spawn of no children."""
    e, c = s.engine[tile], s.current[tile]
    r = s.flow[e.row]
    record(s, tile, now, 0, EVENT_JOIN, c.instance, r.dest, index_of(c), c.round)
    push_list(s, tile, index_of(c), value_of(c) if r.mode == MODE_TOKEN else 0, c.round, 0)
    _done(s, tile)
