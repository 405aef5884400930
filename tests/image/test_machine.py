# SPDX-License-Identifier: Apache-2.0
"""The tables say what the workflow says: an executor of the tables and one of the workflow do the same."""

import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg import Workload, executions, load_workload, workload_from_json
from tests.equivalence.samples import workloads

from .machine import run_all
from .samples import ROOMY


def check(compiled: Compiled, random: Random) -> None:
    machines = {machine.instance: machine for machine in run_all(compiled, random)}
    assert sorted(machines) == list(range(len(compiled.resolved)))
    for instance, execution in executions(compiled.resolved):
        machine = machines[instance.number]
        assert machine.invocations == Counter(tuple(task)[:6] for task in execution.invocations)
        assert machine.decisions == Counter(tuple(decision)[:3] for decision in execution.decisions)
        assert machine.fired == Counter(map(tuple, execution.joins))
        assert machine.retired[0].value == execution.value


def check_slots(compiled: Compiled) -> None:
    """A slot's words end before the next one's begin."""
    image, needs = compiled.image, compiled.needs
    at = needs.library_words
    for home, row in zip(needs.homes, image.tiles[0].streams, strict=False):
        for slot in range(int(row["slot"]), int(row["slot"] + row["slots"])):
            assert image.slots[slot]["data"] == (at if home.store else 0)
            at += home.store
    assert at <= image.config.store_words


@pytest.mark.parametrize("file", ["face_recognition.workload", "speech_assistant.owg", "xrbench_ar_assistant.workload"])
def test_examples(file: str) -> None:
    compiled = compile_workload(load_workload(f"examples/{file}.json"), 2, 2, Config(), "profiled")
    check(compiled, Random(1))
    check_slots(compiled)


def as_workload(document: dict[str, Any]) -> Workload:
    return workload_from_json(json.dumps(document), "random.json")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(workloads(tiles=4))
def test_random_workloads(document: dict[str, Any]) -> None:
    try:
        compiled = compile_workload(as_workload(document), 2, 2, ROOMY, "naive")
    except InputError as error:
        if "the configuration has" not in str(error):
            raise
        reject()
    check(compiled, Random(1))
    check_slots(compiled)
