# SPDX-License-Identifier: Apache-2.0
"""The published JSON schemas, by a validator that is not ours: what loads is valid, what is refused is not."""

import json
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from octopus_hw.contract.config import Config, load_config
from octopus_hw.contract.errors import InputError
from octopus_hw.owg import load_workload, workflow_from_json, workload_from_json
from octopus_hw.owg.save import workflow_to_json, workload_to_json
from octopus_hw.suites import SUITES, suite_files
from octopus_lab.cli import main
from octopus_lab.cli.schema import FORMS, schema
from tests.equivalence.samples import workloads

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.json"))
VALID = {kind: Draft202012Validator(schema(kind)) for kind in FORMS}


def kind_of(document):
    return "workload" if "workload" in document else "workflow"


@pytest.mark.parametrize("kind", FORMS)
def test_each_is_a_schema_and_printed(kind, capsys):
    Draft202012Validator.check_schema(schema(kind))
    assert main(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out) == schema(kind)


def test_all_are_printed_by_name(capsys):
    assert main(["schema", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {kind: schema(kind) for kind in FORMS}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_valid(path):
    document = json.loads(path.read_text())
    VALID[kind_of(document)].validate(document)


@pytest.mark.parametrize("suite", SUITES)
def test_suites_are_valid_and_saved_so(suite):
    with suite_files(suite) as paths:
        assert paths
        for path in paths:
            document = json.loads(path.read_text())
            VALID[kind_of(document)].validate(document)
            workload = load_workload(path)
            VALID["workload"].validate(workload_to_json(workload))
            for stream in workload.streams:
                VALID["workflow"].validate(workflow_to_json(stream.workflow))


@settings(max_examples=40, deadline=None)
@given(document=workloads(tiles=4))
def test_random_workloads_are_valid(document):
    VALID["workload"].validate(document)
    workload_from_json(json.dumps(document))


TASK, END = {"id": "a", "kind": "task", "cycles": 5}, {"id": "z", "kind": "end"}


def owg(*blocks, flow=(), **keys):
    flows = [{"from": "a", "to": "z", **dict(flow)}]
    return {"owg": 1, "name": "n", "blocks": list(blocks or (TASK, END)), "entry": "a", "flows": flows, **keys}


def task(**keys):
    return owg({**TASK, **keys}, END)


def load(**keys):
    return {"workload": 1, "name": "n", "streams": [{"owg": owg(), **keys}]}


BAD = [
    [], {}, owg(owg=2), owg(nam=2), owg(name=""), owg(blocks=7), owg(TASK, 7), owg({"id": "a"}, END),
    owg({"kind": "end"}),
    owg({"id": "s", "kind": "spawn", "count": 1}), owg({"id": "j", "kind": "join", "of": "all", "value": "min"}),
    owg({"id": "s", "kind": "spawn", "count": 1, "join": "j", "keep_value": 1}),
    owg({"id": "b", "kind": "branch", "choose": {"thresholds": [-1]}}), owg({**END, "cycles": 3}),
    owg(flow={"word": 1}), owg(flow={"words": -1}), owg(flow={"max_rounds": 1}), owg(flow={"words": 16384}),
    owg(flow={"first": 6}), owg(flow={"stride": 16384}),
    owg(flow={"loop": False, "max_rounds": 1}),
    owg(flow={"loop": True, "max_rounds": 256}), owg(flow={"loop": 1}),
    task(cycle=5), task(kernel="k"), task(kind="tusk"), task(id="all"), task(id="9a"), task(id="é"), task(id="a\n"),
    task(id=3), task(cycles=0), task(cycles=65536), task(cycles=None), task(cycles=2.5), task(cycles=True),
    task(cycles={}), task(cycles={"quantile": [1]}), task(cycles={"quantiles": [3, 0]}), task(cycles={"quantiles": []}),
    task(cycles={"quantiles": [1] * 17}), task(cycles={"affine": [1]}), task(cycles={"affine": [1, -65536]}),
    task(cycles={"affine": [1, 2], "quantiles": [1]}), task(cycles={"scenes": {}}), task(cycles={"scenes": {"x_a": 1}}),
    task(cycles={"scenes": {"": 1}}), task(cycles={"scenes": {"q": 0}}), task(cycles={"replay": [[[1], []]]}),
    task(cycles={"replay": [[[1], [0]]]}), task(cycles={"thresholds": [1]}), task(cycles={"value": 1}), task(value=-1),
    task(config=65536), task(config=None), task(parallel=3), task(parallel=8),
    load(), load(instances=0), load(instances=1, instances_per_tile=1), load(instance=1), load(instances=1, owg=7),
    load(instances=1, owg=""), load(instances=1, window=0), load(instances=1, window=1, period=2),
    load(instances=1, window=1, arrivals=[2]), load(instances=1, period=1, arrivals=[2]), load(instances=1, period=0),
    load(instances=1, jitter=3), load(instances=1, start=3), load(arrivals=[]), load(instances=1, deadline=0),
    load(instances=1, homes="cornr"), load(instances=1, homes={"weights": [0]}),
    load(instances=1, homes={"weights": [-1]}),
    load(instances=1, inputs=""), load(instances=1, inputs=3),
    load(instances=1, scenes=[]), load(instances=1, scenes=[["quiet"]]), load(instances=1, scenes=[["quiet", 0]]),
    {**load(instances=1), "seed": 1 << 32}, {**load(instances=1), "streams": []}, {**load(instances=1), "sed": 1},
]  # fmt: skip


@pytest.mark.parametrize("document", BAD, ids=range(len(BAD)))
def test_what_the_loader_refuses_is_invalid(document):
    kind = kind_of(document)
    read = workload_from_json if kind == "workload" else workflow_from_json
    with pytest.raises(InputError):
        read(json.dumps(document))
    assert not VALID[kind].is_valid(document)


#: What a schema cannot say: how a number is written, the order of an array, and whatever several parts say together.
BEYOND = [
    task(config=5.0), load(arrivals=[5, 4]), owg(entry="b"), owg(TASK, TASK, END), owg(TASK), owg(flow={"to": "y"}),
    owg(flow={"stride": 4}), load(instances=1, inputs="missing.npy"),
    load(instances=1, scenes=[["quiet", 1], ["crowd", 1]], owg=task(cycles={"scenes": {"quiet": 1}})),
]  # fmt: skip


@pytest.mark.parametrize("document", BEYOND, ids=range(len(BEYOND)))
def test_what_a_schema_cannot_say(document):
    kind = kind_of(document)
    with pytest.raises(InputError):
        (workload_from_json if kind == "workload" else workflow_from_json)(json.dumps(document))
    assert VALID[kind].is_valid(document)


def test_notes_may_stand_everywhere():
    note = {"x_why": [1]}
    cycles = {"scenes": {"q": {"affine": [1, 2]} | note} | note} | note
    document = load(instances=1, homes={"weights": [1]} | note, **note) | note
    document["streams"][0]["owg"] = owg({**TASK, "cycles": cycles, **note}, END, flow=note, **note)
    VALID["workload"].validate(document)
    workload_from_json(json.dumps(document))


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("", True),
        ("[octopus]\ntbus = 2\nx_note = 'why'\n[x_more]\n", True),
        ("[octopus]\nretry_period = 64", True),
        ("[octopus]\nretry_period = 65", False),
        ("[octopus]\ntbus = 7", False),
        ("[octopus]\ntbus = '2'", False),
        ("[octopus]\ntbus = true", False),
        ("[octopus]\ntbu = 2", False),
        ("[squid]\ntbus = 2", False),
        ("octopus = 3", False),
    ],
)
def test_configurations(tmp_path, text, good):
    path = tmp_path / "sizes.toml"
    path.write_text(text)
    assert VALID["config"].is_valid(tomllib.loads(text)) == good
    if good:
        load_config(path)
    else:
        with pytest.raises(InputError):
            load_config(path)


def test_every_size_is_described():
    said = schema("config")["$defs"]["Sizes"]["properties"]
    for size in fields(Config):
        found = said[size.name]
        data = size.metadata
        assert (found["minimum"], found["maximum"], found["default"]) == (data["low"], data["high"], size.default)
        assert found["description"] == data["doc"]
        powers = [n for n in range(data["low"], data["high"] + 1) if n.bit_count() == 1]
        assert found.get("enum") == (powers if data["power"] else None)
