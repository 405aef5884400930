# SPDX-License-Identifier: Apache-2.0
"""Read workflow and workload files, checked."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from pathlib import Path

from octopus_hw.contract.errors import nearest
from octopus_hw.owg.check import check
from octopus_hw.owg.complaints import read
from octopus_hw.owg.document import Node, parse_text, read_document
from octopus_hw.owg.file_forms import StreamFile, WorkflowFile, WorkloadFile
from octopus_hw.owg.inputs import load_inputs
from octopus_hw.owg.instances import Instances
from octopus_hw.owg.objects import Workflow
from octopus_hw.owg.parse import adapter, parse_workflow, workflow_of
from octopus_hw.owg.sources import scene_sources
from octopus_hw.owg.workload import DEFAULT_PER_TILE, Stream, Workload


def load_workflow(path: str | Path) -> Workflow:
    """Read a workflow file; whatever is wrong with it is an `InputError`."""
    return check(parse_workflow(read_document(path)))


def load_workload(path: str | Path) -> Workload:
    """Read a workload file, or a workflow file as a workload of 16 instances per tile."""
    return _workload(read_document(path), Path(path).parent)


def workflow_from_json(text: str, file: str = "workflow") -> Workflow:
    """Read a workflow from JSON text; `file` is what errors call it."""
    return check(parse_workflow(parse_text(text, file)))


def workload_from_json(text: str, file: str = "workload", folder: str | Path = ".") -> Workload:
    """Read a workload (or a bare workflow) from JSON text; the paths in it are relative to `folder`."""
    return _workload(parse_text(text, file), Path(folder))


def as_workload(workflow: Workflow) -> Workload:
    """Make the workload that a bare workflow stands for: 16 instances per tile, window 4, round robin, seed 1."""
    stream = Stream(workflow=workflow, instances_per_tile=DEFAULT_PER_TILE)
    return Workload(name=workflow.name, streams=(stream,), file=workflow.file)


def _workload(node: Node, folder: Path) -> Workload:
    if isinstance(node.value, dict) and "owg" in node and "workload" not in node:
        return as_workload(check(parse_workflow(node)))
    file: WorkloadFile = read(adapter(WorkloadFile), node, "workload")
    streams = tuple(map(partial(_stream, folder), file.streams, node["streams"].items()))
    return Workload(name=file.name, description=file.description, seed=file.seed, streams=streams, file=node.file)


def _stream(folder: Path, file: StreamFile, node: Node) -> Stream:
    workflow = _workflow(file.owg, node["owg"], folder)
    for number, (scene, _) in enumerate(file.scenes):
        _check_scene(scene, Node(node.file, f"{node.place}.scenes[{number}][0]", scene), workflow)
    said = {one.name: getattr(file, one.name) for one in fields(Instances)}
    rows = None if file.inputs is None else load_inputs(folder / file.inputs)
    return Stream(workflow=workflow, owg=file.owg if isinstance(file.owg, str) else None, rows=rows, **said)


def _workflow(owg: str | WorkflowFile, node: Node, folder: Path) -> Workflow:
    if not isinstance(owg, str):
        return check(workflow_of(owg, node))
    document = read_document(folder / owg)
    if isinstance(document.value, dict) and "workload" in document:
        raise node.error(f"'{owg}' is a workload; name a workflow file")
    return check(parse_workflow(document))


def _check_scene(scene: str, node: Node, workflow: Workflow) -> None:
    """Refuse a scene that a source of the workflow lacks."""
    for number, block in enumerate(workflow.blocks):
        for key, source in block.sources().items():
            for inner in scene_sources(source):
                names = [known for known, _ in inner.pairs]
                if scene not in names:
                    where = f"blocks[{number}].{key} ('{block.id}') of '{workflow.name}'"
                    raise node.error(f"{where} lacks the scene '{scene}'; {nearest(scene, names)}")
