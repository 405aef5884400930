# SPDX-License-Identifier: Apache-2.0
"""The figures that the architecture promises, in cycles, read off the events (RTL and model agree on these)."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Event
from octopus_hw.contract.config import Config
from octopus_hw.image.compile import compile_workload
from octopus_hw.owg import Workflow, WorkflowBuilder, quantiles
from octopus_hw.owg.load import workload_from_json
from octopus_hw.owg.save import to_json
from octopus_sim.engines import open_engine


def events_of(workflow: Workflow, **stream: int) -> NDArray[np.void]:
    """Events of a closed stream on one tile."""
    document = {"workload": 1, "name": "figures", "streams": [{"owg": json.loads(to_json(workflow)), **stream}]}
    workload = workload_from_json(json.dumps(document))
    with open_engine("model") as engine:
        return engine.run(compile_workload(workload, 1, 1, Config(), "adaptive").image).events


def cycles(events: NDArray[np.void], kind: Event, **where: int) -> NDArray[np.int64]:
    chosen = events["event"] == kind
    for name, value in where.items():
        chosen &= events[name] == value
    return events["cycle"][chosen]


def chain(*sources: Any) -> Workflow:
    builder = WorkflowBuilder("chain")
    blocks = [builder.task(f"t{number}", cycles=source) for number, source in enumerate(sources)]
    builder.path(*blocks, builder.end("end"))
    return builder.build()


def test_dispatch_costs_at_most_10_cycles() -> None:
    """From `finish` to the successor's `start`, in a TBU where its configuration is resident; drawn times cost most."""
    events = events_of(chain(quantiles(20, 30), quantiles(20, 30)), instances=8, window=1)
    gaps = cycles(events, Event.START, block=1)[1:] - cycles(events, Event.FINISH, block=0)[1:]
    assert gaps.tolist() == [10] * 7
    events = events_of(chain(20, 20), instances=8, window=1)
    gaps = cycles(events, Event.START, block=1)[1:] - cycles(events, Event.FINISH, block=0)[1:]
    assert gaps.tolist() == [9] * 7  # the PEA switches in 4; a configured one starts after 6


def test_a_cbu_takes_a_token_every_4_cycles() -> None:
    """Injections, children of a spawn and arms of a fork follow each other at this pace."""
    builder = WorkflowBuilder("wide")
    spawn, body = builder.spawn("spawn", 12), builder.task("body", cycles=50)
    join = builder.join("join", of=spawn)
    builder.path(spawn, body, join, builder.end("end"))
    workflow = builder.build()
    events = events_of(workflow, instances=1)
    assert np.diff(cycles(events, Event.DISPATCH)).max() <= 4
    events = events_of(chain(500), instances=8, window=8)
    assert np.diff(cycles(events, Event.INJECT)).max() <= 4
