# SPDX-License-Identifier: Apache-2.0
"""Measures and comparisons of runs that were made by hand."""

import dataclasses
import io
import json

import numpy as np
import pytest

from octopus_hw.contract.config import Config
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg import workload_from_json
from octopus_sim.compare import compare, first_difference
from octopus_sim.conformance import violations
from octopus_sim.engines import EngineResult
from octopus_sim.expected import expect
from octopus_sim.host_events import HOST_EVENT
from octopus_sim.progress import Progress
from octopus_sim.result import percentile, result_of
from tests.lab.outcome import TINY

from .conftest import Ideal


def compiled(instances: int, **stream: object) -> Compiled:
    document = {"workload": 1, "name": "w", "streams": [{"owg": TINY, "instances": instances, **stream}]}
    workload = workload_from_json(json.dumps(document))
    return compile_workload(workload, 1, 1, Config(tbus=1, peas=2), "naive")


def ran(what: Compiled) -> EngineResult:
    return Ideal().run(what.image)


def test_closed_loop() -> None:
    what = compiled(4)
    result = result_of(what, "ideal", ran(what))
    assert (result.cycles, result.work, result.lower_bound) == (41, 20, 10)
    assert result.efficiency == 10 / 41 and result.utilization == 20 / (2 * 41)
    assert result.load == (4 * 11 / 41) / 2
    assert dataclasses.astuple(result.latency) == (11.0, 11, 11, 11, 11)
    assert (result.missed, result.moves, result.dispatches) == (0, 0, 4)


def test_open_arrivals_count_from_when_they_were_due() -> None:
    what = compiled(3, arrivals=[0, 1, 2], deadline=20)
    result = result_of(what, "ideal", ran(what))
    # injected in 2, 12, 22, retired 11 later
    assert (result.latency.p50, result.latency.max, result.missed) == (22, 31, 2)


def test_percentiles_are_of_the_nearest_rank() -> None:
    ordered = np.arange(1, 101)
    assert [percentile(ordered, percent) for percent in (50, 95, 99)] == [50, 95, 99]
    assert percentile(np.array([7]), 99) == 7


def test_what_is_wrong_with_a_run() -> None:
    what = compiled(2)
    run = ran(what)
    expected = expect(what.resolved, what.peas)
    assert violations(what, run, expected) == []
    lost = dataclasses.replace(run, events=run.events[:-1])
    missing, counter, hashes = violations(what, lost, expected)
    assert missing.startswith("1 events are missing, one of them: retire instance 1 block 1")
    assert counter == "counter 'retired' of tile 0,0 is 2, by its events 1"
    assert hashes.startswith("counter 'hash' of tile 0,0 is ")


def test_comparison() -> None:
    what = compiled(3)
    one, other = ran(what), ran(what)
    assert compare(one, other, ("a", "b"), 1) is None
    other.counters["loads"][0] = 3
    told = str(compare(one, other, ("a", "b"), 1))
    assert told == "tile 0,0: counter 'loads' is 0 by a, 3 by b; all 15 events agree"
    shorter = dataclasses.replace(one, events=one.events[:14])
    assert first_difference(one.events, shorter.events) == 14
    assert "no more events" in str(compare(one, shorter, ("a", "b"), 1))
    assert first_difference(one.events, one.events) is None


def test_two_hosts_are_compared_and_one_alone_is_not() -> None:
    run = ran(compiled(1))
    hosts = [[(5, 1, 3), (9, 0, 2)], [(5, 1, 3), (9, 0, 4)], [(5, 1, 3)]]
    one, other, short = (dataclasses.replace(run, host=np.array(rows, HOST_EVENT)) for rows in hosts)
    assert compare(one, one, ("a", "b"), 1) is compare(one, run, ("a", "b"), 1) is None
    told = "host event 1: row of 2 in cycle 9 by a, {} by b"
    assert str(compare(one, other, ("a", "b"), 1)) == told.format("row of 4 in cycle 9")
    assert str(compare(one, short, ("a", "b"), 1)) == told.format("no more of them")


@pytest.mark.parametrize("terminal", [False, True])
def test_progress(terminal: bool) -> None:
    stream = io.StringIO()
    stream.isatty = lambda: terminal  # type: ignore[method-assign]
    with Progress(2, stream) as progress:
        progress.note("work")
        progress.step("done")
    text = stream.getvalue()
    if terminal:
        assert "[############------------] 1/2 done" in text and "\n" not in text
    else:
        assert text.startswith("work ...\ndone (1/2, ")
