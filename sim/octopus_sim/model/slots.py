# SPDX-License-Identifier: Apache-2.0
"""Slots of a stream: an instance has one from its injection, or from when its row was asked for, to its end."""

from octopus_sim.model.kernel import kernel
from octopus_sim.model.queues import wake
from octopus_sim.model.state import UNIT_ENGINE, UNIT_PORTS, Mesh, Record


@kernel
def free_slots(t: Record, now: int) -> int:
    """Return how many of a stream's slots are free in cycle `now`."""
    return t.free - int(t.freed_at > now)


@kernel
def take_slot(t: Record, now: int) -> int:
    """Take a stream's lowest slot that is free in cycle `now`; return its number."""
    taken = t.busy | 1 << t.freed_slot if t.freed_at > now else t.busy
    i = 0
    while taken >> i & 1:
        i += 1
    t.busy |= 1 << i
    t.free -= 1
    return t.slot + i


@kernel
def free_slot(s: Mesh, tile: int, slot: int, now: int, by_sender: bool) -> None:
    """Free a slot, visible in the next cycle; the engine, unlike a sender, cannot look before then.

    With the last instance's slot the tile is done.
    """
    p, e = s.params[0], s.engine[tile]
    for i in range(p.streams):
        t = s.stream[tile * p.streams + i]
        if t.slot <= slot < t.slot + t.slots:
            t.busy &= ~(1 << (slot - t.slot))
            t.free += 1
            if by_sender:
                t.freed_at, t.freed_slot = now + 1, slot - t.slot
    e.ended += 1
    if by_sender:
        wake(s, tile * p.units + UNIT_ENGINE, now + 1)
    if e.ended == e.expected:
        s.control[tile].done_at = now + 1
        wake(s, tile * p.units + UNIT_PORTS, now + 1)
