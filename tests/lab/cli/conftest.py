# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.codes import COUNTERS, Event
from octopus_hw.image.image import Image
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.measures import executions
from octopus_hw.owg.workload import resolve
from octopus_sim.conformance import counted
from octopus_sim.engines import ENGINES, Engine, EngineResult
from octopus_sim.events import EVENT, sort_events
from octopus_sim.results import Outcome, interpreted
from tests.lab.outcome import TINY


class Ideal(Engine):
    """Runs one-task workflows, each instance for itself, as if it had a chip of its own; its results are given."""

    name = "ideal"
    late = 0
    results: tuple[Outcome, ...] | None = None

    def run(self, image: Image, max_cycles: int = 0) -> EngineResult:
        rows: list[Any] = []
        counters = {name: np.zeros(len(image.tiles), np.int64) for name in COUNTERS}
        for number, tile in enumerate(image.tiles):
            for position, instance in enumerate(tile.list):
                at = 10 * position + 2
                if image.inputs:
                    rows.append((at - 1, tile.x, tile.y, 0, Event.ARRIVE, instance["instance"], 0, 0, 0, 0))
                steps = [(0, Event.INJECT, 0), (2, Event.DISPATCH, 0), (5, Event.START, 1), (10, Event.FINISH, 1)]
                for after, event, unit in [*steps, (11 + self.late, Event.RETIRE, 0)]:
                    rows.append(
                        (at + after, tile.x, tile.y, unit, event, instance["instance"], event == Event.RETIRE, 0, 0, 0)
                    )
            counters["work"][number] = 5 * len(tile.list)
        events = sort_events(np.array(rows, EVENT))
        counters |= counted(events, image.columns, len(image.tiles))
        return EngineResult(events=events, counters=counters, wall_s=0.5, results=self.results)


@pytest.fixture
def ideal(monkeypatch: pytest.MonkeyPatch) -> type[Ideal]:
    """An engine beside the real ones, and a subclass of it that retires a cycle late."""
    late = type("Late", (Ideal,), {"name": "late", "late": 1})
    monkeypatch.setitem(ENGINES, "ideal", Ideal)
    monkeypatch.setitem(ENGINES, "late", late)
    return Ideal


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """A workload of 4 instances with rows of 3 words, whose end takes one more."""
    np.save(tmp_path / "rows.npy", np.arange(6, dtype=np.uint32).reshape(2, 3))
    flows = [{"from": "a", "to": "end", "words": 4}]
    streams = [{"owg": TINY | {"flows": flows}, "instances": 4, "inputs": "rows.npy"}]
    path = tmp_path / "served.workload.json"
    path.write_text(json.dumps({"workload": 1, "name": "served", "streams": streams}))
    return path


@pytest.fixture
def told(served: Path) -> tuple[Outcome, ...]:
    """What the interpreter says of it."""
    return tuple(interpreted(executions(resolve(load_workload(served), 1, 1), words=True)))
