# SPDX-License-Identifier: Apache-2.0
"""Senders of the TBUs and of the home (docs/timing.md#senders).

A command's token goes beside it.
"""

from octopus_hw.contract.bits import Field, Layout
from octopus_sim.model.control import message_payload, message_source
from octopus_sim.model.fields import packer, reader
from octopus_sim.model.kernel import kernel
from octopus_sim.model.places import free_place
from octopus_sim.model.queues import can_push, has, next_head, next_room, push, round_robin, take, take_token
from octopus_sim.model.state import NEVER, Mesh, Record
from octopus_sim.model.token import copy_token, token_flit
from octopus_sim.model.widest import WIDEST
from octopus_sim.model.wormhole import LAST, header

_COMMAND = Layout.of(
    "Command",
    "A command without its token.",
    Field("header", WIDEST.header),
    Field("words", WIDEST.words),
    Field("release", 1),
    Field("empty", 1),
    Field("place", WIDEST.place),
)
command = packer(_COMMAND)
_packet = reader(_COMMAND, "header", "words")
_ending = reader(_COMMAND, "release", "empty", "place")
_request = reader(WIDEST.config_request, "block", "tbu")
#: Flits of a packet that are neither token nor words: header and checksum.
_AROUND = 2


@kernel
def flit(sender: Record, token_flits: int) -> int:
    """Return the next flit of the packet under way; data words and the checksum are 0 here."""
    i = sender.sent
    word = 0
    if i == 0:
        word = sender.header
    elif sender.words >= 0 and i <= token_flits:
        word = token_flit(sender.token, i - 1)
    return word | LAST if i + 1 == sender.total else word


@kernel
def _take_command(s: Mesh, tile: int, number: int, now: int) -> None:
    p = s.params[0]
    sender = s.sender[tile * (p.tbus + 1) + number]
    data, token = take_token(s, tile * p.queues + p.q_command + number, now)
    release, empty, place = _ending(data)
    if empty:
        free_place(s, tile, number, place, now, True)
        return
    sender.header, sender.words = _packet(data)
    copy_token(sender.token, token)
    sender.total = _AROUND + p.token_flits + sender.words
    sender.release, sender.place, sender.sent = release, place, 0


@kernel
def _take_request(s: Mesh, tile: int, now: int) -> None:
    p = s.params[0]
    sender = s.sender[tile * (p.tbus + 1) + p.tbus]
    word = take(s, tile * p.queues + p.q_library, now)
    x, y = message_source(word)
    block, tbu = _request(message_payload(word))
    configuration = s.library[block]
    sender.header = header(x=x, y=y, unit=tbu, config=1, arg=configuration.parallel)
    sender.words = -1  # no token
    sender.total = _AROUND + configuration.words
    sender.release, sender.sent = 0, 0


@kernel
def _push_flit(s: Mesh, tile: int, number: int, now: int) -> int:
    """Push the next flit if there is room; return when there is for the next, NEVER if there is none."""
    p = s.params[0]
    sender = s.sender[tile * (p.tbus + 1) + number]
    k = tile * p.queues + p.q_switch + number
    if not can_push(s, k, now):
        return next_room(s, k)
    push(s, k, now, flit(sender, p.token_flits))
    sender.sent += 1
    if sender.sent < sender.total:
        return now + 1
    sender.total = 0
    if sender.release:
        free_place(s, tile, number, sender.place, now, True)
    return NEVER


@kernel
def sender_step(s: Mesh, tile: int, number: int, now: int) -> int:
    """One cycle of TBU `number`'s sender; return when to look again."""
    p = s.params[0]
    sender = s.sender[tile * (p.tbus + 1) + number]
    commands = tile * p.queues + p.q_command + number
    if sender.total:
        due = _push_flit(s, tile, number, now)
        if sender.total:
            return due
    elif has(s, commands, now):
        _take_command(s, tile, number, now)
    return now + 1 if sender.total else next_head(s, commands, now)


@kernel
def home_sender_step(s: Mesh, tile: int, now: int) -> int:
    """One cycle of the home's sender, which serves commands and the library; return when to look again."""
    p = s.params[0]
    sender = s.sender[tile * (p.tbus + 1) + p.tbus]
    commands, library = tile * p.queues + p.q_command + p.tbus, tile * p.queues + p.q_library
    if sender.total:
        due = _push_flit(s, tile, p.tbus, now)
        if sender.total:
            return due
    else:
        asking = int(has(s, commands, now)) | int(has(s, library, now)) << 1
        if asking:
            i = round_robin(asking, sender.pointer, 2)
            sender.pointer = 1 - i
            if i == 0:
                _take_command(s, tile, p.tbus, now)
            else:
                _take_request(s, tile, now)
    return now + 1 if sender.total else min(next_head(s, commands, now), next_head(s, library, now))
