# SPDX-License-Identifier: Apache-2.0
"""The host's port, as far as tiles see it: rows in, results out (docs/timing.md#host-port).

It has links as a tile has, so it is simulated as one more tile. What its host does is either a list of host events, or
what the page says of a host of the model's own.
"""

from octopus_hw.contract.bits import Field, Layout
from octopus_hw.contract.codes import HostEvent
from octopus_hw.contract.layout import COORD, LENGTH, ROW_BUFFERS, UNIT_ROW
from octopus_sim.model.control import SEND, message, message_payload, message_source
from octopus_sim.model.fields import packer, reader
from octopus_sim.model.kernel import kernel
from octopus_sim.model.packets import end_packet, new_packet
from octopus_sim.model.queues import can_push, has, next_head, next_room, peek, push, take
from octopus_sim.model.sender import rows_of
from octopus_sim.model.state import NEVER, PORT_DATA, PORT_RESULTS, PORT_ROWS, Mesh
from octopus_sim.model.token import pack_token, token_words
from octopus_sim.model.wormhole import LAST, flit_packet, pack_flit, vc_of

_ROW_CAME, _CREDIT, _TAKEN = int(HostEvent.ROW), int(HostEvent.CREDIT), int(HostEvent.TAKEN)
_UNIT = int(UNIT_ROW)
_BUFFERS = int(ROW_BUFFERS)
#: Where packets and messages enter tile 0,0.
_WEST = 4
#: Words that a host sends before a row's, and that it gets before a result's.
_ROW_HEAD = 2
_RESULT_HEAD = 3

_ROW = Layout.of(
    "Row",
    "A row in a buffer: whose it is, and how many words.",
    Field("x", COORD),
    Field("y", COORD),
    Field("words", LENGTH),
)
_pack_row = packer(_ROW)
_row = reader(_ROW, "x", "y", "words")


@kernel
def _queue(s: Mesh, number: int) -> int:
    """Return the global number of a queue of the port."""
    return s.params[0].tiles * s.params[0].queues + number


@kernel
def row_words(s: Mesh, instance: int) -> int:
    """Return how many words the host sends an instance: none if nobody has said."""
    for i in range(s.params[0].inputs):
        if 0 <= instance - s.input[i].first < s.input[i].instances:
            return s.input[i].words
    return 0


@kernel
def _has_row_buffer(s: Mesh) -> bool:
    """Whether a row buffer is free: of a row that is being sent, it is not."""
    port = s.port[0]
    return port.rows_count + int(port.left > 0) < _BUFFERS


@kernel
def _row_came(s: Mesh, words: int, now: int) -> None:
    """Let the oldest ROW's words be in a buffer."""
    port = s.port[0]
    x, y = message_source(take(s, _queue(s, PORT_ROWS), now))
    port.row[(port.rows_head + port.rows_count) % _BUFFERS] = _pack_row(x=x, y=y, words=words)
    port.rows_count += 1


@kernel
def _result_taken(s: Mesh) -> None:
    """Let the oldest result's buffer be free."""
    port = s.port[0]
    port.results_head, port.results_count = (port.results_head + 1) % _BUFFERS, port.results_count - 1
    port.buffers -= 1


@kernel
def _happens(s: Mesh, what: int, count: int, now: int) -> bool:
    """Let a host event happen; whether it can."""
    if what == _ROW_CAME:
        if not has(s, _queue(s, PORT_ROWS), now) or not _has_row_buffer(s):
            return False
        _row_came(s, count, now)
    elif what == _CREDIT:
        s.port[0].credits += count
    elif what == _TAKEN:
        if s.port[0].results_count == 0:
            return False
        _result_taken(s)
    return True


@kernel
def _follow_host(s: Mesh, now: int) -> int:
    """Let the host events of cycle `now` happen; return when the next does."""
    port = s.port[0]
    while port.event < port.events and s.host[port.event].cycle <= now:
        if not _happens(s, s.host[port.event].what, s.host[port.event].count, now):
            port.refused = 1
            return NEVER
        port.event += 1
    return s.host[port.event].cycle if port.event < port.events else NEVER


