# SPDX-License-Identifier: Apache-2.0
"""Whatever is run, wherever and whenever: the same invocations, decisions and joins as in a timeless execution."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from octopus_hw.contract.codes import Event
from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg.interpret import interpret
from octopus_lab.soak.inputs import loaded
from octopus_sim.model import ModelResult, run
from tests.equivalence.samples import workloads

from .test_order import assert_at_rest

MESHES = [(1, 1), (2, 1), (2, 2), (3, 2), (5, 3)]
STRATEGIES = [
    "naive",
    "profiled",
    "adaptive",
    "reactive",
    "octopus",
    "octopus-early-discriminate",
    "naive+balance+late",
]
CONFIGS = [
    Config(),
    Config(link_latency=3),
    Config(tbus=2, peas=2, queue_depth=2, config_slots=2, library_region=2),
    Config(tbus=1, peas=1, queue_depth=1, config_slots=1, retry_period=8, library_region=4),
    Config(tbus=2, queue_depth=2, hysteresis=0, balance_shift=0, balance_period=16, reactive_threshold=1),
    Config(data_vcs=2, data_buffer=16, link_stalls=3),
]


def wanted(compiled: Compiled) -> dict[Event, Counter[Any]]:
    counts: dict[Event, Counter[Any]] = {Event.START: Counter(), Event.DECIDE: Counter(), Event.JOIN: Counter()}
    resolved = compiled.resolved
    for instance in resolved:
        done = interpret(
            resolved.workload.streams[instance.stream].workflow,
            seed=resolved.seed,
            instance=instance.number,
            k=instance.k,
            scene=resolved.scene_name(instance),
            base=resolved.workload.block_bases[instance.stream],
        )
        for event, records in (
            (Event.START, done.invocations),
            (Event.DECIDE, done.decisions),
            (Event.JOIN, done.joins),
        ):
            counts[event].update((instance.number, record.block, record.index, record.round) for record in records)
    return counts


def found(result: ModelResult, event: Event) -> Counter[Any]:
    events = result.events[result.events["event"] == event]
    return Counter(zip(*(events[name].tolist() for name in ("instance", "block", "index", "round")), strict=True))


def check(document: dict[str, Any], mesh: tuple[int, int], config: Config, strategy: str) -> None:
    try:
        compiled = compile_workload(loaded(document), *mesh, config, strategy)
    except InputError:
        assume(False)
    result = run(compiled.image, 5_000_000)
    for event, counts in wanted(compiled).items():
        assert found(result, event) == counts
    assert found(result, Event.START) == found(result, Event.FINISH)
    assert_at_rest(result)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_workloads(data: st.DataObject) -> None:
    mesh = data.draw(st.sampled_from(MESHES))
    strategy = data.draw(st.sampled_from(STRATEGIES))
    check(data.draw(workloads(mesh[0] * mesh[1])), mesh, data.draw(st.sampled_from(CONFIGS)), strategy)


@pytest.mark.slow
@pytest.mark.long
@settings(deadline=None, max_examples=2000, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_many_random_workloads(data: st.DataObject) -> None:
    mesh = data.draw(st.sampled_from(MESHES))
    strategy = data.draw(st.sampled_from(STRATEGIES))
    check(data.draw(workloads(mesh[0] * mesh[1])), mesh, data.draw(st.sampled_from(CONFIGS)), strategy)
