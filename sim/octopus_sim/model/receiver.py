# SPDX-License-Identifier: Apache-2.0
"""Receivers of the TBUs and of the home (docs/timing.md#receivers)."""

from octopus_hw.contract.layout import PARALLEL
from octopus_sim.model.fields import reader
from octopus_sim.model.kernel import kernel
from octopus_sim.model.places import accept
from octopus_sim.model.queues import can_push, has, next_head, peek, push_token, take
from octopus_sim.model.record import C_LOADS
from octopus_sim.model.state import SLOT_RESIDENT, Mesh, Record
from octopus_sim.model.token import collect_flit
from octopus_sim.model.widest import WIDEST
from octopus_sim.model.wormhole import DATA, LAST

_is_config = reader(WIDEST.header, "config")
_arg = reader(WIDEST.header, "arg")
_MOST_PARALLEL, _MOST_PLACE = (1 << PARALLEL) - 1, (1 << WIDEST.place) - 1


@kernel
def _collect(receiver: Record, flit: int, token_flits: int) -> None:
    """Put one flit away; a last one makes the receiver wait for a header again."""
    i = receiver.count
    if i == 0:
        receiver.header = flit & DATA
    elif i <= token_flits:
        collect_flit(receiver.token, i - 1, flit & DATA)
    receiver.count = 0 if flit & LAST else i + 1


@kernel
def receiver_step(s: Mesh, tile: int, number: int, now: int) -> int:
    """One cycle of TBU `number`'s receiver; return when to look again."""
    p = s.params[0]
    k = tile * p.queues + p.q_receive + number
    if has(s, k, now):
        receiver = s.receiver[tile * (p.tbus + 1) + number]
        engine = s.engine[tile]
        last = peek(s, k) & LAST
        config = _is_config(receiver.header)
        busy = engine.accept_at == now and engine.accept_tbu == number
        if not (last and not config and busy):
            _collect(receiver, take(s, k, now), p.token_flits)
            if last and config:
                tbu = s.tbu[tile * p.tbus + number]
                slot = s.slot[(tile * p.tbus + number) * p.slots + tbu.loading]
                slot.state = SLOT_RESIDENT
                slot.since = now + 1
                slot.parallel = _arg(receiver.header) & _MOST_PARALLEL
                tbu.look = min(tbu.look, now + 1)
                engine.counters[C_LOADS] += 1
            elif last:
                accept(s, tile, number, _arg(receiver.header) & _MOST_PLACE, receiver.token, now)
    return next_head(s, k, now)


@kernel
def home_receiver_step(s: Mesh, tile: int, now: int) -> int:
    """One cycle of the home's receiver; return when to look again."""
    p = s.params[0]
    k = tile * p.queues + p.q_receive + p.tbus
    if has(s, k, now):
        last = peek(s, k) & LAST
        arrivals = tile * p.queues + p.q_arrival
        if not last or can_push(s, arrivals, now):
            receiver = s.receiver[tile * (p.tbus + 1) + p.tbus]
            _collect(receiver, take(s, k, now), p.token_flits)
            if last:
                push_token(s, arrivals, now, 0, receiver.token)
    return next_head(s, k, now)
