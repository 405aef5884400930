# SPDX-License-Identifier: Apache-2.0
"""Rows from the host and results for it: RTL, model and interpreter agree, whatever the host does.

::

    host, always ready │ slow │ in bursts, silent for long ─▶ chip ─▶ host events ─▶ model: the same events
                                                               └────▶ results, word for word the interpreter's
"""

import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.codes import Event, HostEvent
from octopus_hw.contract.config import Config
from octopus_hw.image.boot import reset_words, silence_words
from octopus_hw.image.compile import Compiled
from octopus_hw.owg.load import load_workload, workload_from_json
from octopus_hw.owg.workload import Workload
from octopus_sim.engines import AmaranthEngine
from octopus_sim.host import host_plan
from octopus_sim.plan import Plan, PlanError

from .rig import MAX_CYCLES, Rig, rig

TASK = {"id": "work", "kind": "task", "cycles": {"quantiles": [20, 60, 300]}, "config": 8}
END = {"id": "done", "kind": "end"}
STRIPS = {
    "owg": 1,
    "name": "strips",
    "blocks": [
        {"id": "look", "kind": "task", "cycles": 40, "value": {"quantiles": [0, 1, 3, 5]}, "config": 8},
        {"id": "each", "kind": "spawn", "count": "value", "join": "page"},
        {"id": "read", "kind": "task", "cycles": {"quantiles": [30, 90]}, "config": 16},
        {"id": "page", "kind": "join", "of": "each", "value": "count"},
        END,
    ],
    "entry": "look",
    "flows": [
        {"from": "look", "to": "each", "words": 24},
        {"from": "each", "to": "read", "words": 7, "stride": 4},
        {"from": "read", "to": "page", "words": 6},
        {"from": "page", "to": "done", "words": 40},
    ],
}


def line(name: str, words: int = 0) -> dict[str, Any]:
    """One task, and so many words of its result to the end."""
    flows = [{"from": "work", "to": "done", "words": words}]
    return {"owg": 1, "name": name, "blocks": [TASK, END], "entry": "work", "flows": flows}


def workload(streams: Sequence[tuple[dict[str, Any], int, dict[str, Any]]]) -> Workload:
    """Streams of workflows, words of each row (-1: no inputs), and what else they say."""
    said = [{"owg": owg, **more} for owg, _, more in streams]
    made = workload_from_json(json.dumps({"workload": 1, "name": "served", "streams": said}))
    rng = np.random.default_rng(1)
    rows = [None if words < 0 else rng.integers(0, 1 << 32, (3, words), np.uint32) for _, words, _ in streams]
    return replace(made, streams=tuple(map(lambda stream, given: replace(stream, rows=given), made.streams, rows)))


#: Rows and long results, results without rows, rows and no words back, and a stream that needs no host.
MIXED = (
    (STRIPS, 21, {"instances": 9, "window": 3}),
    (line("sent", 12), -1, {"instances": 7, "period": 150, "jitter": 90}),
    (line("given"), 5, {"instances": 6, "arrivals": [0, 0, 10, 2000, 2000, 2500]}),
    (line("alone"), -1, {"instances": 8}),
)
#: Configurations and meshes: 1x1 with the least rows, x first and y first, two virtual channels, all widths.
BUILDS = {
    "1x1, 32 bits": (1, 1, Config(data_width=32)),
    "2x1, 64 bits, stalls": (2, 1, Config(link_stalls=4)),
    "2x2, 128 bits": (2, 2, Config(data_width=128, library_region=2)),
    "3x2, two VCs, stalls": (3, 2, Config(data_vcs=2, data_buffer=16, link_stalls=3)),
}
#: Seeds of hosts that hesitate, or how many cycles a word takes one that does not.
HOSTS = {"ready": (None, 1), "slow": (None, 9), "bursts": (1, 1), "other bursts": (2, 1), "slow bursts": (3, 4)}


def check(both: Rig, compiled: Compiled, host: int | None = None, every: int = 1) -> np.ndarray[Any, Any]:
    """Run it on both; return what the host did."""
    both.rtl.host, both.rtl.host_cycles = host, every
    done = both.agree(compiled)
    assert done.results is not None and done.host is not None
    arrived = done.events["event"] == Event.ARRIVE
    assert int(arrived.sum()) == sum(inputs.instances for inputs in compiled.image.inputs)
    assert int((done.host["what"] == HostEvent.ROW).sum()) == int(arrived.sum())
    return done.host


