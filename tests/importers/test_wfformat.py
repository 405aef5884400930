# SPDX-License-Identifier: Apache-2.0
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.importers import FORMATS, Options, convert, from_wfformat, read_file
from octopus_hw.importers.graph import Data
from octopus_hw.importers.wfformat import read_wfformat
from octopus_hw.owg.document import Node

from .samples import check_faithful


def task(number: int, program: str, parents: list[str], reads: list[str], writes: list[str]) -> dict[str, Any]:
    name = f"{program}_ID{number:04}"
    return {"id": name, "name": name, "parents": parents, "children": [], "inputFiles": reads, "outputFiles": writes}


def run(number: int, program: str, seconds: float) -> dict[str, Any]:
    return {"id": f"{program}_ID{number:04}", "runtimeInSeconds": seconds, "command": {"program": program}}


WORKERS = range(2, 7)
TASKS = [
    task(1, "split", [], ["in"], [f"part{n}" for n in WORKERS]),
    *(task(n, "work", ["split_ID0001"], ["in", f"part{n}"], [f"out{n}", f"log{n}"]) for n in WORKERS),
    task(7, "merge", [f"work_ID{n:04}" for n in WORKERS], [f"out{n}" for n in WORKERS], ["all"]),
]
RUNS = [run(1, "split", 0.5), *(run(n, "work", n / 10) for n in WORKERS), run(7, "merge", 1.25)]
SIZES = {"in": 999, "all": 10} | {f"part{n}": 100 * n for n in WORKERS} | {f"out{n}": 4 for n in WORKERS}
RECORD: dict[str, Any] = {
    "name": "small",
    "schemaVersion": "1.5",
    "workflow": {
        "specification": {
            "tasks": TASKS,
            "files": [{"id": file, "sizeInBytes": size} for file, size in SIZES.items()],
        },
        "execution": {"makespanInSeconds": 3, "tasks": RUNS},
    },
}


def test_a_recorded_run() -> None:
    graph = read_wfformat(Node("small.json", "", RECORD))
    assert graph.data["split_ID0001", "work_ID0003"] == Data(size=300)
    assert graph.data["work_ID0003", "merge_ID0007"] == Data(size=4)
    imported = check_faithful(graph, cycle="10ms")
    assert [block.id for block in imported.workflow.blocks] == [
        "split_ID0001", "spawn_work", "work", "join_work", "merge_ID0007", "end",
    ]  # fmt: skip
    assert imported.times.cycles["work_ID0004"] == 40 and imported.chain == 50 + 60 + 125
    assert from_wfformat(RECORD, cycle="10ms") == imported.workflow


def test_children_are_as_good_as_parents() -> None:
    record = copy.deepcopy(RECORD)
    for one in record["workflow"]["specification"]["tasks"]:
        for parent in one.pop("parents"):
            other = next(t for t in record["workflow"]["specification"]["tasks"] if t["id"] == parent)
            other["children"].append(one["id"])
    graph, known = (read_wfformat(Node("f", "", r)) for r in (record, RECORD))
    assert graph.data == known.data


def older(tasks: str, runtime: str, size: str) -> dict[str, Any]:
    """The record as versions before 1.5 tell it."""
    old = []
    for new, timed in zip(TASKS, RUNS, strict=True):
        links = [("input", file) for file in new["inputFiles"]] + [("output", file) for file in new["outputFiles"]]
        files = [{"link": link, "name": file, size: SIZES.get(file, 0)} for link, file in links]
        number = new["id"].split("_")[1]
        old.append({"name": new["id"], "id": number, "parents": new["parents"], "files": files})
        old[-1] |= {runtime: timed["runtimeInSeconds"], "category": timed["command"]["program"]}
    old[-1]["parents"] = [name.split("_")[1] for name in old[-1]["parents"]]  # by id
    return {"name": "old", "schemaVersion": "1.3", "workflow": {tasks: old}}


