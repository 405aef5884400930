# SPDX-License-Identifier: Apache-2.0
import json
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octopus_hw.owg.check import check
from octopus_hw.owg.load import load_workflow, load_workload, workflow_from_json, workload_from_json
from octopus_hw.owg.save import save, source_to_json, to_json
from octopus_hw.owg.sources import NumberSource
from tests.owg.samples import EXAMPLES, parse, well_formed
from tests.owg.test_builder import every_construct
from tests.owg.test_load import read, workload

PATHS = sorted(EXAMPLES.glob("*.json"))


@given(st.integers(0, 2**32 - 1))
def test_random_workflows_round_trip(seed):
    workflow = check(parse(well_formed(Random(seed).randint, size=20, slices=bool(seed % 2))))
    assert workflow_from_json(to_json(workflow)) == workflow


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_examples_round_trip(path):
    workload = load_workload(path)
    assert workload_from_json(to_json(workload), folder=EXAMPLES) == workload


def test_workloads_round_trip(tmp_path):
    closed = {"instances_per_tile": 2, "window": 3, "homes": {"weights": [1, 0]}, "deadline": 9}
    rate = {"instances": 2, "period": 100, "jitter": 7, "start": 50, "homes": "quadrant"}
    recorded = {"arrivals": [3, 3, 9], "scenes": [["crowd", 2], ["quiet", 1]]}
    load = read(workload(closed, rate, recorded, {"instances": 1, "period": 3}, description="é", seed=0))
    save(load, tmp_path / "n.workload.json")
    assert load_workload(tmp_path / "n.workload.json") == load


def test_the_name_of_inputs_is_kept(tmp_path):
    np.save(tmp_path / "rows.npy", np.ones((2, 3), np.uint8))
    document = workload({"instances": 1, "inputs": "rows.npy"})
    load = workload_from_json(json.dumps(document), folder=tmp_path)
    save(load, tmp_path / "n.workload.json")
    again = load_workload(tmp_path / "n.workload.json")
    assert again == load
    assert again.streams[0].rows.tolist() == load.streams[0].rows.tolist() == [[0x010101]] * 2


def test_saved_workflow_loads(tmp_path):
    text = (
        '{"owg": 1, "name": "w", "description": "d", "blocks": [{"id": "z", "kind": "end"}], "entry": "z", "flows": []}'
    )
    workflow = workflow_from_json(text)
    save(workflow, tmp_path / "w.owg.json")
    assert load_workflow(tmp_path / "w.owg.json") == workflow


def test_every_construct_round_trips():
    assert workflow_from_json(to_json(every_construct())) == every_construct()


def test_foreign_sources_are_refused():
    foreign = type("Foreign", (NumberSource,), dict.fromkeys(NumberSource.__abstractmethods__))
    with pytest.raises(TypeError, match="is no number source of a workflow file"):
        source_to_json(foreign())
