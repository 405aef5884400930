# SPDX-License-Identifier: Apache-2.0
import doctest

import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.owg import builder, load_workflow, save
from octopus_hw.owg.builder import WorkflowBuilder, affine, quantiles, replay, scenes, thresholds
from tests.owg.samples import EXAMPLES


def test_docstring():
    assert doctest.testmod(builder).failed == 0


def test_builds_the_example(tmp_path):
    example = load_workflow(EXAMPLES / "face_recognition.owg.json")
    b = WorkflowBuilder(example.name, example.description)
    number = scenes(quiet=quantiles(0, 1, 1, 2), crowd={"quantiles": [3, 4, 5, 8]})
    detect = b.task("detect", quantiles(180, 200, 220, 400), value=number, config=64)
    faces = b.spawn("faces", "value")
    embed = b.task("embed", affine(200, 10), config=128)
    known = b.branch("known", quantiles(0, 0, 0, 1))
    enroll = b.task("enroll", 500)
    gather = b.join("gather", of=faces, value="count")
    report = b.task("report", affine(40, 5), config=16)
    done = b.end("done")
    b.flow(detect, faces, words=64)
    b.flow(faces, embed, words=16)
    b.flow(embed, known)
    b.flow(known, gather, words=4)
    b.flow(known, enroll, words=16)
    b.flow(enroll, gather, words=4)
    b.path(gather, report, done)
    assert b.build() == example
    save(b.build(), tmp_path / "w.owg.json")
    assert load_workflow(tmp_path / "w.owg.json") == b.build()


def every_construct():
    b = WorkflowBuilder("all")
    b.task("a", kernel="dot", parallel=2)
    b.fork("f")
    b.join("j", value="sum")
    b.branch("b", thresholds(1, 2))
    b.task("r", replay([[[3]]]), value=scenes(q=1))
    b.spawn("s", 2, keep_value=True)
    b.join("sj", of="s")
    b.end()
    b.path("a", "f", "j", "b", words=2)
    b.flow("f", "j")
    b.flow("b", "a", loop=True, max_rounds=4)
    b.path("b", "r")
    b.flow("r", "s", words=8, first=4)
    b.flow("s", "sj", words=4, first=4, stride=0)
    b.flow("sj", "end", words=8)
    return b.build(entry="a")


def test_builds_every_other_construct():
    workflow = every_construct()
    assert workflow.blocks[0].parallel == 2
    assert workflow.blocks[5].join == "sj"
    assert [flow.max_rounds for flow in workflow.flows if flow.loop] == [4]


def test_refuses_just_as_a_file_is_refused():
    b = WorkflowBuilder("mine")
    b.task("a", quantiles(*range(17)))
    with pytest.raises(InputError) as caught:
        b.build()
    message = "blocks[0].cycles.quantiles[0]: 0 is out of range; give a whole number from 1 to 65535"
    assert str(caught.value) == f"workflow 'mine': {message}"
    b = WorkflowBuilder("mine")
    b.path(b.task("a", 5), b.spawn("s", 1), b.end())
    with pytest.raises(InputError) as caught:
        b.build()
    assert str(caught.value) == "workflow 'mine': blocks[1]: a spawn needs the key 'join'"
    with pytest.raises(InputError) as caught:
        WorkflowBuilder("empty").build()
    message = "blocks: there is no end; add a block of kind 'end' that all work leads to"
    assert str(caught.value) == f"workflow 'empty': {message}"
