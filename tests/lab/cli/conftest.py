# SPDX-License-Identifier: Apache-2.0
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.codes import COUNTERS, Event
from octopus_hw.image.image import Image
from octopus_lab.cli import main
from octopus_sim.engines import ENGINES, Engine, EngineResult
from octopus_sim.events import EVENT, sort_events

TINY = {
    "owg": 1,
    "name": "tiny",
    "blocks": [{"id": "a", "kind": "task", "cycles": 5, "config": 2}, {"id": "end", "kind": "end"}],
    "entry": "a",
    "flows": [{"from": "a", "to": "end"}],
}


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that tells what is wrong."""
        assert self.status == 2 and not self.out
        assert self.err.startswith("error: ") and self.err.count("\n") == 1
        return self.err.removeprefix("error: ").rstrip("\n")


@pytest.fixture
def octopus(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def run(*arguments: object) -> Outcome:
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.owg.json"
    path.write_text(json.dumps(TINY))
    return path


class Ideal(Engine):
    """Runs one-task workflows, each instance for itself, as if it had a chip of its own."""

    name = "ideal"
    late = 0

    def run(self, image: Image, max_cycles: int = 0) -> EngineResult:
        rows: list[Any] = []
        counters = {name: np.zeros(len(image.tiles), np.int64) for name in COUNTERS}
        for number, tile in enumerate(image.tiles):
            for position, instance in enumerate(tile.list):
                at = 10 * position + 2
                steps = [(0, Event.INJECT, 0), (2, Event.DISPATCH, 0), (5, Event.START, 1), (10, Event.FINISH, 1)]
                for after, event, unit in [*steps, (11 + self.late, Event.RETIRE, 0)]:
                    rows.append((at + after, tile.x, tile.y, unit, event, instance["instance"], 0, 0, 0))
            counters["dispatched"][number] = len(tile.list)
        return EngineResult(events=sort_events(np.array(rows, EVENT)), counters=counters, wall_s=0.5)


@pytest.fixture
def ideal(monkeypatch: pytest.MonkeyPatch) -> type[Ideal]:
    """An engine beside the real ones, and a subclass of it that retires a cycle late."""
    late = type("Late", (Ideal,), {"name": "late", "late": 1})
    monkeypatch.setitem(ENGINES, "ideal", Ideal)
    monkeypatch.setitem(ENGINES, "late", late)
    return Ideal
