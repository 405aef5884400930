# SPDX-License-Identifier: Apache-2.0
"""What the engine's states share: the holder at hand, records, queues of holders, room (docs/timing.md#holders)."""

from octopus_hw.contract.codes import Kind
from octopus_hw.contract.layout import LANES
from octopus_sim.model.control import PLACE, message
from octopus_sim.model.draw import draw_number
from octopus_sim.model.fields import packer
from octopus_sim.model.kernel import kernel
from octopus_sim.model.queues import can_push
from octopus_sim.model.state import (
    ACT,
    ARRIVE,
    FRESH,
    HOLD_LIST,
    HOLD_PLACE,
    HOLD_SINGLE,
    HOLD_SPAWN,
    IDLE,
    TARGET_HOME,
    TARGET_PLACE,
    Mesh,
    Record,
)
from octopus_sim.model.token import worth
from octopus_sim.model.widest import WIDEST

TASK, FORK, BRANCH = int(Kind.TASK), int(Kind.FORK), int(Kind.BRANCH)
SPAWN, JOIN, END = int(Kind.SPAWN), int(Kind.JOIN), int(Kind.END)
_place_request = packer(WIDEST.place_request)
_REQUEST = PLACE


@kernel
def room(s: Mesh, tile: int, number: int, now: int) -> bool:
    """Whether the sender of a holder and the engine's request and reply queues can accept in cycle `now`."""
    p = s.params[0]
    own = tile * p.queues
    sender = min(number // p.places, p.tbus)
    if not can_push(s, own + p.q_command + sender, now):
        return False
    return can_push(s, own + p.q_request, now) and can_push(s, own + p.q_reply, now)


@kernel
def index_of(c: Record) -> int:
    """Return the index of the token that a holder emits."""
    return c.child if c.kind == HOLD_SPAWN else c.index


@kernel
def value_of(c: Record) -> int:
    """Return the value of the token that a holder emits."""
    return c.child if c.kind == HOLD_SPAWN and not c.keep else c.value


@kernel
def own_tbu(s: Mesh, c: Record) -> int:
    """Return the TBU of the holder's own place; -1 if it is none."""
    return c.number // s.params[0].places if c.kind == HOLD_PLACE else -1


@kernel
def at_last(c: Record) -> bool:
    """Whether the holder is at the last token that it emits."""
    if c.kind == HOLD_SPAWN:
        return c.child + 1 == c.total
    return c.kind == HOLD_SINGLE or c.last != 0


@kernel
def inherits(s: Mesh, tile: int, tbu: int) -> bool:
    """Whether the token at hand can take over the holder's own place, if it goes to this TBU."""
    c = s.current[tile]
    return own_tbu(s, c) == tbu and at_last(c) and not c.sent and s.flow[s.engine[tile].row].begin == 0


@kernel
def record_of(s: Mesh, c: Record, row: int, index: int) -> int:
    """Return the holder number of a destination's home record."""
    f = s.flow[row]
    p = s.params[0]
    return p.tbus * p.places + s.space[c.slot].record + f.record + (index % LANES if f.laned else 0)


@kernel
def join_of(s: Mesh, tile: int, c: Record, row: int, index: int) -> int:
    """Return the global number of a destination's join record."""
    f = s.flow[row]
    lane = index % LANES if f.laned and f.kind == JOIN else 0
    return tile * s.params[0].joins + s.space[c.slot].join + f.join + lane


@kernel
def most_words(r: Record, c: Record) -> int:
    """Return how many of the holder's words the row lets travel, from the word on with which its slice begins."""
    begin = 0 if c.kind == HOLD_SINGLE else r.begin
    return min(max(c.length - begin, 0), r.words)


@kernel
def push_ready(s: Mesh, tile: int, number: int) -> None:
    """Put a holder at the end of the ready queue; a place has a queue of its own kind, resumed."""
    e, p = s.engine[tile], s.params[0]
    places, depth = p.tbus * p.places, p.holders
    if number < places:
        s.resumed[tile * places + (e.resumed_head + e.resumed_count) % places] = number
        e.resumed_count += 1
    else:
        s.ready[tile * depth + (e.ready_head + e.ready_count) % depth] = number
        e.ready_count += 1


@kernel
def push_stalled(s: Mesh, tile: int, number: int) -> None:
    """Put a holder at the end of the stalled queue."""
    e, depth = s.engine[tile], s.params[0].holders
    s.stalled[tile * depth + (e.stalled_head + e.stalled_count) % depth] = number
    e.stalled_count += 1


@kernel
def save(s: Mesh, tile: int) -> None:
    """Store the holder at hand."""
    s.holder[tile * s.params[0].holders + s.current[tile].number] = s.current[tile]


@kernel
def new_record(
    s: Mesh, tile: int, number: int, kind: int, flow: int, index: int, value: int, round_: int, length: int
) -> None:
    """Write a fresh home record for the instance at hand, at the beginning of its list, with so many words."""
    c = s.current[tile]
    h = s.holder[tile * s.params[0].holders + number]
    h.number, h.kind, h.status = number, kind, FRESH
    h.cursor, h.flow = flow, flow
    h.round, h.cround = round_, round_
    h.last, h.seen, h.sent, h.claimed, h.child = 0, 0, 0, 0, 0
    h.index, h.value, h.length = index, value, length
    h.home_x, h.home_y, h.slot, h.instance, h.variant = c.home_x, c.home_y, c.slot, c.instance, c.variant


@kernel
def list_record(s: Mesh, tile: int, index: int, value: int, round_: int, length: int) -> int:
    """Make the home record of the row's destination the LIST of its output; return the holder."""
    row = s.engine[tile].row
    number = record_of(s, s.current[tile], row, index)
    new_record(s, tile, number, HOLD_LIST, s.flow[row].next, index, value, round_, length)
    return number


@kernel
def push_list(s: Mesh, tile: int, index: int, value: int, round_: int, length: int) -> None:
    """Make the home record of the row's destination the LIST of its output and push it to ready."""
    push_ready(s, tile, list_record(s, tile, index, value, round_, length))


@kernel
def is_home(s: Mesh, tile: int) -> bool:
    """Whether the token at hand has its home in this tile."""
    return s.current[tile].home_x == s.engine[tile].x and s.current[tile].home_y == s.engine[tile].y


@kernel
def go_home(s: Mesh, tile: int) -> None:
    """Send the token to its home: inline where nothing has to travel."""
    e, c = s.engine[tile], s.current[tile]
    r = s.flow[e.row]
    if is_home(s, tile) and r.words == 0 and r.room == 0:
        e.inline = 1
        e.state = ARRIVE
    else:
        e.target, e.target_x, e.target_y = TARGET_HOME, c.home_x, c.home_y
        e.state = ACT


@kernel
def work_at_home(s: Mesh, tile: int, units: int) -> None:
    """Add to the work at home, a counter of 24 bits, which static mappings do not have."""
    if not s.params[0].static:
        b = s.balance[tile]
        b.home = b.home + units & 0xFFFFFF


@kernel
def fail(s: Mesh, tile: int) -> None:
    """Park the token of a PLACE holder at its home; let any other holder wait in the stalled queue."""
    e, c = s.engine[tile], s.current[tile]
    if c.kind == HOLD_PLACE:
        go_home(s, tile)
    else:
        c.status = FRESH
        save(s, tile)
        push_stalled(s, tile, c.number)
        work_at_home(s, tile, worth(s.flow[e.row].weight))
        e.state = IDLE


@kernel
def go_place(s: Mesh, tile: int, tbu: int, place: int, inherit: int, now: int) -> None:
    """Aim at a place in this tile; without a command, the TBU's receiver has to know of the next cycle's accept."""
    e = s.engine[tile]
    e.target, e.target_x, e.target_y = TARGET_PLACE, e.x, e.y
    e.target_tbu, e.target_place, e.inherit = tbu, place, inherit
    e.state = ACT
    if inherit or s.flow[e.row].words == 0:
        e.accept_at, e.accept_tbu = now + 1, tbu


@kernel
def engine_draw(s: Mesh, tile: int, now: int) -> None:
    """Let the CBU's draw unit take (the row's block, field 0) in cycle `now`; the result is visible in `drawn_at`."""
    e, c = s.engine[tile], s.current[tile]
    result, r = draw_number(
        s.number, s.params[0].seed, s.flow[e.row].dest, 0, c.instance, index_of(c), c.round, value_of(c), c.variant,
        now, now + 1,
    )  # fmt: skip
    e.drawn, e.drawn_at = result, r + 1


@kernel
def ask_owner(s: Mesh, tile: int) -> int:
    """Return the PLACE request for the holder's owner."""
    e, c = s.engine[tile], s.current[tile]
    return message(c.owner_x, c.owner_y, _REQUEST, e.x, e.y, _place_request(holder=c.number, tbu=c.owner_tbu))
