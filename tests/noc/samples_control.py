# SPDX-License-Identifier: Apache-2.0
"""Well-formed messages of the control plane, and how they travel (written from `control_word`'s table)."""

import random

from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from tests.noc.samples import CONFIG, Note

ANSWERS, GRANTS = (Message.ANSWER,), (Message.GRANT, Message.TAKEN)


def message(
    rng: random.Random,
    vc: int,
    to: tuple[int, int],
    source: tuple[int, int],
    *,
    host: bool = False,
    config: Config = CONFIG,
) -> Note:
    """Make a request (virtual channel 0) or reply, or a reply for the host."""
    widths = layouts(config)
    if host:
        kind = rng.choice((Message.DONE, Message.DATA, Message.STALLED, Message.ROW, Message.RESULT))
        bits = {Message.ROW: 24, Message.RESULT: 0}.get(kind, 32)
    elif vc == 0:
        requests = ((Message.PLACE, widths.place_request.size), (Message.CONFIG, widths.config_request.size))
        kind, bits = rng.choice(requests)
    else:
        kind = rng.choice((*ANSWERS, *GRANTS, Message.SEND))
        bits = 0 if kind == Message.SEND else widths.answer.size if kind in ANSWERS else widths.grant.size
    fields = {"x": to[0], "y": to[1], "host": host, "message": kind, "source_x": source[0], "source_y": source[1]}
    return Note(widths.control_flit.pack(**fields, payload=rng.getrandbits(bits)), config)


def body_of(config: Config) -> tuple[int, int]:
    """Bits of the payload that a reply's body has, and bits of the body: as many as the longest message needs."""
    widths = layouts(config)
    known = max(widths.grant.size, widths.answer.size - 2 * widths.coord)
    return known, max(known + 1, widths.place_request.size, widths.config_request.size)


def seen(note: Note, vc: int) -> int:
    """What its receiver may count on.

    An ANSWER has no source, a GRANT and a TAKEN no more payload, a SEND neither, and a RESULT no payload.
    """
    flit, layout = note.flit, layouts(note.config).control_flit
    fields = {name: getattr(flit, name) for name in layout.spans}
    if vc == 1 and not flit.host:
        if flit.message == Message.SEND:
            fields |= {"source_x": 0, "source_y": 0, "payload": 0}
        elif flit.message in ANSWERS:
            fields |= {"source_x": 0, "source_y": 0}
        else:
            fields["payload"] = flit.payload % (1 << body_of(note.config)[0])
    if flit.message == Message.RESULT:
        fields["payload"] = 0
    packed: int = layout.pack(**fields)
    return packed


def travels(note: Note) -> int:
    """Bits of the word, the lowest first: x, y, source_x, source_y, body, kind, host, extra."""
    flit, coord, (known, body) = note.flit, note.config.coord_bits, body_of(note.config)
    x, y, source = flit.x, flit.y, flit.source_x | flit.source_y << coord
    said, extra = flit.payload % (1 << body), 0
    if flit.host:
        result = flit.message == Message.RESULT
        said, number = (flit.payload | result << 31) % (1 << body), (flit.payload | result << 31) >> body
        x, y = number % (1 << coord), (number >> coord) % (1 << coord)
        long = flit.message in (Message.DATA, Message.STALLED)
        extra = number >> 2 * coord | long << max(32 - body - 2 * coord, 0)
    elif flit.message in (*ANSWERS, Message.SEND):
        said, source = flit.payload % (1 << known), flit.payload >> known
    elif flit.message in GRANTS:
        said |= 1 << known
    kind = flit.message in (Message.CONFIG, Message.GRANT, Message.SEND, Message.DONE, Message.STALLED)
    word, shift = 0, 0
    for value, width in ((x, coord), (y, coord), (source, 2 * coord), (said, body), (kind, 1), (flit.host, 1)):
        word |= value << shift
        shift += width
    return word | extra << shift
