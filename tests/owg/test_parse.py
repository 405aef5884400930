# SPDX-License-Identifier: Apache-2.0
"""Workflow files, good and bad; every refusal in its exact words."""

import json

import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.owg import sources as src
from octopus_hw.owg.load import load_workflow, workflow_from_json
from octopus_hw.owg.objects import Flow, Join, Spawn, Task

TASK = {"id": "a", "kind": "task", "cycles": 5}
END = {"id": "z", "kind": "end"}


def workflow(*blocks, flows=(("a", "z"),), **keys):
    listed = [{"from": flow[0], "to": flow[1], **(flow[2] if len(flow) > 2 else {})} for flow in flows]
    return {"owg": 1, "name": "n", "blocks": list(blocks), "entry": "a", "flows": listed, **keys}


def task(**keys):
    return workflow({**TASK, **keys}, END)


def refusal(document):
    with pytest.raises(InputError) as caught:
        workflow_from_json(document if isinstance(document, str) else json.dumps(document), "w.json")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_everything_a_block_and_flow_can_say():
    blocks = [
        {**TASK, "cycles": {"affine": [2, -1]}, "value": {"quantiles": [1, 2]}, "config": 9, "parallel": 4, "x_a": []},
        {"id": "f", "kind": "fork"},
        {"id": "j", "kind": "join", "of": "all", "value": "max"},
        {"id": "b", "kind": "branch", "choose": {"thresholds": [3, 4]}},
        {"id": "s", "kind": "spawn", "count": "value", "join": "sj", "keep_value": True},
        {"id": "k", "kind": "task", "kernel": "dot"},
        {"id": "sj", "kind": "join", "of": "s"},
        END,
    ]
    flows = [("a", "f", {"words": 7, "first": 8}), ("f", "j"), ("f", "j"), ("j", "b"), ("b", "s")]
    flows += [("b", "a", {"loop": True, "max_rounds": 3}), ("s", "k"), ("k", "sj"), ("sj", "z")]
    read = workflow_from_json(json.dumps(workflow(*blocks, flows=flows, description="d", x_more=1)))
    assert (read.name, read.description, read.entry) == ("n", "d", "a")
    cycles, value = src.Affine(2, -1), src.Quantiles((1, 2))
    assert read.blocks[0] == Task(id="a", cycles=cycles, value=value, config=9, parallel=4)
    assert read.blocks[2] == Join(id="j", of="all", collect="max")
    assert read.blocks[3].choose == src.Thresholds((3, 4))
    assert read.blocks[4] == Spawn(id="s", count=src.Value(), join="sj", keep_value=True)
    assert read.blocks[5] == Task(id="k", kernel="dot", config=32, parallel=1)
    assert read.flows[0] == Flow(source="a", target="f", words=7, first=8)
    assert read.flows[5] == Flow(source="b", target="a", loop=True, max_rounds=3)
    assert read.flows[1] == Flow(source="f", target="j", words=0, loop=False, max_rounds=255)


@pytest.mark.parametrize(
    ("cycles", "source"),
    [
        (1, src.Const(1)),
        ("value", src.Value()),
        ({"affine": [-65535, 65535]}, src.Affine(-65535, 65535)),
        ({"quantiles": list(range(1, 17))}, src.Quantiles(tuple(range(1, 17)))),
        ({"scenes": {"q": 3, "x_note": "skipped"}}, src.Scenes((("q", src.Const(3)),))),
        ({"replay": [[[1, 2], [3]]]}, src.Replay((((1, 2), (3,)),))),
    ],
)
def test_number_sources(cycles, source):
    assert workflow_from_json(json.dumps(task(cycles=cycles))).blocks[0].cycles == source


BAD_TEXT = {
    '{"owg": 1,\n  "name" 3}': "line 2 column 10: broken JSON: Expecting ':' delimiter; correct the file there",
    "": "line 1 column 1: broken JSON: Expecting value; correct the file there",
    "[" * 100_000: "nested too deeply; keep to 64 levels",
    '{"x_a": ' + "[" * 65 + "]" * 65 + "}": "nested too deeply; keep to 64 levels",
    '{"\\ud800": 1}': "unknown key '\\ud800' in a workflow; known: 'owg', 'name', 'description', 'blocks', "
    "'entry', 'flows'",
    '{"owg": NaN}': "broken JSON: NaN is no JSON number; give plain numbers",
    '{"a": 1, "a": 2}': "duplicate key 'a'; keep one of them",
    '{"blocks": [{}, {"id": "a", "x": 1, "id": "b"}]}': "blocks[1]: duplicate key 'id'; keep one of them",
    "[]": "a workflow is a JSON object, not an array",
}