@pytest.mark.parametrize(
    ("tasks", "runtime", "size"), [("tasks", "runtimeInSeconds", "sizeInBytes"), ("jobs", "runtime", "size")]
)
def test_older_versions(tasks: str, runtime: str, size: str) -> None:
    graph, known = (read_wfformat(Node("f", "", r)) for r in (older(tasks, runtime, size), RECORD))
    assert graph.data == known.data and graph.tasks == known.tasks


def test_from_a_file_it_is_called_as_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my run.v2.json"
    path.write_text(json.dumps(RECORD))
    assert from_wfformat(path).name == "my run" == from_wfformat(str(path)).name
    assert "wfformat" in FORMATS and read_file(path, "wfformat", "other").name == "other"


def broken(*path: Any, value: Any = None, of: dict[str, Any] = RECORD) -> dict[str, Any]:
    """A record with the value at a path replaced, or taken away if it is None."""
    record = copy.deepcopy(of)
    place: Any = record
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return record


SPECIFIED, EXECUTED = ("workflow", "specification", "tasks"), ("workflow", "execution", "tasks")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (broken("workflow"), "there is no 'workflow'"),
        (broken(*SPECIFIED), "workflow.specification: this is no WfFormat: there is no 'tasks'"),
        (broken(*SPECIFIED, 0, "id"), "tasks[0]: this is no WfFormat: there is no 'id'"),
        (broken(*SPECIFIED, 1, "id", value="split_ID0001"), "tasks[1]: a second task 'split_ID0001'"),
        (broken(*SPECIFIED, 1, "parents", value=["nobody"]), "tasks[1].parents: there is no task 'nobody'"),
        (broken(*SPECIFIED, 1, "parents", value="split"), "tasks[1].parents: give a JSON array"),
        (broken(*SPECIFIED, 0, "parents", value=["merge_ID0007"]), "wait for each other in a circle"),
        (broken(*SPECIFIED, 0, value=7), "tasks[0]: this is no WfFormat; give a JSON object"),
        (broken(*EXECUTED, 1, "runtimeInSeconds"), "no run time for 1 tasks: 'work_ID0002'"),
        (broken(*EXECUTED, 1, "runtimeInSeconds", value=-1), "tasks[1].runtimeInSeconds: -1.0 is no time"),
        (broken(*EXECUTED, 1, "runtimeInSeconds", value=[]), "tasks[1].runtimeInSeconds: [] is no number"),
        (broken(*EXECUTED, 1, "id", value="nobody"), "tasks[1]: there is no task 'nobody'"),
        (broken("workflow", "execution"), "no run time for 7 tasks: 'split_ID0001'"),
        (
            broken("workflow", "specification", "files", 0, "sizeInBytes", value="x"),
            "files[0].sizeInBytes: 'x' is no size",
        ),
    ],
)
def test_what_is_wrong_is_told(record: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        from_wfformat(record)
    assert message in str(caught.value)


def test_a_missing_time_can_be_given() -> None:
    graph = read_wfformat(Node("f", "", broken(*EXECUTED, 1, "runtimeInSeconds")))
    assert convert(graph, Options.of(cycle=0.1, missing="2s")).times.cycles["work_ID0002"] == 20


def places(value: Any, *path: Any) -> list[tuple[Any, ...]]:
    """Every path into JSON data."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [place for key, inner in items for place in places(inner, *path, key)]


@pytest.mark.parametrize("record", [RECORD, older("tasks", "runtimeInSeconds", "sizeInBytes")])
@pytest.mark.parametrize("value", [None, 3, -1.5, 10**400, "x", "", [], {}, [[]], [{}], {"x": []}, True])
def test_whatever_stands_anywhere_is_read_or_refused(record: dict[str, Any], value: Any) -> None:
    refused = 0
    for path in places(record):
        try:
            from_wfformat(broken(*path, value=value, of=record))
        except InputError:
            refused += 1
    assert refused
