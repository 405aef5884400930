# SPDX-License-Identifier: Apache-2.0
"""Whether a run did what its workload says: all of it, once, in order, in its place, and nothing else.

::

    workload ──▶ timeless interpreter ──▶ Expected ──┐
    image ──▶ engine ──▶ events, counters ───────────┴─▶ violations: lines to print; none, for a good run

When and on which PEA something runs only another engine can say (`octopus_sim.compare`).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Event
from octopus_hw.image.compile import Compiled
from octopus_hw.owg.measures import Measures
from octopus_sim.compare import event_text, neighbourhood, what_text
from octopus_sim.configurations import configuration_differences
from octopus_sim.engines import EngineResult
from octopus_sim.events import event_hashes
from octopus_sim.expected import Expected, Keys, event_of, keys_of
from octopus_sim.results import Outcome, reporting, result_differences

__all__ = ["counted", "due_results", "violations"]

#: The event that each counter counts.
_COUNTED = {
    "injected": Event.INJECT,
    "retired": Event.RETIRE,
    "dispatched": Event.DISPATCH,
    "moved": Event.MOVE,
    "started": Event.START,
}
#: An instance's last events that are shown where some are missing.
_LAST = 4


def violations(compiled: Compiled, run: EngineResult, expected: Expected) -> list[str]:
    """Return what is wrong with a run, whoever made it; nothing, for a good one.

    The first event that is wrong is shown among those before and after it.
    """
    seen = _Seen(run.events)
    found = _occurrences(seen, expected) or _order(seen, expected) + _whereabouts(compiled, seen)
    found += _counters(compiled, run, expected.measures) + _results(compiled, run, expected)
    return found + _configurations(compiled, run)


class _Seen:
    """The events of a run that the interpreter knows of; `order` sorts them by key and cycle."""

    def __init__(self, events: NDArray[np.void]) -> None:
        self.all = events
        self.positions = np.flatnonzero(~np.isin(events["event"], (Event.DISPATCH, Event.MOVE)))
        self.events = events[self.positions]
        self.keys = keys_of(self.events)
        self.order = np.argsort(self.keys, kind="stable")

    @cached_property
    def cycles(self) -> NDArray[np.int64]:
        """Of each event."""
        return self.events["cycle"].astype(np.int64)

    def first(self, wrong: NDArray[np.bool_], what: str) -> list[str]:
        """Show the first event of those marked, if there are any."""
        return [self.shown(int(wrong.argmax()), what)] if wrong.any() else []

    def shown(self, at: int, what: str) -> str:
        """Say what is wrong with an event, and show it among others."""
        lines = neighbourhood(self.all, int(self.positions[at]))
        return "\n".join((f"{what}: {event_text(self.events[at]).strip()}", *lines))


def _occurrences(seen: _Seen, expected: Expected) -> list[str]:
    """Hold the events that there were against those that have to be."""
    keys = seen.keys[seen.order]
    if np.array_equal(keys, expected.keys):
        return []
    found = []
    must, often = np.unique(expected.keys, return_counts=True)
    did, first, times = np.unique(keys, return_index=True, return_counts=True)
    due = _looked_up(did, must, often)
    extra = np.flatnonzero(times > due)
    if len(extra):
        count, at = int((times - due)[extra].sum()), int(seen.order[(first + due)[extra]].min())
        found.append(seen.shown(at, f"{count} events that the workload does not have, the first"))
    lost = must[_looked_up(must, did, times) < often]
    if len(lost):
        event = event_of(int(lost[0]))
        own = seen.all[seen.all["instance"] == event["instance"]]
        lines = [f"  {event_text(one)}" for one in own[-_LAST:]] or ["  none"]
        what = f"{len(lost)} events are missing, one of them: {' '.join(what_text(event).split())}; of this instance"
        found.append("\n".join((f"{what} there were last:", *lines)))
    return found


def _looked_up(keys: Keys, among: Keys, values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the value of each key; 0 for one that is not there."""
    at = np.searchsorted(among, keys)
    there = at < len(among)
    there[there] = among[at[there]] == keys[there]
    return np.where(there, np.append(values, 0)[np.where(there, at, -1)], 0)


