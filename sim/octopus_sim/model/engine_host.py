# SPDX-License-Identifier: Apache-2.0
"""The engine and the host: rows for streams that want them, results (docs/timing.md#rows, docs/timing.md#results)."""

from octopus_hw.contract.layout import UNIT_HOME
from octopus_sim.model.control import ROW, to_host
from octopus_sim.model.kernel import kernel
from octopus_sim.model.queues import push, push_token, wake, was_empty
from octopus_sim.model.record import ARRIVE, record
from octopus_sim.model.sender import command
from octopus_sim.model.slots import free_slots, take_slot
from octopus_sim.model.state import HOLD, IDLE, UNIT_PORTS, Mesh, Record
from octopus_sim.model.token import pack_token

_HOME = int(UNIT_HOME)


@kernel
def row_asks(s: Mesh, tile: int, t: Record, now: int) -> bool:
    """Whether a stream that has instances left and no row can ask for one in cycle `now`."""
    p = s.params[0]
    if s.engine[tile].asked or free_slots(t, now) == 0:
        return False
    return was_empty(s, tile * p.queues + p.q_reply, now)


@kernel
def reserve(s: Mesh, tile: int, number: int, now: int) -> None:
    """Take a slot for the next instance of stream `number`, and ask the host for its row."""
    p, e = s.params[0], s.engine[tile]
    t = s.stream[tile * p.streams + number]
    t.reserved = take_slot(t, now)
    e.asked = number + 1
    push(s, tile * p.queues + p.q_reply, now, to_host(ROW, e.x, e.y, s.entry[t.first + t.next].instance))


@kernel
def row_arrives(s: Mesh, tile: int, words: int, now: int) -> None:
    """Take the row that was asked for."""
    p, e = s.params[0], s.engine[tile]
    t = s.stream[tile * p.streams + e.asked - 1]
    t.there, t.words = 1, words
    e.asked = 0
    record(s, tile, now, 0, ARRIVE, s.entry[t.first + t.next].instance, 0, 0, 0)


@kernel
def _offer(s: Mesh, tile: int, now: int) -> None:
    """Offer a RESULT from the next cycle on."""
    s.control[tile].result_at = now + 1
    wake(s, tile * s.params[0].units + UNIT_PORTS, now + 1)


@kernel
def push_result(s: Mesh, tile: int, number: int, now: int) -> None:
    """Let a record wait for the host."""
    p, e = s.params[0], s.engine[tile]
    s.report[tile * p.holders + (e.report_head + e.report_count) % p.holders] = number
    e.report_count += 1
    if e.report_count == 1:
        _offer(s, tile, now)


@kernel
def take_result(s: Mesh, tile: int, now: int) -> None:
    """Read the record that the host has asked for; the next one is offered."""
    p, e = s.params[0], s.engine[tile]
    number = s.report[tile * p.holders + e.report_head]
    e.report_head, e.report_count = (e.report_head + 1) % p.holders, e.report_count - 1
    s.current[tile] = s.holder[tile * p.holders + number]
    e.arriving, e.fresh, e.reporting, e.state = 0, 0, 1, HOLD
    if e.report_count:
        _offer(s, tile, now)


@kernel
def report_state(s: Mesh, tile: int, now: int) -> None:
    """REPORT: the record leaves for the host, and its slot is free behind it."""
    p, c = s.params[0], s.current[tile]
    token = pack_token(
        home_x=c.home_x, home_y=c.home_y, slot=c.slot, index=c.index, value=c.value, instance=c.instance,
        round=c.round, variant=c.variant, words=c.length,
    )  # fmt: skip
    push_token(s, tile * p.queues + p.q_command + p.tbus, now, command(unit=_HOME, release=1, host=1), token)
    s.engine[tile].state = IDLE
