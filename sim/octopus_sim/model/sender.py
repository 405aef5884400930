# SPDX-License-Identifier: Apache-2.0
"""Senders of the TBUs and of the home (docs/timing.md#senders).

A command's token goes beside it; its `words` are those that are sent. Words themselves do not travel here.
"""

from octopus_hw.contract.bits import Field, Layout
from octopus_hw.contract.layout import CHUNK, COORD, PLACE, TBU
from octopus_sim.model.control import message_payload, message_source
from octopus_sim.model.fields import packer, reader
from octopus_sim.model.kernel import kernel
from octopus_sim.model.packets import new_packet
from octopus_sim.model.places import free_place
from octopus_sim.model.queues import can_push, has, next_head, next_room, peek, push, round_robin, take, take_token
from octopus_sim.model.slots import free_slot
from octopus_sim.model.state import Mesh, Record
from octopus_sim.model.token import token_slot, token_words
from octopus_sim.model.widest import WIDEST
from octopus_sim.model.wormhole import LAST, pack_flit

_COMMAND = Layout.of(
    "Command",
    "A command without its token.",
    Field("x", COORD),
    Field("y", COORD),
    Field("unit", TBU),
    Field("place", PLACE, "to a TBU: the place there"),
    Field("own", PLACE, "of the holder, if it is one"),
    Field("release", 1),
    Field("empty", 1),
    Field("host", 1),
)
command = packer(_COMMAND)
_target = reader(_COMMAND, "x", "y", "unit", "place")
_ending = reader(_COMMAND, "release", "own")
_is_empty = reader(_COMMAND, "empty")
_for_host = reader(_COMMAND, "host")
_request = reader(WIDEST.config_request, "block", "tbu")


@kernel
def rows_of(words: int, row: int) -> int:
    """Return how many rows some words take."""
    return (words + row - 1) // row


@kernel
def _take_command(s: Mesh, tile: int, number: int, now: int) -> None:
    """Take the head command: a packet begins, or an empty one frees its place."""
    p = s.params[0]
    sender = s.sender[tile * (p.tbus + 1) + number]
    data, token = take_token(s, tile * p.queues + p.q_command + number, now)
    release, own = _ending(data)
    if _is_empty(data):
        free_place(s, tile, number, own, now, True)
        return
    x, y, unit, place = _target(data)
    host = _for_host(data)
    sender.flit = pack_flit(x=x, y=y, unit=unit, packet=new_packet(s, place, token), host=host)
    sender.rows = rows_of(token_words(token), p.row)
    sender.left = p.token_flits + sender.rows
    sender.release, sender.place = release, token_slot(token) if host else own


@kernel
def _take_chunk(s: Mesh, tile: int, now: int) -> None:
    """Take the next chunk of the library's head, which goes with the last one."""
    p = s.params[0]
    sender = s.sender[tile * (p.tbus + 1) + p.tbus]
    library = tile * p.queues + p.q_library
    word = peek(s, library)
    x, y = message_source(word)
    block, tbu = _request(message_payload(word))
    configuration = s.library[block]
    words = configuration.words - CHUNK * sender.chunk
    complete = int(words <= CHUNK)
    if complete:
        take(s, library, now)
    sender.chunk = 0 if complete else sender.chunk + 1
    sender.flit = pack_flit(x=x, y=y, unit=tbu, config=1, parallel=configuration.parallel, complete=complete)
    sender.left = p.chunk_flits + rows_of(min(words, CHUNK), p.row)
    sender.release = 0


@kernel
def _push_flit(s: Mesh, tile: int, number: int, now: int) -> int:
    """Push the next flit if there is room; return when there may be for the one after it."""
    p = s.params[0]
    sender = s.sender[tile * (p.tbus + 1) + number]
    k = tile * p.queues + p.q_switch + number
    if not can_push(s, k, now):
        return next_room(s, k)
    sender.left -= 1
    push(s, k, now, sender.flit if sender.left else sender.flit | LAST)
    if sender.left == 0 and sender.release:
        if number < p.tbus:
            free_place(s, tile, number, sender.place, now, True)
        else:
            free_slot(s, tile, sender.place, now, True)
    return now + 1


@kernel
def sender_step(s: Mesh, tile: int, number: int, now: int) -> int:
    """One cycle of TBU `number`'s sender; return when to look again."""
    p = s.params[0]
    sender = s.sender[tile * (p.tbus + 1) + number]
    commands = tile * p.queues + p.q_command + number
    busy = sender.left > 0
    if busy:
        due = _push_flit(s, tile, number, now)
        if sender.left:
            sender.read_at = now
            return due
    if has(s, commands, now) and not (busy and _is_empty(peek(s, commands))):
        _take_command(s, tile, number, now)
    return now + 1 if sender.left else next_head(s, commands, now)


@kernel
def home_sender_step(s: Mesh, tile: int, now: int) -> int:
    """One cycle of the home's sender, which serves commands and the library; return when to look again."""
    p = s.params[0]
    sender = s.sender[tile * (p.tbus + 1) + p.tbus]
    commands, library = tile * p.queues + p.q_command + p.tbus, tile * p.queues + p.q_library
    if sender.left:
        due = _push_flit(s, tile, p.tbus, now)
        if sender.left:
            return due
    asking = int(has(s, commands, now)) | int(has(s, library, now)) << 1
    if asking:
        i = round_robin(asking, sender.pointer, 2)
        sender.pointer = 1 - i
        if i == 0:
            _take_command(s, tile, p.tbus, now)
        else:
            _take_chunk(s, tile, now)
    return now + 1 if sender.left else min(next_head(s, commands, now), next_head(s, library, now))


@kernel
def reads(sender: Record, now: int) -> bool:
    """Whether a sender, which has been through cycle `now`, read in it."""
    return sender.rows > 0 and sender.read_at == now


@kernel
def will_read(sender: Record) -> bool:
    """Whether a sender reads from the next cycle on, for as long as nothing is pushed."""
    return sender.rows > 0 and sender.left > 0
