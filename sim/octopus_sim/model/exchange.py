# SPDX-License-Identifier: Apache-2.0
"""The exchange of work between all tiles of a mesh (docs/timing.md#exchange).

What comes over the work lines from a partner at distance s in cycle z + sH is what that partner sent in z. So all tiles
are done at once, between two cycles of the mesh: in z their work is noted, in z + sH compared, in z + 8H + 1 each
decides, and each of these sees what registers hold at the start of the cycle. A tile that did not run in z had no work.
"""

from octopus_sim.model.grants import widest_tbu
from octopus_sim.model.kernel import kernel
from octopus_sim.model.places import count_bits
from octopus_sim.model.queues import wake
from octopus_sim.model.state import IDLE, NEVER, UNIT_ENGINE, Mesh
from octopus_sim.model.token import worth

#: Most work that is sent and compared.
MOST_WORK = 4095
#: Steps of an exchange: the tick, the distances 1, 2, 4, 8, the decision.
TICK, DECISION = 0, 5


@kernel
def tile_work(s: Mesh, tile: int) -> int:
    """Return a tile's work."""
    tbus = s.params[0].tbus
    work = s.balance[tile].home
    for i in range(tbus):
        work += s.tbu[tile * tbus + i].work
    return min(work, MOST_WORK)


@kernel
def send_work(s: Mesh) -> None:
    """Tick: every tile sends its work."""
    exchange = s.exchange[0]
    exchange.most, exchange.changed = 0, 0
    for tile in range(s.params[0].tiles):
        b = s.balance[tile]
        b.sent, b.best = tile_work(s, tile), 0
        exchange.most = max(exchange.most, b.sent)


@kernel
def takes_part(s: Mesh, tile: int) -> bool:
    """Whether a tile ran in the last tick."""
    p = s.params[0]
    return (tile % p.columns + tile // p.columns) * (1 + p.latency) < s.exchange[0].tick


@kernel
def compare_work(s: Mesh, stride: int) -> None:
    """Note the best of the partners at distance 2^stride not promised anything; ties go to the lower direction."""
    p = s.params[0]
    distance = 1 << stride
    for tile in range(p.tiles):
        if not takes_part(s, tile):
            continue
        b = s.balance[tile]
        x, y = tile % p.columns, tile // p.columns
        for direction in range(4):
            if direction == 0:
                inside, there = y >= distance, tile - distance * p.columns
            elif direction == 1:
                inside, there = x + distance < p.columns, tile + distance
            elif direction == 2:
                inside, there = y + distance < p.rows, tile + distance * p.columns
            else:
                inside, there = x >= distance, tile - distance
            partner = 4 * stride + direction
            if inside and s.balance[there].sent > b.best and not b.promised >> partner & 1:
                b.best, b.best_from = s.balance[there].sent, partner


@kernel
def next_allowance(allowance: int, difference: int, hysteresis: int, quantum: int) -> int:
    """Return the allowance after a tick in which the best partner had so much more work."""
    return min(allowance + difference, 2 * quantum) if difference > hysteresis else 0


@kernel
def decide(s: Mesh, tile: int, now: int) -> None:
    """Decide in cycle `now` whether a tile wants its best partner's work, from the next cycle to the next tick."""
    p, b = s.params[0], s.balance[tile]
    difference = b.best - tile_work(s, tile) - count_bits(b.promised) * worth(p.nominal)
    quantum = worth(p.nominal) << p.shift
    allowance = next_allowance(b.allowance, difference, p.hysteresis, quantum)
    s.exchange[0].changed |= allowance != b.allowance
    b.allowance = allowance
    if difference > p.hysteresis and allowance >= quantum:
        b.partner, b.since, b.until = b.best_from, now + 1, s.exchange[0].tick + p.tick
        e = s.engine[tile]
        if e.state == IDLE and e.stalled_count == 0 and widest_tbu(s, tile, now) >= 0:
            wake(s, tile * p.units + UNIT_ENGINE, now + 1)


@kernel
def exchange_step(s: Mesh, now: int) -> None:
    """Do what is next of the exchange, at the start of cycle `now`."""
    p, exchange = s.params[0], s.exchange[0]
    if exchange.step == TICK:
        exchange.tick = now
        send_work(s)
    elif exchange.step == DECISION:
        for tile in range(p.tiles):
            if takes_part(s, tile):
                decide(s, tile, now)
    else:
        compare_work(s, exchange.step - 1)
    exchange.step += 1
    # No partner is ahead by more than the most: what comes is of no use.
    while exchange.step < DECISION and (not p.strides >> (exchange.step - 1) & 1 or exchange.most <= p.hysteresis):
        exchange.step += 1
    hop = 1 + p.latency
    if exchange.step < DECISION:
        exchange.next = exchange.tick + (hop << (exchange.step - 1))
    elif exchange.step == DECISION:
        exchange.next = exchange.tick + 8 * hop + 1
    else:
        exchange.step, exchange.next = TICK, exchange.tick + p.tick


@kernel
def next_exchange(s: Mesh, awake: int) -> int:
    """Return the cycle of the next step, if all tiles sleep until `awake`; ticks that change nothing are left out."""
    p, exchange = s.params[0], s.exchange[0]
    if not p.balance:
        return NEVER
    if exchange.step == TICK and not exchange.changed and exchange.active < exchange.tick:
        if awake >= NEVER:
            return NEVER
        # What was decided before is of no use: a tile that wants, and can grant, is awake.
        exchange.next = max(exchange.next, awake & -p.tick)
    return exchange.next