@pytest.mark.parametrize("text", BAD_TEXT, ids=lambda text: text[:20])
def test_bad_text(text):
    assert refusal(text) == "w.json: " + BAD_TEXT[text]


WORD = "give a whole number from"
BAD_TASKS = [
    ({"cycle": 5}, "blocks[0]: unknown key 'cycle' in a task; did you mean 'cycles'?"),
    ({"zzz": 5}, "blocks[0]: unknown key 'zzz' in a task; known: 'id', 'kind', 'cycles', 'kernel', 'value', "
     "'config', 'parallel'"),
    ({"kernel": "k"}, "blocks[0]: task 'a' needs exactly one of 'cycles' and 'kernel'"),
    ({"kind": "tusk"}, "blocks[0].kind: unknown kind 'tusk'; did you mean 'task'?"),
    ({"id": "all"}, "blocks[0].id: 'all' is no block id; use letters, digits and _, not a digit first, and not 'all'"),
    ({"id": "9a"}, "blocks[0].id: '9a' is no block id; use letters, digits and _, not a digit first, and not 'all'"),
    ({"id": "é"}, "blocks[0].id: 'é' is no block id; use letters, digits and _, not a digit first, and not 'all'"),
    ({"id": 3}, "blocks[0].id: give a string, not a number"),
    ({"cycles": 0}, f"blocks[0].cycles: 0 is out of range; {WORD} 1 to 65535"),
    ({"cycles": 65536}, f"blocks[0].cycles: 65536 is out of range; {WORD} 1 to 65535"),
    ({"cycles": 10**400}, f"blocks[0].cycles: the number is out of range; {WORD} 1 to 65535"),
    ({"cycles": 2.5}, "blocks[0].cycles: give a number source: a whole number, \"value\", or an object with one of "
     "'affine', 'quantiles', 'scenes', 'replay'"),
    ({"cycles": True}, "blocks[0].cycles: give a number source: a whole number, \"value\", or an object with one of "
     "'affine', 'quantiles', 'scenes', 'replay'"),
    ({"cycles": {}}, "blocks[0].cycles: a number source has exactly one of 'affine', 'quantiles', 'scenes', 'replay', "
     "not 0"),
    ({"cycles": {"quantile": [1]}}, "blocks[0].cycles: unknown key 'quantile' in a number source; did you mean "
     "'quantiles'?"),
    ({"cycles": {"quantiles": [3, 0]}}, f"blocks[0].cycles.quantiles[1]: 0 is out of range; {WORD} 1 to 65535"),
    ({"cycles": {"quantiles": []}}, "blocks[0].cycles.quantiles: give 1 to 16 numbers, not 0"),
    ({"cycles": {"quantiles": [1] * 17}}, "blocks[0].cycles.quantiles: give 1 to 16 numbers, not 17"),
    ({"cycles": {"affine": [1]}}, "blocks[0].cycles.affine: give two numbers [a, b] for a + b x value, not 1"),
    ({"cycles": {"affine": [1, -65536]}},
     f"blocks[0].cycles.affine[1]: -65536 is out of range; {WORD} -65535 to 65535"),
    ({"cycles": {"affine": [1, "2"]}}, f'blocks[0].cycles.affine[1]: {WORD} -65535 to 65535, not the string "2"'),
    ({"cycles": {"scenes": {}}}, "blocks[0].cycles.scenes: give at least one scene"),
    ({"cycles": {"scenes": [1]}}, 'blocks[0].cycles.scenes: give an object {"NAME": source, ...}'),
    ({"cycles": {"scenes": {"": 1}}}, "blocks[0].cycles.scenes: the string is empty; give a name"),
    ({"cycles": {"scenes": {"q": 0}}}, f"blocks[0].cycles.scenes.q: 0 is out of range; {WORD} 1 to 65535"),
    ({"cycles": {"replay": [[[1], []]]}}, "blocks[0].cycles.replay[0][1]: the array is empty; give recorded numbers by "
     "[instance][round][index]"),
    ({"cycles": {"replay": [[[1], [0]]]}}, f"blocks[0].cycles.replay[0][1][0]: 0 is out of range; {WORD} 1 to 65535"),
    ({"cycles": {"thresholds": [1]}}, "blocks[0].cycles: unknown key 'thresholds' in a number source; known: 'affine', "
     "'quantiles', 'scenes', 'replay'"),
    ({"value": -1}, f"blocks[0].value: -1 is out of range; {WORD} 0 to 65535"),
    ({"config": 65536}, f"blocks[0].config: 65536 is out of range; {WORD} 0 to 65535"),
    ({"config": None}, f"blocks[0].config: {WORD} 0 to 65535, not null"),
    ({"parallel": 3}, "blocks[0].parallel: 3 is out of range; give 1, 2 or 4"),
    ({"parallel": 8}, f"blocks[0].parallel: 8 is out of range; {WORD} 1 to 4"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "message"), BAD_TASKS)
