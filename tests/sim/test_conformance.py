# SPDX-License-Identifier: Apache-2.0
"""Runs that every engine agrees on and that are wrong nevertheless: the interpreter notices each of them.

The model runs a workflow with a spawn, a branch, a loop and a join of "all"; then its events are falsified, and the
counters with them, as they would be if model and RTL had the same mistake.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from octopus_hw.contract.codes import Event
from octopus_hw.contract.config import Config
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg.load import workload_from_json
from octopus_hw.owg.measures import executions
from octopus_lab.cli import main
from octopus_sim import engines
from octopus_sim.conformance import counted, due_results, violations
from octopus_sim.engines import EngineResult, ModelEngine
from octopus_sim.events import sort_events
from octopus_sim.expected import Expected, expect

Events = NDArray[np.void]

WORKFLOW = {
    "owg": 1,
    "name": "all_kinds",
    "blocks": [
        {"id": "start", "kind": "task", "cycles": 20, "value": 3},
        {"id": "each", "kind": "spawn", "count": "value", "join": "gathered"},
        {"id": "child", "kind": "task", "cycles": {"affine": [10, 7]}, "parallel": 4},
        {"id": "gathered", "kind": "join", "of": "each"},
        {"id": "again", "kind": "branch", "choose": 0},
        {"id": "both", "kind": "fork"},
        {"id": "left", "kind": "task", "cycles": 90},
        {"id": "right", "kind": "task", "cycles": 9},
        {"id": "met", "kind": "join", "of": "all"},
        {"id": "done", "kind": "end"},
    ],
    "entry": "start",
    "flows": [
        {"from": "start", "to": "each"},
        {"from": "each", "to": "child"},
        {"from": "child", "to": "gathered"},
        {"from": "gathered", "to": "again"},
        {"from": "again", "to": "start", "loop": True, "max_rounds": 1},
        {"from": "again", "to": "both"},
        {"from": "both", "to": "left"},
        {"from": "both", "to": "right"},
        {"from": "left", "to": "met"},
        {"from": "right", "to": "met"},
        {"from": "met", "to": "done"},
    ],
}
DOCUMENT = {"workload": 1, "name": "w", "streams": [{"owg": WORKFLOW, "arrivals": [900, 1000, 1100]}]}


@pytest.fixture(scope="module")
def good() -> tuple[Compiled, EngineResult, Expected]:
    workload = workload_from_json(json.dumps(DOCUMENT))
    compiled = compile_workload(workload, 2, 1, Config(tbus=2, peas=2), "adaptive", dead=["1,0.1.0"])
    return compiled, ModelEngine().run(compiled.image), expect(compiled.resolved, compiled.peas)


def find(events: Events, event: Event, number: int = 0, **fields: int) -> int:
    """Return the position of one of the events with these fields."""
    chosen = events["event"] == event
    for name, value in fields.items():
        chosen &= events[name] == value
    return int(np.flatnonzero(chosen)[number])


def changed(events: Events, at: int, **fields: int) -> Events:
    events = events.copy()
    for name, value in fields.items():
        events[name][at] = value
    return sort_events(events)


def doubled(events: Events) -> Events:
    at = find(events, Event.JOIN)
    return sort_events(np.append(events, changed(events[at : at + 1], 0, cycle=int(events["cycle"][at]) + 1)))


def lost(events: Events) -> Events:
    return np.delete(events, find(events, Event.DECIDE, block=4))


def renamed(events: Events) -> Events:
    return changed(events, find(events, Event.START, block=2, index=1), index=7)


def another_round(events: Events) -> Events:
    return changed(events, find(events, Event.RETIRE), round=0)


def join_too_early(events: Events) -> Events:
    """It fires when the first of its two tokens has come, and retires as it should."""
    right = find(events, Event.FINISH, block=7)
    return changed(events, find(events, Event.JOIN, block=8), cycle=int(events["cycle"][right]) + 3)


def too_short(events: Events) -> Events:
    start = find(events, Event.START, block=6)
    return changed(events, find(events, Event.FINISH, block=6), cycle=int(events["cycle"][start]) + 89)


def elsewhere(events: Events) -> Events:
    at = find(events, Event.FINISH, block=6)
    return changed(events, at, unit=int(events["unit"][at]) ^ 3)


def not_at_home(events: Events) -> Events:
    at = find(events, Event.RETIRE)
    return changed(events, at, x=1 - int(events["x"][at]))


def not_yet_due(events: Events) -> Events:
    return changed(events, find(events, Event.INJECT, instance=2), cycle=1099)


def on_a_dead_pea(events: Events) -> Events:
    for event in (Event.START, Event.FINISH):
        events = changed(events, find(events, event, block=7), x=1, unit=9)
    return events


WRONG = [
    (doubled, "1 events that the workload does not have, the first: ", "join"),
    (lost, "1 events are missing, one of them: decide instance 0 block 4 index 0 round 0; of this instance", ""),
    (renamed, "1 events that the workload does not have, the first: ", "start     instance 0 block 2 index 7"),
    (another_round, "1 events that the workload does not have, the first: ", "retire    instance 0 block 9"),
    (join_too_early, "an event less than 1 cycles after its cause (", "join      instance 0 block 8"),
    (too_short, "an event less than 90 cycles after its cause (", "finish    instance 0 block 6"),
    (elsewhere, "a finish on another PEA than its start: ", "finish    instance 0 block 6"),
    (not_at_home, "an event away from its instance's home: ", "retire    instance 0"),
    (not_yet_due, "an event before its instance is due: ", "inject    instance 2"),
    (on_a_dead_pea, "an event on a disabled PEA: ", "start     instance 0 block 7"),
]


def falsified(run: EngineResult, change: Callable[[Events], Events]) -> EngineResult:
    """Change the events, and the counters so that they agree."""
    events = change(run.events)
    return replace(run, events=events, counters=run.counters | counted(events, 2, 2))


def test_a_good_run(good: tuple[Compiled, EngineResult, Expected]) -> None:
    compiled, run, expected = good
    assert violations(compiled, run, expected) == []
    assert len(np.unique(expected.keys)) == len(expected.keys) == 3 * (1 + 2 * (2 * 4 + 1 + 1) + 2 + 2 + 2 + 1 + 1)


@pytest.mark.parametrize(("change", "what", "event"), WRONG, ids=[change.__name__ for change, *_ in WRONG])
def test_a_wrong_run(
    good: tuple[Compiled, EngineResult, Expected], change: Callable[[Events], Events], what: str, event: str
) -> None:
    compiled, run, expected = good
    first, *_ = violations(compiled, falsified(run, change), expected)
    summary, *lines = first.splitlines()
    assert summary.startswith(what) and event in summary
    assert (len(lines) == 4) if change is lost else any(line.startswith("> ") and event in line for line in lines)


@pytest.fixture(scope="module")
def served() -> tuple[Compiled, EngineResult, Expected]:
    """A stream with rows, one that reports without them, and one without either; the results are the interpreter's."""
    blocks = [{"id": "a", "kind": "task", "cycles": 30}, {"id": "end", "kind": "end"}]
    owg = {"owg": 1, "name": "w", "blocks": blocks, "entry": "a"}
    flows = [[{"from": "a", "to": "end", "words": words}] for words in (0, 3, 0)]
    streams = [{"owg": owg | {"flows": each}, "instances": 3} for each in flows]
    workload = workload_from_json(json.dumps({"workload": 1, "name": "w", "streams": streams}))
    first = replace(workload.streams[0], rows=np.arange(4, dtype=np.uint32).reshape(2, 2))
    workload = replace(workload, streams=(first, *workload.streams[1:]))
    compiled = compile_workload(workload, 2, 1, Config(tbus=2, peas=2), "adaptive")
    expected = expect(compiled.resolved, compiled.peas, executions(compiled.resolved, words=True))
    run = replace(ModelEngine().run(compiled.image), results=tuple(due_results(compiled, expected)))
    return compiled, run, expected


