# SPDX-License-Identifier: Apache-2.0
"""Event records, whichever engine made them (docs/timing.md#events): one NumPy structured array.

In the array a unit is a number, 0 for the CBU and 1 + PEAS x TBU + PEA else, and an event its code (`codes.Event`). In
text a unit is ``cbu`` or ``tbu.pea``, and an event its name in lower case. `data` is 0 but for a finish.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Event
from octopus_hw.contract.layout import PEAS, EventWord, Invocation

__all__ = [
    "COLUMNS", "EVENT", "event_hashes", "parse_events", "read_events", "sort_events", "unit_number", "unit_text",
    "write_events",
]  # fmt: skip

#: Columns of ``events.csv``; fields of the array are the same but for `x` and `y`.
COLUMNS = ("cycle", "tile_x", "tile_y", "unit", "event", "instance", "block", "index", "round", "data")
EVENT = np.dtype(
    [("cycle", "u4"), ("x", "u1"), ("y", "u1"), ("unit", "u1"), ("event", "u1")]
    + [("instance", "u4"), ("block", "u2"), ("index", "u2"), ("round", "u1"), ("data", "u4")]
)
#: What the lines begin with that the RTL prints.
PREFIX = "EVENT "

_CODES = {event.name.lower(): int(event) for event in Event}
_NAMES = {code: name for name, code in _CODES.items()}

Events = NDArray[np.void]


def unit_text(number: int) -> str:
    """Write a unit as ``cbu`` or ``tbu.pea``."""
    return f"{(number - 1) // PEAS}.{(number - 1) % PEAS}" if number else "cbu"


def unit_number(text: str) -> int:
    """Read a unit.

    Raises
    ------
    ValueError
        It is neither ``cbu`` nor ``tbu.pea``.
    """
    if text == "cbu":
        return 0
    tbu, dot, pea = text.partition(".")
    if not (dot and tbu.isdigit() and pea.isdigit() and int(pea) < PEAS):
        raise ValueError(f"unit {text!r} is neither cbu nor like 2.1")
    return 1 + PEAS * int(tbu) + int(pea)


def sort_events(events: Events) -> Events:
    """Put events in the one order: by cycle, then tile row by row, then unit; a unit has one event in a cycle."""
    place = (events["y"].astype(np.int64) << 16) | (events["x"].astype(np.int64) << 8) | events["unit"]
    return events[np.argsort((events["cycle"].astype(np.int64) << 24) | place, kind="stable")]


def _row(fields: list[str], where: str) -> tuple[int, ...]:
    try:
        cycle, x, y, unit, event, *rest = fields
        if len(rest) != 5 or event not in _CODES:
            raise ValueError(f"event {event!r}, {len(fields)} fields")
        return int(cycle), int(x), int(y), unit_number(unit), _CODES[event], *map(int, rest)
    except ValueError as error:
        raise ValueError(f"{where}: {','.join(fields)!r} is no event record ({error})") from None


def parse_events(lines: Iterable[str]) -> Events:
    """Collect the events in a simulator's output; other lines are passed over.

    Parameters
    ----------
    lines
        Lines like ``EVENT cycle x y unit event instance block index round data``.

    Returns
    -------
    Events
        In the order of `sort_events`.

    Raises
    ------
    ValueError
        A line begins like an event and is none; the message quotes it.
    """
    rows = [
        _row(line[len(PREFIX) :].split(), f"line {number}")
        for number, line in enumerate(lines, 1)
        if line.startswith(PREFIX)
    ]
    return sort_events(np.array(rows, EVENT))


def write_events(path: str | Path, events: Events) -> None:
    """Write ``events.csv``."""
    units = [unit_text(number) for number in range(256)]
    columns: list[list[Any]] = [events[name].tolist() for name in EVENT.names or ()]
    columns[3] = [units[number] for number in columns[3]]
    columns[4] = [_NAMES[code] for code in columns[4]]
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(zip(*columns, strict=True))


def read_events(path: str | Path) -> Events:
    """Read ``events.csv``.

    Raises
    ------
    ValueError
        The file is no such table; the message names the line.
    """
    with Path(path).open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        if tuple(next(reader, ())) != COLUMNS:
            raise ValueError(f"{path}: line 1: expected the columns {','.join(COLUMNS)}")
        return np.array([_row(row, f"{path}: line {number}") for number, row in enumerate(reader, 2)], EVENT)


def event_hashes(events: Events) -> NDArray[np.uint32]:
    """Return the 32-bit hash of each event; a tile's counter is the sum of those of its events, mod 2^32."""

    def rotl(word: NDArray[np.uint32], by: int) -> NDArray[np.uint32]:
        return word << np.uint32(by) | word >> np.uint32(32 - by)

    column = {name: events[name].astype(np.uint32) for name in EVENT.names or ()}
    w1, w2 = Invocation.pack_words({name: column[name] for name in Invocation.spans})
    w3 = EventWord.pack(**{name: column[name] for name in EventWord.spans})
    a = (column["cycle"] ^ column["data"]) + rotl(w1, 13)
    b = (w2 ^ rotl(a, 7)) + rotl(w3, 22)
    hashes: NDArray[np.uint32] = (a ^ rotl(b, 15)) + rotl(b, 3)
    return hashes
