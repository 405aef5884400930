# SPDX-License-Identifier: Apache-2.0
"""The engine's states ACT and NEXT: a token leaves its holder (docs/timing.md#act)."""

from octopus_hw.contract.layout import UNIT_HOME
from octopus_sim.model.engine_common import (
    at_last,
    index_of,
    is_home,
    lists,
    own_tbu,
    push_ready,
    room,
    save,
    value_of,
)
from octopus_sim.model.kernel import kernel
from octopus_sim.model.places import accept, free_place
from octopus_sim.model.queues import push_token
from octopus_sim.model.record import DISPATCH, MOVE, record
from octopus_sim.model.sender import command
from octopus_sim.model.state import (
    CLAIM,
    FLOW_SEEN,
    FRESH,
    HOLD_PLACE,
    HOLD_SPAWN,
    IDLE,
    TARGET_HOME,
    TARGET_PLACE,
    Mesh,
    Record,
)
from octopus_sim.model.token import pack_token
from octopus_sim.model.widest import WIDEST
from octopus_sim.model.wormhole import header

_HOME = int(UNIT_HOME)
_MOST_ADDRESS = (1 << WIDEST.address) - 1


@kernel
def _token(s: Mesh, tile: int) -> Record:
    """Return the token at hand as it travels."""
    e, c = s.engine[tile], s.current[tile]
    r = s.flow[e.row]
    next_ = e.row if e.target == TARGET_HOME else r.next
    return pack_token(
        home_x=c.home_x, home_y=c.home_y, slot=c.slot, block=r.dest, index=index_of(c), value=value_of(c),
        instance=c.instance, round=c.round, variant=c.variant, next=next_, weight=r.weight,
    )  # fmt: skip


@kernel
def _push_command(s: Mesh, tile: int, data: int, token: Record, now: int) -> None:
    """Push to the holder's sender: that of its TBU, or the home's."""
    p = s.params[0]
    tbu = own_tbu(s, s.current[tile])
    push_token(s, tile * p.queues + p.q_command + (tbu if tbu >= 0 else p.tbus), now, data, token)


@kernel
def release(s: Mesh, tile: int, now: int) -> None:
    """Free a PLACE holder's place that no command frees: at once, or behind what it has sent."""
    p, c = s.params[0], s.current[tile]
    place = c.number % p.places
    if c.sent:
        _push_command(s, tile, command(release=1, empty=1, place=place), pack_token(), now)
    else:
        free_place(s, tile, c.number // p.places, place, now, False)


@kernel
def _send(s: Mesh, tile: int, token: Record, now: int) -> None:
    """Push the command that makes the token travel."""
    p, e, c = s.params[0], s.engine[tile], s.current[tile]
    words = s.flow[e.row].words
    unit, arg = e.target_tbu, e.target_place
    if e.target == TARGET_HOME:
        unit, arg = _HOME, lists(s, tile, e.row, c) & _MOST_ADDRESS
    place = c.number % p.places if c.kind == HOLD_PLACE else 0
    freeing = int(c.kind == HOLD_PLACE and at_last(c))
    to = header(x=e.target_x, y=e.target_y, unit=unit, arg=arg)
    _push_command(s, tile, command(header=to, words=words, release=freeing, place=place), token, now)
    c.sent = 1


@kernel
def act_state(s: Mesh, tile: int, now: int) -> None:
    """ACT: the token leaves for its target."""
    e, c = s.engine[tile], s.current[tile]
    r = s.flow[e.row]
    token = _token(s, tile)
    if e.target == TARGET_PLACE:
        record(s, tile, now, 0, DISPATCH, c.instance, r.dest, index_of(c), c.round)
    elif e.target != TARGET_HOME or not is_home(s, tile):
        record(s, tile, now, 0, MOVE, c.instance, r.dest, index_of(c), c.round)
    if e.target == TARGET_PLACE and (e.inherit or r.words == 0):
        accept(s, tile, e.target_tbu, e.target_place, token, now)
        if c.kind == HOLD_PLACE and at_last(c) and not e.inherit:
            release(s, tile, now)
    else:
        _send(s, tile, token, now)
    next_token(s, tile, now)


@kernel
def next_state(s: Mesh, tile: int, now: int) -> None:
    """NEXT, after an inline arrival."""
    c = s.current[tile]
    if c.kind == HOLD_PLACE and at_last(c):
        release(s, tile, now)
    next_token(s, tile, now)


@kernel
def next_token(s: Mesh, tile: int, now: int) -> None:
    """Go on to the holder's next token, now or, without room, by way of the ready queue."""
    e, c = s.engine[tile], s.current[tile]
    e.inline = 0
    if at_last(c):
        e.state = IDLE
        return
    if c.kind == HOLD_SPAWN:
        c.child += 1
        c.claimed = 0
    else:
        c.cursor += 1
        c.seen = 0
    c.flow, c.round, c.status = c.cursor, c.cround, FRESH
    if not room(s, tile, c.number, now):
        save(s, tile)
        push_ready(s, tile, c.number)
        e.state = IDLE
    elif c.kind == HOLD_SPAWN:
        e.state = CLAIM
    else:
        e.row, e.state = c.flow, FLOW_SEEN