def no_row(events: Events) -> Events:
    return np.delete(events, find(events, Event.ARRIVE, instance=1))


def row_for_another(events: Events) -> Events:
    return changed(events, find(events, Event.ARRIVE, instance=1), instance=4)


def row_too_late(events: Events) -> Events:
    inject = find(events, Event.INJECT, instance=2)
    return changed(events, find(events, Event.ARRIVE, instance=2), cycle=int(events["cycle"][inject]))


def row_elsewhere(events: Events) -> Events:
    at = find(events, Event.ARRIVE, instance=0)
    return changed(events, at, x=1 - int(events["x"][at]))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (no_row, "1 events are missing, one of them: arrive instance 1 block 0 index 0 round 0; of this instance"),
        (row_for_another, "1 events that the workload does not have, the first: "),
        (row_too_late, "an event less than 1 cycles after its cause ("),
        (row_elsewhere, "an event away from its instance's home: "),
    ],
)
def test_each_instance_with_inputs_has_one_row_before_it_is_injected(
    served: tuple[Compiled, EngineResult, Expected], change: Callable[[Events], Events], what: str
) -> None:
    compiled, run, expected = served
    assert violations(compiled, run, expected) == []
    assert run.events["instance"][run.events["event"] == Event.ARRIVE].tolist() == [0, 1, 2]
    first, *_ = violations(compiled, falsified(run, change), expected)
    assert first.startswith(what)


def test_each_instance_whose_end_reports_has_one_result(served: tuple[Compiled, EngineResult, Expected]) -> None:
    compiled, run, expected = served
    assert run.results is not None and [one.instance for one in run.results] == [0, 1, 2, 3, 4, 5]
    assert [len(one.words) for one in run.results] == [0, 0, 0, 3, 3, 3]
    wrong = replace(run.results[4], words=run.results[4].words[[1, 0, 2]])
    less = replace(run, results=(*run.results[:4], wrong))
    (told,) = violations(compiled, less, expected)
    words = [f"{word:08x}" for word in run.results[4].words]
    assert told == f"2 of 6 results are wrong, the first: result of instance 4: word 0 is {words[1]}, not {words[0]}"
    assert violations(compiled, replace(run, results=None), expected) == []


@pytest.mark.parametrize("command", ["run", "compare"])
def test_commands_say_so(
    command: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two engines that agree on every event, and are both wrong."""

    class Wrong(ModelEngine):
        name = "wrong"

        def run(self, image: Any, max_cycles: int = engines.MAX_CYCLES) -> EngineResult:
            return falsified(super().run(image, max_cycles), join_too_early)

    for name in ("wrong", "as wrong"):
        monkeypatch.setitem(engines.ENGINES, name, type("Wrong", (Wrong,), {"name": name}))
    file = tmp_path / "w.workload.json"
    file.write_text(json.dumps(DOCUMENT))
    arguments = [command, str(file), "--mesh", "2x1", "--strategy", "adaptive", "--engine", "wrong"]
    more = {"run": ["--out", str(tmp_path / "out")], "compare": ["--engine", "as wrong"]}
    assert main([*arguments, *more[command]]) == 1
    told = "".join(capsys.readouterr())
    assert "an event less than 1 cycles after its cause (" in told and "\n>" in told
    assert not (tmp_path / "out" / "result.json").exists()