def _order(seen: _Seen, expected: Expected) -> list[str]:
    """Nothing comes before what it follows from, and an invocation runs on one PEA, as long as it has to."""
    before, after = (
        seen.order[np.searchsorted(expected.keys, keys)] for keys in (expected.before, expected.after)
    )  # fmt: skip
    found = []
    early = np.flatnonzero(seen.cycles[after] - seen.cycles[before] < expected.least)
    if len(early):
        pair = early[after[early].argmin()]
        cause, least = event_text(seen.events[before[pair]]).strip(), expected.least[pair]
        found.append(seen.shown(int(after[pair]), f"an event less than {least} cycles after its cause ({cause})"))
    there = seen.events[["x", "y", "unit"]]
    moved = np.zeros(len(seen.events), bool)
    moved[after] = (seen.events["event"][after] == Event.FINISH) & (there[after] != there[before])
    return found + seen.first(moved, "a finish on another PEA than its start")


def _whereabouts(compiled: Compiled, seen: _Seen) -> list[str]:
    """At home rows arrive and instances are injected, when they are due, and retire; nothing runs on a disabled PEA."""
    image, resolved, events = compiled.image, compiled.resolved, seen.events
    tile = events["y"].astype(np.int64) * image.columns + events["x"]
    instance = events["instance"].astype(np.int64)
    injects = events["event"] == Event.INJECT
    at_home = injects | np.isin(events["event"], (Event.ARRIVE, Event.RETIRE))
    dead = np.array([one.dead for one in image.tiles], np.uint64)[tile]
    pea = np.maximum(events["unit"].astype(np.int64) - 1, 0).astype(np.uint64)
    return [
        *seen.first(at_home & (tile != resolved.home[instance]), "an event away from its instance's home"),
        *seen.first(injects & (seen.cycles < resolved.due[instance]), "an event before its instance is due"),
        *seen.first((events["unit"] > 0) & (dead >> pea & np.uint64(1) == 1), "an event on a disabled PEA"),
    ]


def due_results(compiled: Compiled, expected: Expected) -> list[Outcome]:
    """Return what the interpreter says of the instances whose end reports."""
    reports = np.array(reporting(compiled.image))[compiled.resolved.stream]
    return [outcome for outcome in expected.results if reports[outcome.instance]]


def _results(compiled: Compiled, run: EngineResult, expected: Expected) -> list[str]:
    """Hold what the host was sent against the interpreter, word for word."""
    if run.results is None or not expected.results:
        return []
    due = due_results(compiled, expected)
    found = result_differences(run.results, due)
    return [f"{len(found)} of {len(due)} results are wrong, the first: {found[0]}"] if found else []


def _configurations(compiled: Compiled, run: EngineResult) -> list[str]:
    """Hold what TBUs loaded against the image."""
    if run.loaded is None:
        return []
    loads, told = int(run.counters["loads"].sum()), len(run.loaded)
    found = configuration_differences(compiled.image, run.loaded)
    some = [f"{len(found)} of {told} configurations are wrong, the first: {found[0]}"] if found else []
    return some if loads >= told else [*some, f"{told} loads ended, of {loads} that began"]


def counted(events: NDArray[np.void], columns: int, tiles: int) -> dict[str, NDArray[np.int64]]:
    """Return what each tile's counters of events, and its hash, come to."""
    tile = events["y"].astype(np.int64) * columns + events["x"]
    sums = {name: np.bincount(tile[events["event"] == event], minlength=tiles) for name, event in _COUNTED.items()}
    hashes = np.zeros(tiles, np.uint32)
    np.add.at(hashes, tile, event_hashes(events))
    return sums | {"hash": hashes.astype(np.int64)}


def _counters(compiled: Compiled, run: EngineResult, known: Measures) -> list[str]:
    """Hold a run's counters against its events, and against the workload."""
    image, found = compiled.image, []
    for name, counts in counted(run.events, image.columns, len(image.tiles)).items():
        wrong = np.flatnonzero(run.counters[name] != counts)
        if len(wrong):
            tile = int(wrong[0])
            place = f"{tile % image.columns},{tile // image.columns}"
            found.append(
                f"counter '{name}' of tile {place} is {run.counters[name][tile]}, by its events {counts[tile]}"
            )
    work, broken = int(run.counters["work"].sum()), int(run.counters["errors"].sum())
    if work != known.work:
        found.append(f"{work} cycles of work were done, but the workload has {known.work}")
    if broken:
        found.append(f"{broken} packets had a wrong checksum")
    return found