def test_bad_tasks(keys, message):
    assert refusal(task(**keys)) == "w.json: " + message


BAD_DOCUMENTS = [
    (workflow(TASK, END, owg=2), "owg: format 2 is not known; this program reads format 1"),
    (workflow(TASK, END, nam=2), "unknown key 'nam' in a workflow; did you mean 'name'?"),
    (workflow(TASK, END, name=""), "name: the string is empty; give a name"),
    (workflow(TASK, END, name="\ud800"), "name: the string holds half of a surrogate pair; write the character itself"),
    (workflow(TASK, END, blocks=7), "blocks: give a JSON array, not a number"),
    (workflow(TASK, 7), "blocks[1]: a block is a JSON object, not a number"),
    (workflow({"id": "a"}, END), "blocks[0]: a block needs the key 'kind'"),
    (workflow({"kind": "end"}, END), "blocks[0]: an end needs the key 'id'"),
    (workflow({"id": "s", "kind": "spawn", "count": 1}), "blocks[0]: a spawn needs the key 'join'"),
    (workflow({"id": "j", "kind": "join", "of": "all", "value": "min"}),
     "blocks[0].value: unknown way 'min' to collect values; known: 'sum', 'max', 'count'"),
    (workflow({"id": "s", "kind": "spawn", "count": 1, "join": "j", "keep_value": 1}),
     "blocks[0].keep_value: give true or false, not a number"),
    (workflow({"id": "b", "kind": "branch", "choose": {"thresholds": [-1]}}),
     f"blocks[0].choose.thresholds[0]: -1 is out of range; {WORD} 0 to 65535"),
    (workflow(TASK, END, flows=[("a", "z", {"word": 1})]),
     "flows[0]: unknown key 'word' in a flow; did you mean 'words'?"),
    (workflow(TASK, END, flows=[("a", "z", {"words": -1})]), f"flows[0].words: -1 is out of range; {WORD} 0 to 16383"),
    (workflow(TASK, END, flows=[("a", "z", {"first": 16384})]),
     f"flows[0].first: 16384 is out of range; {WORD} 0 to 16380"),
    (workflow(TASK, END, flows=[("a", "z", {"first": 6})]), "flows[0].first: 6 is not a multiple of 4; give 4 or 8"),
    (workflow(TASK, END, flows=[("a", "z", {"stride": 16379})]),
     "flows[0].stride: 16379 is not a multiple of 4; give 16376 or 16380"),
    (workflow(TASK, END, flows=[("a", "z", {"max_rounds": 1})]),
     'flows[0].max_rounds: belongs to a back edge; add "loop": true or leave it out'),
    (workflow(TASK, END, flows=[("a", "a", {"loop": True, "max_rounds": 256})]),
     f"flows[0].max_rounds: 256 is out of range; {WORD} 1 to 255"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "message"), BAD_DOCUMENTS)
def test_bad_documents(document, message):
    assert refusal(document) == "w.json: " + message


def test_missing_key():
    document = workflow(TASK, END)
    del document["entry"]
    assert refusal(document) == "w.json: a workflow needs the key 'entry'"


def test_bad_files(tmp_path):
    latin = tmp_path / "latin.owg.json"
    latin.write_bytes(b'{"owg": 1, "name": "caf\xe9"}')
    messages = {
        tmp_path / "none.owg.json": "no such file; check the path",
        tmp_path: "is a directory; name a workflow or workload file in it",
        latin: "byte 23: not UTF-8; save the file as UTF-8",
        latin / "below": "cannot be read: Not a directory",
        "nul\0": "nul\0: cannot be read: embedded null byte",
    }
    for path, message in messages.items():
        with pytest.raises(InputError) as caught:
            load_workflow(path)
        assert str(caught.value).endswith(message)
        assert str(caught.value).startswith(str(path))
