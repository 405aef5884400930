# SPDX-License-Identifier: Apache-2.0
"""The mesh: which units of which tiles are looked at in which cycle.

A tile sees what another sends in cycle t only from t + 1 + L on. So each tile is simulated for 1 + L cycles at a time,
and sleeps through those in which none of its units has anything to do; where all sleep, time jumps. The exchange of
work, which all tiles take part in, is done between two such steps.
"""

from octopus_sim.model.control import control_step, ports_step
from octopus_sim.model.engine import engine_step
from octopus_sim.model.exchange import exchange_step, next_exchange
from octopus_sim.model.kernel import entry, kernel
from octopus_sim.model.pointers import mesh
from octopus_sim.model.port import port_step
from octopus_sim.model.queues import wake
from octopus_sim.model.receiver import home_receiver_step
from octopus_sim.model.sender import home_sender_step
from octopus_sim.model.state import (
    NEVER,
    TOTAL_CYCLE,
    TOTAL_EVENTS,
    TOTAL_STEPS,
    UNIT_CONTROL,
    UNIT_DATA,
    UNIT_ENGINE,
    UNIT_PORTS,
    UNIT_SWITCH,
    UNIT_TBU,
    Mesh,
)
from octopus_sim.model.tbu import tbu_step
from octopus_sim.model.wormhole import wormhole_step


@kernel
def home_step(s: Mesh, tile: int, now: int) -> int:
    """One cycle of the home's sender and receiver; return when to look again."""
    return min(home_sender_step(s, tile, now), home_receiver_step(s, tile, now))


@kernel
def unit_step(s: Mesh, tile: int, unit: int, now: int) -> int:
    """One cycle of one unit; return when to look again."""
    if unit >= UNIT_TBU:
        return tbu_step(s, tile, unit - UNIT_TBU, now)
    if unit == UNIT_ENGINE:
        return engine_step(s, tile, now)
    if unit == UNIT_DATA:
        return wormhole_step(s, 2 * tile, now)
    if unit == UNIT_SWITCH:
        return wormhole_step(s, 2 * tile + 1, now)
    if unit == UNIT_CONTROL:
        return control_step(s, tile, now)
    if unit == UNIT_PORTS:
        return ports_step(s, tile, now)
    return home_step(s, tile, now)


@kernel
def tile_step(s: Mesh, tile: int, now: int) -> None:
    """One cycle of a tile: look at the units that are due."""
    units = s.params[0].units
    first = tile * units
    due = 0
    for i in range(units):
        if s.due[first + i] <= now:
            s.due[first + i] = NEVER
            due |= 1 << i
    s.wake[tile] = NEVER
    for i in range(units):
        if due >> i & 1:
            wake(s, first + i, unit_step(s, tile, i, now))
    least = NEVER
    for i in range(units):
        least = min(least, s.due[first + i])
    s.wake[tile] = least


@kernel
def next_wake(s: Mesh) -> int:
    """Return the first cycle in which any tile, or the host's port, has to be looked at."""
    least = NEVER
    for i in range(s.params[0].tiles + 1):
        least = min(least, s.wake[i])
    return least


@kernel
def tiles_step(s: Mesh, stop: int) -> None:
    """Simulate all tiles, and the host's port, up to a cycle that is at most one link latency away."""
    tiles = s.params[0].tiles
    for tile in range(tiles):
        while s.wake[tile] < stop:
            s.total[TOTAL_CYCLE] = max(s.total[TOTAL_CYCLE], s.wake[tile] + 1)
            tile_step(s, tile, s.wake[tile])
            s.total[TOTAL_STEPS] += 1
    while s.wake[tiles] < stop:
        now = s.wake[tiles]
        s.total[TOTAL_CYCLE] = max(s.total[TOTAL_CYCLE], now + 1)
        s.due[tiles * s.params[0].units] = s.wake[tiles] = NEVER
        wake(s, tiles * s.params[0].units, port_step(s, now))


@entry
def run_until(address: int, end: int, space: int) -> int:
    """Simulate up to cycle `end`, or until all sleep, or until fewer than `space` events fit; return the next cycle."""
    s = mesh(address)
    length = 1 + s.params[0].latency
    while True:
        awake = next_wake(s)
        exchange = next_exchange(s, awake)
        begin = min(awake, exchange)
        if begin >= end or s.params[0].events - s.total[TOTAL_EVENTS] < space:
            return begin
        if exchange == begin:
            exchange_step(s, begin)
        else:
            s.exchange[0].active = begin
            tiles_step(s, min(begin + length, exchange, end))
