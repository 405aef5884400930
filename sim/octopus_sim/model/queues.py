# SPDX-License-Identifier: Apache-2.0
"""Queues and links, one ring for both, and the round robin (docs/timing.md#conventions).

Each cell of a ring carries one stamp: occupied and visible from a cycle on, or free and usable from a cycle on. An item
pushed in t is visible from t + 1 + latency on, a cell taken in t is usable from there on, too: for a queue (latency 0)
that is "a take in the same cycle does not make room", for a link it is the credit's way back. So a push and a take in
one cycle may be evaluated in either order.

A push wakes the unit that takes, a take from a full ring the one that pushes. A unit knows of one cycle alone in which
to look again; so whoever looks works out anew when items under way will arrive and credits will be back.
"""

from octopus_sim.model.kernel import kernel
from octopus_sim.model.state import NEVER, Mesh, Record
from octopus_sim.model.token import copy_token


@kernel
def wake(s: Mesh, unit: int, time: int) -> None:
    """Let a unit (global number) be looked at in cycle `time`."""
    if time < s.due[unit]:
        s.due[unit] = time
        tile = unit // s.params[0].units
        if time < s.wake[tile]:
            s.wake[tile] = time


@kernel
def can_push(s: Mesh, k: int, now: int) -> bool:
    """Whether queue k can accept an item in cycle `now`."""
    q = s.queue[k]
    stamp = s.cell[q.base + q.tail].stamp
    return stamp <= 0 and -stamp <= now


@kernel
def has(s: Mesh, k: int, now: int) -> bool:
    """Whether queue k has a head in cycle `now`."""
    q = s.queue[k]
    stamp = s.cell[q.base + q.head].stamp
    return 0 < stamp <= now


@kernel
def occupied(s: Mesh, k: int) -> bool:
    """Whether queue k holds an item, visible or not."""
    q = s.queue[k]
    return s.cell[q.base + q.head].stamp > 0


@kernel
def was_empty(s: Mesh, k: int, now: int) -> bool:
    """Whether queue k held nothing at the start of cycle `now`."""
    q = s.queue[k]
    for i in range(q.base, q.base + q.depth):
        stamp = s.cell[i].stamp
        if stamp > 0 or -stamp > now:
            return False
    return True


@kernel
def level(s: Mesh, k: int) -> int:
    """Items in queue k, visible or not."""
    q = s.queue[k]
    if s.cell[q.base + q.head].stamp <= 0:
        return 0
    return (q.tail - q.head - 1) % q.depth + 1


@kernel
def peek(s: Mesh, k: int) -> int:
    """Return the head's data."""
    q = s.queue[k]
    return s.cell[q.base + q.head].data


@kernel
def next_head(s: Mesh, k: int, now: int) -> int:
    """Return the first cycle after `now` in which queue k has a head, of those items that are in it."""
    q = s.queue[k]
    stamp = s.cell[q.base + q.head].stamp
    return max(stamp, now + 1) if stamp > 0 else NEVER


@kernel
def next_room(s: Mesh, k: int) -> int:
    """Return from when on queue k, which cannot accept now, can; NEVER if it is full: a take will wake its source."""
    q = s.queue[k]
    stamp = s.cell[q.base + q.tail].stamp
    return -stamp if stamp <= 0 else NEVER


@kernel
def push(s: Mesh, k: int, now: int, data: int) -> int:
    """Push in cycle `now`; return where in the ring it stands."""
    q = s.queue[k]
    at = q.tail
    cell = s.cell[q.base + at]
    cell.stamp = now + 1 + q.latency
    cell.data = data
    q.tail = 0 if at + 1 == q.depth else at + 1
    wake(s, q.user, now + 1 + q.latency)
    return at


@kernel
def take(s: Mesh, k: int, now: int) -> int:
    """Take the head in cycle `now`; return its data."""
    q = s.queue[k]
    cell = s.cell[q.base + q.head]
    cell.stamp = -(now + 1 + q.latency)
    if q.head == q.tail and q.source >= 0:
        wake(s, q.source, now + 1 + q.latency)
    q.head = 0 if q.head + 1 == q.depth else q.head + 1
    return cell.data


@kernel
def push_token(s: Mesh, k: int, now: int, data: int, token: Record) -> None:
    """Push an item with a token in cycle `now`."""
    copy_token(s.pair[s.queue[k].token + push(s, k, now, data)].token, token)


@kernel
def take_token(s: Mesh, k: int, now: int) -> tuple[int, Record]:
    """Take an item with a token in cycle `now`; return ``(data, token)``, where it stands."""
    q = s.queue[k]
    pair = s.pair[q.token + q.head]
    return take(s, k, now), pair.token


@kernel
def round_robin(requests: int, pointer: int, n: int) -> int:
    """Return the first of n requesters from `pointer` on whose bit is set; -1 if none."""
    for i in range(n):
        j = pointer + i
        if j >= n:
            j -= n
        if requests >> j & 1:
            return j
    return -1
