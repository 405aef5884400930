# SPDX-License-Identifier: Apache-2.0
"""The tables say what the workflow says: an executor of the tables and one of the workflow do the same."""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg import Flow, Workflow, executions, load_workload
from octopus_hw.suites.load import load_suite
from octopus_lab.soak.inputs import loaded
from tests.equivalence.samples import workloads
from tests.owg.samples import well_formed

from .machine import run_all
from .samples import ROOMY, block, compiled, noise, task, with_rows, workflow


def into_end(workflow: Workflow) -> list[Flow]:
    return [workflow.flows[number] for number in workflow.incoming[workflow.end_number]]


def check(compiled: Compiled, random: Random) -> None:
    machines = {machine.instance: machine for machine in run_all(compiled, random)}
    assert sorted(machines) == list(range(len(compiled.resolved)))
    for instance, execution in executions(compiled.resolved, words=True):
        machine = machines[instance.number]
        assert machine.invocations == Counter(map(tuple, execution.invocations))
        assert machine.decisions == Counter(tuple(decision)[:3] for decision in execution.decisions)
        assert machine.fired == Counter(map(tuple, execution.joins))
        assert machine.retired[0].value == execution.value
        stream = compiled.workload.streams[instance.stream]
        reports = stream.rows is not None or any(flow.words for flow in into_end(stream.workflow))
        assert machine.result == (execution.words.tolist() if reports else None)


def check_slots(compiled: Compiled) -> None:
    """A slot's words end before the next one's begin."""
    image, needs = compiled.image, compiled.needs
    at = needs.library_words
    for home, row in zip(needs.homes, image.tiles[0].streams, strict=False):
        for slot in range(int(row["slot"]), int(row["slot"] + row["slots"])):
            assert image.slots[slot]["data"] * 4 == (at if home.store else 0)
            at += home.store
    assert at <= image.config.store_words


@pytest.mark.parametrize(
    "file",
    ["face_recognition.workload", "pages.workload", "speech_assistant.owg", "xrbench_ar_assistant.workload"],
)
def test_examples(file: str) -> None:
    load = load_workload(f"examples/{file}.json")
    for each in (load, with_rows(load, *(noise(n, 3, 9) for n, _ in enumerate(load.streams)))):
        compiled = compile_workload(each, 2, 2, Config(), "profiled")
        check(compiled, Random(1))
        check_slots(compiled)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(workloads(tiles=4))
def test_random_workloads(document: dict[str, Any]) -> None:
    try:
        compiled = compile_workload(loaded(document), 2, 2, ROOMY, "naive")
    except InputError as error:
        if "the configuration has" not in str(error):
            raise
        reject()
    check(compiled, Random(1))
    check_slots(compiled)


@pytest.mark.parametrize("suite", ["octopus", "stress"])
def test_suites(suite: str) -> None:
    for workload in load_suite(suite, 1, 1):
        few = tuple(replace(stream, instances=6, instances_per_tile=None) for stream in workload.streams)
        load = replace(workload, streams=few)
        for each in (load, with_rows(load, *(noise(n, 4, 20) for n, _ in enumerate(few)))):
            check(compile_workload(each, 1, 1, Config(), "adaptive"), Random(1))


def sliced(seed: int) -> Compiled:
    """A random workflow whose flows carry slices, of up to 13 words or four times as many; half of them have inputs."""
    random = Random(seed)
    size, depth, times = random.choice([6, 12, 25, 50]), random.choice([3, 4, 5]), random.choice([1, 4])
    owg = well_formed(random.randint, size=size, depth=depth, slices=True)
    for flow in owg["flows"]:
        words = flow["words"] if times == 1 else -(-flow["words"] // 4) * 16
        flow |= {"words": words} | {key: times * flow[key] for key in ("first", "stride") if key in flow}
    rows = noise(seed, random.randint(1, 3), random.choice([0, 3, 8, 50])) if random.randint(0, 1) else None
    return compiled(owg, instances=2, config=ROOMY, given=rows)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1 << 32))
def test_random_slices(seed: int) -> None:
    check(sliced(seed), Random(seed))


#: Children with halos or absent, a flattened fork, joins with gaps, a branch, and results beyond their operands.
SLICES = workflow(
    [
        task("a"),
        block("s", "spawn", count={"quantiles": [0, 1, 3]}, join="j"),
        block("p", "branch", choose={"quantiles": [0, 1]}),
        *(task("b"), task("c"), block("j", "join", of="s")),
        *(task("d"), block("f", "fork"), task("e"), block("k", "join", of="all"), task("g"), block("end", "end")),
    ],
    [
        "a s 20",
        *({"from": "s", "to": "b", "words": 8, "first": 4, "stride": 4}, "b p", "p c 3", "p j 6", "c j 5", "j d 24"),
        *({"from": "d", "to": "f", "words": 18, "first": 4}, {"from": "f", "to": "e", "words": 9, "first": 8}),
        *({"from": "f", "to": "k", "words": 6, "first": 12}, "e k 3", "k g 13", "g end 16"),
    ],
)


def run_sliced(result: Compiled) -> None:
    for order in range(5):
        check(result, Random(order))


def broken(result: Compiled, field: str, change: int) -> Compiled:
    """The image with another number in a field, wherever it is above 0."""
    flows = result.image.flows.copy()
    flows[field] += (flows[field] > 0) * change
    return replace(result, image=replace(result.image, flows=flows))


@pytest.mark.parametrize(
    ("field", "change"),
    [("words", -1), ("begin", -1), ("step", 1), ("room", -1), ("result", 1), ("offset", -1), ("keep", -1)],
)
def test_the_machine_sees_that_a_row_is_wrong(field: str, change: int) -> None:
    result = compiled(SLICES, instances=12, given=noise(1, 5, 10))
    run_sliced(result)
    with pytest.raises(AssertionError):
        run_sliced(broken(result, field, change))
