# SPDX-License-Identifier: Apache-2.0
"""Receivers of the TBUs and of the home (docs/timing.md#receivers)."""

from octopus_hw.contract.layout import UNIT_ROW
from octopus_sim.model.kernel import kernel
from octopus_sim.model.packets import end_packet
from octopus_sim.model.places import accept
from octopus_sim.model.queues import can_push, has, next_head, peek, push_token, take
from octopus_sim.model.record import C_LOADS
from octopus_sim.model.state import SLOT_RESIDENT, Mesh
from octopus_sim.model.wormhole import LAST, flit_chunk, flit_packet, flit_unit, is_config

_ROW = int(UNIT_ROW)


@kernel
def _take_chunk(s: Mesh, tile: int, number: int, flit: int, now: int) -> None:
    """Take the last flit of a chunk; after the last chunk the slot is resident."""
    p = s.params[0]
    parallel, complete = flit_chunk(flit)
    if complete:
        tbu = s.tbu[tile * p.tbus + number]
        slot = s.slot[(tile * p.tbus + number) * p.slots + tbu.loading]
        slot.state, slot.since, slot.parallel = SLOT_RESIDENT, now + 1, parallel
        tbu.look = min(tbu.look, now + 1)
        s.engine[tile].counters[C_LOADS] += 1


@kernel
def receiver_step(s: Mesh, tile: int, number: int, now: int) -> int:
    """One cycle of TBU `number`'s receiver; return when to look again."""
    p = s.params[0]
    k = tile * p.queues + p.q_receive + number
    if has(s, k, now):
        receiver = s.receiver[tile * (p.tbus + 1) + number]
        engine = s.engine[tile]
        flit = peek(s, k)
        last, config = flit & LAST, is_config(flit)
        busy = engine.accept_at == now and engine.accept_tbu == number
        if not (last and not config and busy):
            take(s, k, now)
            if not config and receiver.count >= p.token_flits:
                receiver.data_at = now
            receiver.count = 0 if last else receiver.count + 1
            if last and config:
                _take_chunk(s, tile, number, flit, now)
            elif last:
                packet = s.packet[flit_packet(flit)]
                accept(s, tile, number, packet.place, packet.token, now)
                end_packet(s, flit_packet(flit))
    return next_head(s, k, now)


@kernel
def home_receiver_step(s: Mesh, tile: int, now: int) -> int:
    """One cycle of the home's receiver; return when to look again."""
    p = s.params[0]
    k = tile * p.queues + p.q_receive + p.tbus
    if has(s, k, now):
        flit = peek(s, k)
        arrivals = tile * p.queues + p.q_arrival
        if not flit & LAST or can_push(s, arrivals, now):
            take(s, k, now)
            if flit & LAST:
                packet = flit_packet(flit)
                push_token(s, arrivals, now, int(flit_unit(flit) == _ROW), s.packet[packet].token)
                end_packet(s, packet)
    return next_head(s, k, now)
