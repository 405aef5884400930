# SPDX-License-Identifier: Apache-2.0
"""What the timeless interpreter expects of a run: which events there have to be, and in which order.

Moves and dispatches are not expected: they are the schedulers' own affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.bits import Field, Layout
from octopus_hw.contract.codes import Event
from octopus_hw.contract.layout import INDEX, INSTANCE, ROUND
from octopus_hw.owg.interpret import INJECTION, Execution, Occurrence, fastest
from octopus_hw.owg.measures import Measures, executions, measures
from octopus_hw.owg.objects import Block, Branch, End, Fork, Join, Spawn, Task
from octopus_hw.owg.workload import Instance, Resolved
from octopus_sim.events import EVENT
from octopus_sim.results import Outcome, interpreted

__all__ = ["Expected", "Keys", "event_of", "expect", "keys_of"]

Keys = NDArray[np.uint64]

_KEY = Layout.of(
    "Key",
    "An event and what it concerns, as one number that sorts.",
    Field("round", ROUND),
    Field("index", INDEX),
    Field("block", 12),
    Field("instance", INSTANCE),
    Field("event", 4),
)
_INDEX, _INSTANCE = _KEY["index"].offset, _KEY["instance"].offset


@dataclass(frozen=True, kw_only=True, eq=False)
class Expected:
    """What the interpreter says of a workload, whatever runs it.

    Attributes
    ----------
    measures : Measures
    keys : (n,) array
        Every event that has to be, sorted.
    before, after, least : (m,) arrays
        Pairs of keys, and by how many cycles the second event comes later, at least.
    results : tuple of Outcome
        What every instance comes to, in the order of their numbers; none where words are not followed.
    """

    measures: Measures
    keys: Keys
    before: Keys
    after: Keys
    least: NDArray[np.int64]
    results: tuple[Outcome, ...] = ()


def expect(resolved: Resolved, peas: int, runs: Iterable[tuple[Instance, Execution]] | None = None) -> Expected:
    """Interpret a workload for a mesh with this many live PEAs; `runs` are its `executions`, if at hand."""
    notes = _Notes(resolved)
    known = measures(resolved, peas, notes.taken(runs if runs is not None else executions(resolved)))
    keys = np.sort(np.array(notes.keys, np.uint64))
    before, after, least = np.array(notes.pairs, np.uint64).reshape(-1, 3).T
    return Expected(
        measures=known,
        keys=keys,
        before=before,
        after=after,
        least=least.astype(np.int64),
        results=tuple(notes.results),
    )


def keys_of(events: NDArray[np.void]) -> Keys:
    """Return the keys of events."""
    keys: Keys = _KEY.pack(**{name: events[name].astype(np.uint64) for name in _KEY.spans})
    return keys


def event_of(key: int) -> np.void:
    """Return a record that has a key, in cycle 0 at tile 0,0."""
    row = np.zeros(1, EVENT)
    for name, number in _KEY.unpack(key).items():
        row[name] = number
    event: np.void = row[0]
    return event


def _events(block: Block) -> tuple[Event, Event]:
    """Return the events by which what happens at a block begins and ends; nothing happens at a fork."""
    match block:
        case Task():
            return Event.START, Event.FINISH
        case Fork() | Branch() | Spawn():
            return Event.DECIDE, Event.DECIDE
        case Join():
            return Event.JOIN, Event.JOIN
        case End():
            return Event.RETIRE, Event.RETIRE
        case missing:
            assert_never(missing)


class _Notes:
    """Turns executions into keys and pairs of keys, instance by instance."""

    def __init__(self, resolved: Resolved) -> None:
        streams = resolved.workload.streams
        blocks = [block for stream in streams for block in stream.workflow.blocks]
        events = [_events(block) for block in blocks]
        self.begins = [_key(begin, number) for number, (begin, _) in enumerate(events)]
        self.ends = [_key(end, number) for number, (_, end) in enumerate(events)]
        self.parallel = [block.parallel if isinstance(block, Task) else 1 for block in blocks]
        entries = zip(resolved.workload.block_bases, streams, strict=True)
        self.injects = [_key(Event.INJECT, base + stream.workflow.entry_number) for base, stream in entries]
        self.keys: list[int] = []
        self.pairs: list[tuple[int, int, int]] = []
        self.arrive = _key(Event.ARRIVE, 0)
        self.has_row = [stream.rows is not None for stream in streams]
        self.results: list[Outcome] = []

    def taken(self, runs: Iterable[tuple[Instance, Execution]]) -> Iterator[tuple[Instance, Execution]]:
        """Note all of them on their way."""
        for instance, run in runs:
            number, inject = instance.number << _INSTANCE, self.injects[instance.stream]
            self._note(number, inject, run)
            if self.has_row[instance.stream]:
                self.keys.append(self.arrive | number)
                self.pairs.append((self.arrive | number, inject | number, 1))
            self.results += interpreted([(instance, run)])
            yield instance, run

    def _note(self, instance: int, inject: int, run: Execution) -> None:
        def begin(block: int, index: int, round_: int) -> int:
            return self.begins[block] | instance | index << _INDEX | round_

        def end(what: Occurrence) -> int:
            if what == INJECTION:
                return inject | instance
            return self.ends[what.block] | instance | what.index << _INDEX | what.round

        self.keys += [inject | instance, begin(*run.end)]
        self.keys += [begin(*one[:3]) for one in (*run.decisions, *run.joins)]
        for task in run.invocations:
            what = Occurrence(*task[:3])
            self.keys += (pair := (begin(*what), end(what)))
            self.pairs.append((*pair, fastest(task.cycles, self.parallel[task.block])))
        self.pairs += [(end(cause), begin(*what), 1) for cause, what in run.order]


def _key(event: Event, block: int) -> int:
    key: int = _KEY.pack(event=event, block=block)
    return key
