# SPDX-License-Identifier: Apache-2.0
"""Well-formed messages of the control plane, and how they travel (written from `control_word`'s table)."""

import random

from octopus_hw.contract.codes import Message
from octopus_hw.interfaces.layouts import ControlFlit
from tests.noc.samples import Note

COORD, TBU = 7, 3

ANSWERS, GRANTS = (Message.ANSWER,), (Message.GRANT, Message.TAKEN)


def message(
    rng: random.Random, vc: int, to: tuple[int, int], source: tuple[int, int], *, host: bool = False, tbu: int = TBU
) -> Note:
    """Make a request (virtual channel 0) or reply, or a reply for the host."""
    if host:
        kind, bits = rng.choice((Message.DONE, Message.DATA)), 32
    elif vc == 0:
        kind, bits = rng.choice((Message.PLACE, Message.CONFIG)), 13 + tbu
    else:
        kind = rng.choice(ANSWERS + GRANTS)
        bits = 19 if kind in ANSWERS else 13
    fields = {"x": to[0], "y": to[1], "host": host, "message": kind, "source_x": source[0], "source_y": source[1]}
    return Note(ControlFlit.const(fields | {"payload": rng.getrandbits(bits)}).as_bits())


def seen(note: Note, vc: int) -> int:
    """What its receiver may count on: an ANSWER has no source, a GRANT and a TAKEN have 13 bits of payload."""
    flit = note.flit
    fields = {name: getattr(flit, name) for name, _ in ControlFlit.as_shape()}
    if vc == 1 and not flit.host:
        if flit.message in ANSWERS:
            fields |= {"source_x": 0, "source_y": 0}
        else:
            fields["payload"] = flit.payload % (1 << 13)
    return ControlFlit.const(fields).as_bits()


def travels(note: Note, coord: int = COORD, tbu: int = TBU) -> int:
    """Bits of the word, the lowest first: x, y, source_x, source_y, body, kind, host, extra."""
    flit, body = note.flit, 13 + tbu
    x, y, source = flit.x, flit.y, flit.source_x | flit.source_y << coord
    said, extra = flit.payload % (1 << body), 0
    if flit.host:
        number = flit.payload >> body
        x, y = number % (1 << coord), (number >> coord) % (1 << coord)
        extra = number >> 2 * coord
    elif flit.message in ANSWERS:
        said, source = flit.payload % (1 << 13), flit.payload >> 13
    elif flit.message in GRANTS:
        said |= 1 << 13
    kind = flit.message in (Message.CONFIG, Message.GRANT, Message.DONE)
    word, shift = 0, 0
    for value, width in ((x, coord), (y, coord), (source, 2 * coord), (said, body), (kind, 1), (flit.host, 1)):
        word |= value << shift
        shift += width
    return word | extra << shift
