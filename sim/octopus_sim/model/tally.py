# SPDX-License-Identifier: Apache-2.0
"""The tally unit (docs/timing.md#tally), which shares a TBU's place buffers with its sender and receiver.

It goes over a row a cycle as long as nothing stops it, so it is known ahead when the last one is done. What stops it
(the sender reads, the receiver takes data) begins and ends only in cycles in which the TBU is looked at: those between
two looks all go as the first of them.
"""

from octopus_sim.model.kernel import kernel
from octopus_sim.model.peas import look_again
from octopus_sim.model.queues import has, next_head, occupied, peek, take
from octopus_sim.model.receiver import receiver_step
from octopus_sim.model.sender import reads, rows_of, sender_step, will_read
from octopus_sim.model.state import NEVER, Mesh, Record
from octopus_sim.model.token import token_result, token_words


@kernel
def needs_key(token: Record) -> bool:
    """Whether words of a token's result come from its key."""
    return token_result(token) > token_words(token)


@kernel
def _waits(t: Record) -> bool:
    """Whether the next row is read and cannot be, while the sender reads."""
    return t.reading and t.row < t.read


@kernel
def _begin(t: Record, place: int, token: Record, row: int, now: int) -> None:
    """Take a token in cycle `now`."""
    result, words = token_result(token), token_words(token)
    t.place, t.rows = place, rows_of(result, row)
    t.read = min(rows_of(words, row), t.rows)
    t.write = words // row if result > words else t.rows
    t.row, t.pending, t.seen = 0, 0, now


@kernel
def _pass(t: Record, until: int) -> None:
    """Let the cycles up to `until` pass, in which the sender is as it was and no data come; the last row stays."""
    if until > t.seen:
        t.pending = 0 if _waits(t) else 1
        t.row += (until - t.seen) * t.pending
        t.seen = until


@kernel
def _cycle(t: Record, read: bool, written: bool, now: int) -> None:
    """One cycle in which the sender may have read and the receiver taken data."""
    t.seen = now
    if t.pending and t.row > t.write and written:
        return
    t.pending = 0
    if t.row < t.rows and not (read and t.row < t.read):
        t.row, t.pending = t.row + 1, 1


@kernel
def _foresee(t: Record, now: int) -> None:
    """Work out when the last row is done, from what is so after cycle `now`."""
    t.end = NEVER if _waits(t) else now + 1 + t.rows - t.row


@kernel
def _go_on(s: Mesh, tbu: int, read: bool, written: bool, now: int) -> bool:
    """One cycle of a busy unit; whether it goes on."""
    t = s.tally[tbu]
    _pass(t, now - 1)
    last = t.row == t.rows
    _cycle(t, read, written, now)
    return not last or t.pending


@kernel
def _take(s: Mesh, tile: int, number: int, now: int) -> bool:
    """Take the head in cycle `now`, if there is one whose key is visible or not needed; whether it did."""
    p = s.params[0]
    k, tbu = tile * p.queues + p.q_tally + number, tile * p.tbus + number
    if not has(s, k, now):
        return False
    at = s.place[tbu * p.places + peek(s, k)]
    if at.key_at > now and needs_key(at.token):
        return False
    _begin(s.tally[tbu], take(s, k, now), at.token, p.row, now)
    return True


@kernel
def tally_step(s: Mesh, tile: int, number: int, now: int) -> int:
    """One cycle of the tally unit, after those of sender and receiver; return when it may take its next token."""
    p = s.params[0]
    tbu, end = tile * p.tbus + number, tile * (p.tbus + 1) + number
    t, k, sender = s.tally[tbu], tile * p.queues + p.q_tally + number, s.sender[end]
    if t.end >= now:
        busy = _go_on(s, tbu, reads(sender, now), s.receiver[end].data_at == now, now)
    else:
        busy = _take(s, tile, number, now)
    if busy:
        t.reading = will_read(sender)
        _foresee(t, now)
        at = s.place[tbu * p.places + t.place]
        sooner = t.end + 1 < at.sum_at
        at.sum_at = t.end + 1
        if sooner:
            look_again(s, tbu, now)
    if not occupied(s, k):
        return NEVER
    head = s.place[tbu * p.places + peek(s, k)]
    return max(next_head(s, k, now), t.end + 1, head.key_at if needs_key(head.token) else 0)


@kernel
def buffers_step(s: Mesh, tile: int, number: int, now: int) -> int:
    """One cycle of all that use a TBU's place buffers: sender, receiver, tally unit; return when to look again."""
    due = min(sender_step(s, tile, number, now), receiver_step(s, tile, number, now))
    p = s.params[0]
    if s.tally[tile * p.tbus + number].end >= now or occupied(s, tile * p.queues + p.q_tally + number):
        due = min(due, tally_step(s, tile, number, now))
    return due
