# SPDX-License-Identifier: Apache-2.0
"""How messages travel on the control plane: what cannot differ, or need not be known, is left out.

::

              request        GRANT, TAKEN          ANSWER, SEND            for the host
    x, y      destination    destination           destination             number
    source    source         source                place, granted          source
    body      payload[:n]    payload[:s], 1        payload[:s], 0          number
    kind      CONFIG?        GRANT?                SEND?                   DONE or STALLED?
    host      0              0                     0                       1
    extra     -              -                     -                       number, DATA or STALLED?

A message for the host goes to tile 0,0, so that need not be said. Fields `host` and `extra` count only where such a
message can be: on links to the north and west. Of an ANSWER nobody asks the source, and of a SEND neither source nor
payload. What is neither DONE, DATA nor STALLED is a ROW or, if the number's bit 31 is set, a RESULT.
"""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Value
from amaranth.lib import data

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import MESSAGE, WORD
from octopus_hw.contract.layouts import layouts

__all__ = ["control_word", "pack", "said", "unpack", "unpack_host"]


def said(config: Config) -> int:
    """Return s, the payload bits of a reply that lie in the body: a Grant, or an ANSWER without what its source has."""
    widths = layouts(config)
    return max(widths.grant.size, widths.answer.size - 2 * widths.coord)


def control_word(config: Config) -> data.StructLayout:
    """Lay out a message."""
    widths = layouts(config)
    coord = widths.coord
    body = max(said(config) + 1, widths.place_request.size, widths.config_request.size)
    fields = {"x": coord, "y": coord, "source_x": coord, "source_y": coord, "body": body, "kind": 1, "host": 1}
    return data.StructLayout(fields | {"extra": max(WORD - body - 2 * coord, 0) + 1})


def pack(config: Config, message: Any, reply: bool) -> dict[str, Value]:
    """Return the fields of a request's or reply's word."""
    shape, known = control_word(config), said(config)
    coord, body, extra = (shape[name].width for name in ("x", "body", "extra"))
    fields = {name: getattr(message, name) for name in ("x", "y", "source_x", "source_y")}
    if not reply:
        return fields | {
            "body": message.payload[:body],
            "kind": message.message[0],
            "host": Const(0, 1),
            "extra": Const(0, extra),
        }
    # Of a ROW and a RESULT the payload's last bit is free.
    waits = message.message[3] & message.host
    payload = Cat(message.payload[:-1], Mux(waits, message.message[1], message.payload[-1]))
    number = payload[body:]
    more = Mux(message.host, payload[known:body], message.message[2])
    answer = ~message.message[2] & ~message.host
    place = message.payload[known:][: 2 * coord]
    return fields | {
        "x": Mux(message.host, number[:coord], fields["x"]),
        "y": Mux(message.host, number[coord:][:coord], fields["y"]),
        "source_x": Mux(answer, place[:coord], fields["source_x"]),
        "source_y": Mux(answer, place[coord:], fields["source_y"]),
        "body": Cat(message.payload[:known], more[: body - known]),
        "kind": message.message[0] & ~waits,
        "host": message.host,
        "extra": Cat(number[2 * coord :], message.message[2] & message.host),
    }


def unpack(m: Module, config: Config, message: Any, x: Value, y: Value, kept: Any, reply: bool) -> None:
    """Drive a message for tile `x`, `y` from the fields that are kept of its word: source, body, kind.

    What counts of a reply's source and payload follows from its kind: an ANSWER has no source, a SEND neither, the
    others no more payload than a Grant.
    """
    kind, body = kept.kind, kept.body
    what: Value = Cat(kind, Const(0, MESSAGE - 1))
    if reply:
        known = said(config)
        grant, send = kind & body[known], kind & ~body[known]
        what = Cat(kind, ~grant, body[known], send)
        body = Cat(body[:known], kept.source_x, kept.source_y)
    _drive(m, message, x=x, y=y, message=what, source_x=kept.source_x, source_y=kept.source_y, payload=body)


def unpack_host(m: Module, message: Any, word: Any) -> None:
    """Drive a message for the host from its word."""
    number = Cat(word.body, word.x, word.y, word.extra[:-1])
    waits, result = ~word.kind & ~word.extra[-1], number[WORD - 1]
    what = Cat(word.kind | waits & ~result, word.kind | waits & result, word.extra[-1], waits)
    _drive(m, message, host=Const(1), message=what, source_x=word.source_x, source_y=word.source_y, payload=number)


def _drive(m: Module, target: Any, **fields: Value) -> None:
    """Drive all fields, in one statement: constant parts of a word do not survive in every Verilog simulator."""
    layout = data.Layout.cast(target.shape())
    parts = [(fields.get(name, Const(0, 1)) | Const(0, field.width))[: field.width] for name, field in layout]
    m.d.comb += Value.cast(target).eq(Cat(parts))
