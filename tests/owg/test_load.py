# SPDX-License-Identifier: Apache-2.0
"""Workload files, good and bad; every refusal in its exact words."""

import json

import numpy as np
import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.owg import load_workload, resolve, workload_from_json
from octopus_hw.owg.homes import ROUND_ROBIN

OWG = {
    "owg": 1,
    "name": "w",
    "blocks": [
        {"id": "a", "kind": "task", "cycles": {"scenes": {"quiet": 5, "crowd": 9}}},
        {"id": "z", "kind": "end"},
    ],
    "entry": "a",
    "flows": [{"from": "a", "to": "z"}],
}


def workload(*streams, **keys):
    listed = [{"owg": OWG, **stream} for stream in streams]
    return {"workload": 1, "name": "n", "streams": listed, **keys}


def read(document):
    return workload_from_json(json.dumps(document), "l.json")


def refusal(document):
    with pytest.raises(InputError) as caught:
        read(document)
    return str(caught.value)


def test_defaults():
    load = read(workload({"instances": 3}))
    stream = load.streams[0]
    assert (load.name, load.seed, load.description) == ("n", 1, "")
    assert (stream.instances, stream.instances_per_tile, stream.window, stream.homes) == (3, None, 4, ROUND_ROBIN)
    assert (stream.period, stream.jitter, stream.start, stream.arrivals, stream.deadline) == (None, 0, 0, None, None)
    assert stream.scenes == () and not stream.is_open and stream.owg is None


def test_everything_a_stream_can_say():
    closed = {"instances_per_tile": 2, "window": 3, "homes": {"weights": [1, 0]}, "deadline": 9, "x_why": "because"}
    rate = {"instances": 2, "period": 100, "jitter": 7, "start": 50, "homes": "quadrant"}
    recorded = {"arrivals": [3, 3, 9], "scenes": [["crowd", 2], ["quiet", 1]]}
    load = read(workload(closed, rate, recorded, seed=2**32 - 1, description="d", x_note=1))
    first, second, third = load.streams
    assert (first.instances_per_tile, first.window, first.homes, first.deadline) == (2, 3, (1, 0), 9)
    assert (second.period, second.jitter, second.start, second.homes) == (100, 7, 50, "quadrant")
    assert (third.arrivals, third.scenes, third.scene_names) == (
        (3, 3, 9),
        (("crowd", 2), ("quiet", 1)),
        ("crowd", "quiet"),
    )
    assert [stream.is_open for stream in load.streams] == [False, True, True]
    assert load.block_bases == (0, 2, 4)


def test_a_bare_workflow_is_a_workload(tmp_path):
    path = tmp_path / "w.owg.json"
    path.write_text(json.dumps(OWG))
    load = load_workload(path)
    stream = load.streams[0]
    assert (load.name, load.seed, stream.instances_per_tile, stream.window) == ("w", 1, 16, 4)
    assert len(resolve(load, 3, 2)) == 96


def test_paths_are_relative_to_the_file(tmp_path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "w.owg.json").write_text(json.dumps(OWG))
    path = tmp_path / "n.workload.json"
    path.write_text(json.dumps(workload({"owg": "flows/w.owg.json", "instances": 1})))
    load = load_workload(path)
    assert load.streams[0].workflow.name == "w"
    assert load.streams[0].owg == "flows/w.owg.json"
    path.write_text(json.dumps(workload({"owg": "w.owg.json", "instances": 1})))
    with pytest.raises(InputError) as caught:
        load_workload(path)
    assert str(caught.value) == f"{tmp_path}/w.owg.json: no such file; check the path"
    (tmp_path / "w.owg.json").write_text(json.dumps(workload({"instances": 1})))
    with pytest.raises(InputError) as caught:
        load_workload(path)
    assert str(caught.value) == f"{path}: streams[0].owg: 'w.owg.json' is a workload; name a workflow file"


def test_inputs_are_relative_to_the_file_and_used_again_from_the_start(tmp_path, monkeypatch):
    np.savez(tmp_path / "rows.npz", inputs=np.array([[1, 2], [3, 4]], np.uint32))
    document = workload({"instances": 3, "inputs": "rows.npz"}, {"instances": 1})
    path = tmp_path / "n.workload.json"
    path.write_text(json.dumps(document))
    with_rows, without = load_workload(path).streams
    assert (with_rows.inputs, without.inputs, without.rows) == ("rows.npz", None, None)
    assert [with_rows.row(k).tolist() for k in range(3)] == [[1, 2], [3, 4], [1, 2]]
    assert without.row(0).tolist() == []
    monkeypatch.chdir(tmp_path)
    assert read(document).streams[0].row(1).tolist() == [3, 4]
    (tmp_path / "rows.npz").unlink()
    assert refusal(document) == "rows.npz: no such file; check the path"


