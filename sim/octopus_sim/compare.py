# SPDX-License-Identifier: Apache-2.0
"""Whether two engines agree on every event, counter and hash, and if both have a host port, on what their hosts did."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Event, HostEvent
from octopus_sim.engines import EngineResult
from octopus_sim.events import unit_text

__all__ = ["Difference", "compare", "event_text", "first_difference", "neighbourhood", "what_text"]

#: Records shown before and after one that is wrong.
NEIGHBOURHOOD = 4


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The first thing on which two engines differ, as lines to print."""

    summary: str
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join((self.summary, *self.lines))


def first_difference(one: NDArray[np.void], other: NDArray[np.void]) -> int | None:
    """Return the position of the first record in which two event lists differ, or None."""
    shared = min(len(one), len(other))
    differs = np.flatnonzero(one[:shared] != other[:shared])
    if len(differs):
        return int(differs[0])
    return None if len(one) == len(other) else shared


def compare(one: EngineResult, other: EngineResult, names: tuple[str, str], columns: int) -> Difference | None:
    """Compare two runs of one image.

    Parameters
    ----------
    one, other
        The runs.
    names
        What the engines are called.
    columns
        Of the mesh.
    """
    at = first_difference(one.events, other.events)
    if at is not None:
        return _event_difference(one.events, other.events, names, at)
    for name, left in one.counters.items():
        right = other.counters[name]
        tiles = np.flatnonzero(left != right)
        if len(tiles):
            x, y = tiles[0] % columns, tiles[0] // columns
            told = f"{left[tiles[0]]} by {names[0]}, {right[tiles[0]]} by {names[1]}"
            return Difference(summary=f"tile {x},{y}: counter '{name}' is {told}; all {len(one.events)} events agree")
    return _host_difference(one, other, names)


def event_text(event: np.void) -> str:
    """Return one record as a person reads it."""
    cycle, x, y, unit, *_ = event.tolist()
    return f"{cycle:>9}  {x},{y} {unit_text(unit):<5} {what_text(event)}"


def what_text(event: np.void) -> str:
    """Return what happened, without when and where."""
    code, instance, block, index, round_, data = event.tolist()[4:]
    told = f"{Event(code).name.lower():<9} instance {instance} block {block} index {index} round {round_}"
    return f"{told} data {data:08x}" if code == Event.FINISH else told


def neighbourhood(events: NDArray[np.void], at: int) -> list[str]:
    """Return lines that show one record among those before and after it."""
    first = max(0, at - NEIGHBOURHOOD)
    shown = enumerate(events[first : at + NEIGHBOURHOOD + 1], first)
    return [f"{'>' if number == at else ' '} {event_text(event)}" for number, event in shown]


def _host_difference(one: EngineResult, other: EngineResult, names: tuple[str, str]) -> Difference | None:
    """Compare what two hosts did, if there are two."""
    if one.host is None or other.host is None:
        return None
    at = first_difference(one.host, other.host)
    if at is None:
        return None
    told = [_host_text(events[at]) if at < len(events) else "no more of them" for events in (one.host, other.host)]
    return Difference(summary=f"host event {at}: {told[0]} by {names[0]}, {told[1]} by {names[1]}")


def _host_text(event: np.void) -> str:
    cycle, what, count = event.tolist()
    return f"{HostEvent(what).name.lower()} of {count} in cycle {cycle}"


def _event_difference(one: NDArray[np.void], other: NDArray[np.void], names: tuple[str, str], at: int) -> Difference:
    told = [event_text(events[at]).strip() if at < len(events) else "no more events" for events in (one, other)]
    lines = [f"  {event_text(event)}" for event in one[max(0, at - NEIGHBOURHOOD) : at]]
    for mark, name, events in (("-", names[0], one), ("+", names[1], other)):
        part = [f"{mark} {event_text(event)}" for event in events[at : at + NEIGHBOURHOOD]]
        lines += [f"{mark} {name}:", *(part or [f"{mark} no more events"])]
    return Difference(
        summary=f"event {at} of {len(one)} ({names[0]}) and {len(other)} ({names[1]}): {told[0]} | {told[1]}",
        lines=tuple(lines),
    )
