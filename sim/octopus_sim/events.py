# SPDX-License-Identifier: Apache-2.0
"""Event records as one table: the same for every engine, in the order of docs/timing.md, section 7."""

import csv
import io
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from octopus_hw.layout import Event

__all__ = ["COLUMNS", "EVENT", "event_text", "events_csv", "parse_printed", "sort_events"]

#: One record; `unit` is 0 for the CBU and 1 + 8 x TBU + PEA else, `event` a code of `layout.Event`.
EVENT = np.dtype(
    [(name, np.int64) for name in ("cycle", "x", "y", "unit", "event", "instance", "block", "index", "round")]
)
#: Columns of ``events.csv``.
COLUMNS = ("cycle", "tile_x", "tile_y", "unit", "event", "instance", "block", "index", "round")

_CODES = {event.name.lower(): int(event) for event in Event}
_NAMES = {code: name for name, code in _CODES.items()}
_MARK = "EVENT "


def sort_events(events: NDArray[np.void]) -> NDArray[np.void]:
    """Return the records by cycle, then tile (row by row), then unit."""
    keys = ("event", "unit", "x", "y", "cycle")
    return events[np.lexsort([events[key] for key in keys])]


def parse_printed(lines: Iterable[str]) -> NDArray[np.void]:
    """Read the lines that a simulated chip printed, see `octopus_hw.ports.print_event`; other lines are passed over."""
    rows = []
    for line in lines:
        if line.startswith(_MARK):
            cycle, x, y, unit, event, *rest = line[len(_MARK) :].split()
            rows.append((int(cycle), int(x), int(y), _unit(unit), _CODES[event], *map(int, rest)))
    return sort_events(np.array(rows, EVENT))


def _unit(text: str) -> int:
    if text == "cbu":
        return 0
    tbu, _, pea = text.partition(".")
    return 1 + 8 * int(tbu) + int(pea)


def event_row(event: np.void) -> tuple[int | str, ...]:
    """Return one record as the columns of ``events.csv``."""
    cycle, x, y, unit, code, *rest = event.tolist()
    name = f"{(unit - 1) >> 3}.{(unit - 1) & 7}" if unit else "cbu"
    return (cycle, x, y, name, _NAMES[code], *rest)


def event_text(event: np.void) -> str:
    """Return one record as a person reads it."""
    cycle, x, y, unit, name, instance, block, index, round_ = event_row(event)
    return f"{cycle:>9}  {x},{y} {unit:<5} {name:<9} instance {instance} block {block} index {index} round {round_}"


def events_csv(events: NDArray[np.void]) -> str:
    """Return the text of ``events.csv``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(event_row(event) for event in events)
    return text.getvalue()