ONE = {"instances": 1}
WORD = "give a whole number from"
OPEN = "closed loop has 'window', open 'period' or 'arrivals'"
BAD = [
    ([], "a workload is a JSON object, not an array"),
    ({}, "a workload needs the key 'workload'"),
    (workload(ONE, workload=2), "workload: format 2 is not known; this program reads format 1"),
    (workload(ONE, sed=2), "unknown key 'sed' in a workload; did you mean 'seed'?"),
    (workload(ONE, seed=2**32), f"seed: 4294967296 is out of range; {WORD} 0 to 4294967295"),
    (workload(), "streams: give at least one stream"),
    (workload({}), "streams[0]: how many? give 'instances' or 'instances_per_tile'"),
    (workload({"instances": 0}), f"streams[0].instances: 0 is out of range; {WORD} 1 to 16777216"),
    (
        workload({"instances": 1, "instances_per_tile": 1}),
        "streams[0].instances_per_tile: give either 'instances' or 'instances_per_tile'",
    ),
    (workload({"instance": 1}), "streams[0]: unknown key 'instance' in a stream; did you mean 'instances'?"),
    (workload({**ONE, "owg": 7}), "streams[0].owg: a workflow is a JSON object, not a number"),
    (workload({**ONE, "owg": ""}), "streams[0].owg: the string is empty; give a name"),
    (workload({**ONE, "inputs": ""}), "streams[0].inputs: the string is empty; give a name"),
    (workload({**ONE, "inputs": [1]}), "streams[0].inputs: give a string, not an array"),
    (
        workload({**ONE, "owg": {**OWG, "entry": "b"}}),
        "streams[0].owg.entry: there is no block 'b'; known: 'a', 'z'",
    ),
    (workload({**ONE, "window": 0}), f"streams[0].window: 0 is out of range; {WORD} 1 to 65535"),
    (workload({**ONE, "window": 1, "period": 2}), f"streams[0].window: goes not with 'period'; {OPEN}"),
    (workload({**ONE, "window": 1, "arrivals": [2]}), f"streams[0].window: goes not with 'arrivals'; {OPEN}"),
    (workload({**ONE, "period": 1, "arrivals": [2]}), f"streams[0].period: goes not with 'arrivals'; {OPEN}"),
    (workload({**ONE, "period": 0}), f"streams[0].period: 0 is out of range; {WORD} 1 to 4294967295"),
    (
        workload({**ONE, "jitter": 3}),
        "streams[0].jitter: belongs to open arrivals at a rate; add 'period' or leave it out",
    ),
    (workload({"arrivals": []}), "streams[0].arrivals: give at least one cycle"),
    (workload({"arrivals": [5, 4]}), "streams[0].arrivals[1]: cycle 4 comes after 5; sort the arrivals"),
    (
        workload({**ONE, "period": 1, "start": 2**32}),
        f"streams[0].start: 4294967296 is out of range; {WORD} 0 to 4160749568",
    ),
    (
        workload({"arrivals": [1, 4160749569]}),
        f"streams[0].arrivals[1]: 4160749569 is out of range; {WORD} 0 to 4160749568",
    ),
    (workload({**ONE, "deadline": 0}), f"streams[0].deadline: 0 is out of range; {WORD} 1 to 4294967295"),
    (workload({**ONE, "homes": "cornr"}), "streams[0].homes: unknown homes 'cornr'; did you mean 'corner'?"),
    (workload({**ONE, "homes": {"weights": [0]}}), "streams[0].homes.weights: give at least one weight that is not 0"),
    (
        workload({**ONE, "homes": {"weights": [-1]}}),
        f"streams[0].homes.weights[0]: -1 is out of range; {WORD} 0 to 65535",
    ),
    (workload({**ONE, "scenes": []}), "streams[0].scenes: give at least one scene, or leave 'scenes' out"),
    (
        workload({**ONE, "scenes": [["quiet"]]}),
        'streams[0].scenes[0]: give a scene and a number of instances, like ["quiet", 32]',
    ),
    (
        workload({**ONE, "scenes": [["quiet", 0]]}),
        f"streams[0].scenes[0][1]: 0 is out of range; {WORD} 1 to 16777216",
    ),
    (
        workload({**ONE, "scenes": [["quiet", 1], ["crowds", 1]]}),
        "streams[0].scenes[1][0]: blocks[0].cycles ('a') of 'w' lacks the scene 'crowds'; did you mean 'crowd'?",
    ),
]


@pytest.mark.parametrize(("document", "message"), BAD)
def test_refuses(document, message):
    assert refusal(document) == "l.json: " + message