@pytest.mark.parametrize("build", BUILDS)
def test_whatever_the_host_does(build: str) -> None:
    columns, rows, config = BUILDS[build]
    with rig(columns, rows, config) as both:
        seen = []
        for strategy in ("octopus", "naive"):
            compiled = both.compile(workload(MIXED), strategy)
            seen += [check(both, compiled, *host).tolist() for host in HOSTS.values()]
        assert len({str(events) for events in seen}) == len(seen)
        both.agree(both.compile(load_workload("examples/pages.workload.json"), "adaptive"))


@pytest.mark.parametrize("words", [0, 1, 4, 128])
def test_rows_and_results_of_any_length(words: int) -> None:
    """None, less than a row of the store, a quad, and the longest that a place holds."""
    with rig(2, 1, Config(buffer_words=128)) as both:
        longest = workload([(line("all", words), words, {"instances": 5, "window": 2})])
        compiled = both.compile(longest, "adaptive")
        for host in HOSTS.values():
            check(both, compiled, *host)


def test_a_host_without_credits_holds_up_nobody_else() -> None:
    """It gives rows but takes no result: what needs none goes on and ends, and a READ is answered."""
    with rig(1, 1, Config()) as both:
        compiled = both.compile(workload(MIXED), "adaptive")
        plan = host_plan(compiled.image, MAX_CYCLES, None)
        begin = next(number for number, step in enumerate(plan.steps) if step["do"] == "serve")
        serve = plan.steps[begin] | {"results": 0, "homes": 99, "timeout": 60_000}
        session = both.rtl.session(compiled.image)
        with pytest.raises(PlanError, match="0 of 99 DONEs and 0 of 0 results"):
            session.run(Plan([*plan.steps[:begin], serve]), reset=True)
        ends = [
            line.split() for line in (session.directory / "stdout.txt").read_text().splitlines() if "retire" in line
        ]
        numbers = [int(fields[6]) for fields in ends]
        assert set(range(22, 30)) <= set(numbers)
        done = session.run(Plan(plan.steps[begin + 1 : begin + 3]), reset=False)
        assert len(done.steps) == 2
        check(both, compiled)


def cut(both: Rig, compiled: Compiled, rng: random.Random) -> None:
    """Begin a run, end it anywhere among rows and results, and RESET."""
    plan = host_plan(compiled.image, MAX_CYCLES, rng.choice((None, rng.randrange(99))))
    serve = next(step for step in plan.steps if step["do"] == "serve")
    serve["timeout"] = rng.randrange(1, 3000)
    session = both.rtl.session(compiled.image)
    with suppress(PlanError):
        session.run(plan, reset=False)
    session.run(Plan().send(silence_words()).send(reset_words(both.config)), reset=False)


@pytest.mark.parametrize("count", [6, pytest.param(100, marks=pytest.mark.slow)])
def test_a_reset_among_rows_and_results_leaves_no_trace(count: int, cases: int) -> None:
    rng = random.Random(count)
    with rig(2, 1, Config(link_stalls=4)) as both:
        compiled = both.compile(workload(MIXED), "octopus")
        for number in range(min(count, cases)):
            cut(both, compiled, rng)
            check(both, compiled, *list(HOSTS.values())[number % len(HOSTS)])


@pytest.mark.slow
@pytest.mark.long
def test_both_simulators_have_the_same_host() -> None:
    few = workload([(owg, words, more | {"instances": 2}) for owg, words, more in MIXED[:2]])
    with rig(1, 1, Config()) as both, AmaranthEngine() as amaranth:
        compiled = both.compile(few, "adaptive")
        for host, every in HOSTS.values():
            for engine in (both.rtl, amaranth):
                engine.host, engine.host_cycles = host, every
            one, other = both.rtl.run(compiled.image), amaranth.run(compiled.image)
            assert one.host is not None and other.host is not None
            assert np.array_equal(one.host, other.host) and np.array_equal(one.events, other.events)
