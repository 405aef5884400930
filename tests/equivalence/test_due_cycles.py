# SPDX-License-Identifier: Apache-2.0
"""Instances that are due late, up to the last due cycle: the model sleeps from 0 on, the chip starts shortly before.

So every run here also shows that a late start changes nothing (docs/timing.md#a-late-start).
"""

import json
from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.codes import Event
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import LAST_DUE
from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.owg.load import workload_from_json
from octopus_sim.engines import MAX_CYCLES
from octopus_sim.model.run import MOST_CYCLES

from .rig import Rig, rig

#: A start may be so long before the first arrival, or longer, in multiples of it.
STEP = 4096
#: Arrivals on both sides of cycles at which lower bits of the counter wrap, and the last there can be.
TURNS = (1 << 24, 1 << 31, LAST_DUE)

WORKFLOW = {
    "owg": 1,
    "name": "late",
    "blocks": [
        {"id": "look", "kind": "task", "cycles": {"quantiles": [20, 90, 400]}, "value": {"quantiles": [0, 3, 40]}},
        {"id": "each", "kind": "spawn", "count": "value", "join": "all_seen"},
        {"id": "see", "kind": "task", "cycles": {"affine": [30, 5]}, "parallel": 2},
        {"id": "all_seen", "kind": "join", "of": "each"},
        {"id": "done", "kind": "end"},
    ],
    "entry": "look",
    "flows": [
        {"from": "look", "to": "each", "words": 3},
        {"from": "each", "to": "see"},
        {"from": "see", "to": "all_seen", "words": 2},
        {"from": "all_seen", "to": "done"},
    ],
}


def late(arrivals: list[int]) -> dict[str, Any]:
    return {"workload": 1, "name": "late", "streams": [{"owg": WORKFLOW, "arrivals": arrivals}]}


@pytest.fixture(scope="module")
def engines() -> Any:
    with rig(2, 2, Config()) as engines:
        yield engines


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_late_instances(engines: Rig, turn: int, strategy: str) -> None:
    arrivals = [turn - 300, turn - 299, turn - 90, turn - 1, turn, *(turn + n for n in (1, 60, 61) if turn < LAST_DUE)]
    compiled = engines.compile(workload_from_json(json.dumps(late(arrivals))), strategy)
    start = (arrivals[0] - STEP) // STEP * STEP
    engines.rtl.start = start
    try:
        events = engines.agree(compiled).events
    finally:
        engines.rtl.start = 0
    injected = events[events["event"] == Event.INJECT]["cycle"]
    assert np.all(injected >= arrivals) and np.all(injected < np.array(arrivals) + 100)
    assert int(events["cycle"].min()) == injected[0] > start


def test_a_run_is_given_up_before_the_counter_wraps() -> None:
    assert LAST_DUE + MAX_CYCLES < MOST_CYCLES