@kernel
def _answer_rows(s: Mesh, now: int) -> int:
    """Let the model's own host answer ROWs, one after the other; return when it goes on."""
    port, rows = s.port[0], _queue(s, PORT_ROWS)
    if 0 < port.answered_at <= now:
        port.answered_at = 0
        _row_came(s, row_words(s, message_payload(peek(s, rows))), now)
    if port.answered_at == 0:
        if not _has_row_buffer(s):
            return NEVER
        if not has(s, rows, now - 1):
            return next_head(s, rows, now - 1) + 1
        words = row_words(s, message_payload(peek(s, rows)))
        port.answered_at = now + s.params[0].host_cycles * (_ROW_HEAD + words)
    return port.answered_at


@kernel
def _take_results(s: Mesh, now: int) -> int:
    """Let the model's own host take results, one after the other; return when it goes on."""
    port = s.port[0]
    if 0 < port.taken_at <= now:
        port.taken_at = 0
        _result_taken(s)
    if port.taken_at == 0 and port.results_count:
        port.taken_at = now + s.params[0].host_cycles * (_RESULT_HEAD + port.result[port.results_head])
    return port.taken_at if port.taken_at else NEVER


@kernel
def _ask_for_result(s: Mesh, now: int) -> int:
    """Answer the oldest RESULT, if there is room for the result; return when to look again."""
    p, port = s.params[0], s.port[0]
    results, link = _queue(s, PORT_RESULTS), p.q_control + 2 * _WEST + 1
    if not has(s, results, now):
        return next_head(s, results, now)
    if port.buffers == _BUFFERS or not (p.host_cycles or port.credits):
        return NEVER
    if not can_push(s, link, now):
        return next_room(s, link)
    x, y = message_source(take(s, results, now))
    push(s, link, now, message(x, y, SEND, 0, 0, 0))
    port.credits -= 1
    port.buffers += 1
    return now + 1


@kernel
def _take_row(s: Mesh) -> None:
    """Begin with the packet of the oldest row."""
    p, port = s.params[0], s.port[0]
    x, y, words = _row(port.row[port.rows_head])
    port.rows_head, port.rows_count = (port.rows_head + 1) % _BUFFERS, port.rows_count - 1
    port.flit = pack_flit(x=x, y=y, unit=_UNIT, packet=new_packet(s, 0, pack_token(words=words)))
    port.left = p.token_flits + rows_of(words, p.row)
    port.into = p.q_data + _WEST + (4 * vc_of(-1, 0, x, y) if s.switch[0].wide else 0)


@kernel
def _send_rows(s: Mesh, now: int) -> int:
    """One cycle of the port's sender; return when to look again."""
    port = s.port[0]
    due = NEVER
    if port.left:
        if not can_push(s, port.into, now):
            return next_room(s, port.into)
        due = now + 1
        port.left -= 1
        push(s, port.into, now, port.flit if port.left else port.flit | LAST)
    if port.left == 0 and port.rows_count:
        _take_row(s)
        due = now + 1
    return due


@kernel
def _receive(s: Mesh, now: int) -> int:
    """Take the heads of the data link's queues; return when to look again."""
    port = s.port[0]
    due = NEVER
    for number in range(1 + s.switch[0].wide):
        k = _queue(s, PORT_DATA + number)
        if has(s, k, now):
            flit = take(s, k, now)
            if flit & LAST:
                packet = flit_packet(flit)
                words = token_words(s.packet[packet].token)
                port.result[(port.results_head + port.results_count) % _BUFFERS] = words
                port.results_count += 1
                end_packet(s, packet)
                due = now + 1
        due = min(due, next_head(s, k, now))
    return due


@kernel
def port_step(s: Mesh, now: int) -> int:
    """One cycle of the port; return when to look again."""
    if s.params[0].host_cycles:
        due = min(_answer_rows(s, now), _take_results(s, now))
    else:
        due = _follow_host(s, now)
    due = min(due, _ask_for_result(s, now), _send_rows(s, now))
    return min(due, _receive(s, now))
