# SPDX-License-Identifier: Apache-2.0
"""What a CBU gets from the host and sends it: rows and results (docs/timing.md#rows, docs/timing.md#results)."""

from __future__ import annotations

import copy

from octopus_sim.reference.engine import Engine
from octopus_sim.reference.leaving import BODY, command

__all__ = ["can_reserve", "offer", "report", "reserve", "row_arrives", "send"]


def can_reserve(e: Engine, stream: int) -> bool:
    """Whether a stream can ask for the row of its next instance."""
    if not e.has_left(stream) or not e.tile.streams[stream]["rows"] or stream in e.rows:
        return False
    return e.row_stream is None and bool(e.slots[stream]) and not e.replies


def reserve(e: Engine, stream: int) -> None:
    """Take a slot and ask the host for a row."""
    e.reserved[stream] = e.take_slot(stream)
    e.row_stream = stream
    e.reply({"message": "ROW", "x": 0, "y": 0, "host": 1, "instance": int(e.next_instance(stream)["instance"])})


def row_arrives(e: Engine, words: int) -> None:
    """Take a row of so many words: it is there."""
    stream, e.row_stream = e.row_stream, None
    assert stream is not None, "nobody asked for a row"
    e.rows[stream] = words
    e.event("arrive", 0, {"instance": int(e.next_instance(stream)["instance"]), "index": 0, "round": 0})


def offer(e: Engine) -> None:
    """Offer a RESULT while nothing is asked for."""
    e.o.result = bool(e.results) and not e.asked
    if e.o.result and e.i.result_ready:
        e.asked = True


def send(e: Engine) -> None:
    """Take a SEND: read the record of the oldest result; to HOLD."""
    assert e.asked, "no result was asked for"
    e.h = copy.deepcopy(e.records[e.results.popleft()])
    e.asked, e.sending, e.next = False, True, "HOLD"


def report(e: Engine) -> None:
    """Have a result sent to the host."""
    h = e.h
    token = {name: h.token[name] for name in BODY}
    token |= dict.fromkeys(("block", "weight", "result", "next", "words"), 0)
    command(e, x=0, y=0, unit=7, arg=0, host=1, empty=0, release=1, token=token, length=h.length, begin=0,
            words=h.length, room=0)  # fmt: skip
    e.next = "IDLE"
