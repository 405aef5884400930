# SPDX-License-Identifier: Apache-2.0
"""Read workflow and workload files, checked."""

from __future__ import annotations

from pathlib import Path

from octopus_hw.contract.layout import LAST_DUE
from octopus_hw.owg.check import check
from octopus_hw.owg.document import Node, nearest, parse_text, read_document
from octopus_hw.owg.homes import HOMES, ROUND_ROBIN
from octopus_hw.owg.objects import Workflow
from octopus_hw.owg.parse import parse_version, parse_workflow
from octopus_hw.owg.sources import scene_sources
from octopus_hw.owg.workload import DEFAULT_PER_TILE, DEFAULT_SEED, DEFAULT_WINDOW, MAX_INSTANCES, Stream, Workload

#: Largest seed, period and deadline.
WORD = (1 << 32) - 1

_STREAM_KEYS = (
    "owg",
    "instances",
    "instances_per_tile",
    "window",
    "period",
    "jitter",
    "start",
    "arrivals",
    "deadline",
    "homes",
    "scenes",
)


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
    node.object(("workload", "name", "description", "seed", "streams"), ("workload", "name", "streams"), "a workload")
    parse_version(node, "workload")
    streams = tuple(_stream(stream, folder) for stream in node["streams"].items())
    if not streams:
        raise node["streams"].error("give at least one stream")
    return Workload(
        name=node["name"].name(),
        description=node["description"].string() if "description" in node else "",
        seed=node["seed"].integer(0, WORD) if "seed" in node else DEFAULT_SEED,
        streams=streams,
        file=node.file,
    )


def _stream(node: Node, folder: Path) -> Stream:
    node.object(_STREAM_KEYS, ("owg",), "a stream")
    _check_arrivals(node)

    def integer(key: str, low: int, high: int, default: int | None = None) -> int | None:
        return node[key].integer(low, high) if key in node else default

    workflow = _workflow(node["owg"], folder)
    return Stream(
        workflow=workflow,
        owg=node["owg"].value if isinstance(node["owg"].value, str) else None,
        instances=integer("instances", 1, MAX_INSTANCES),
        instances_per_tile=integer("instances_per_tile", 1, MAX_INSTANCES),
        window=node["window"].integer(1, 65535) if "window" in node else DEFAULT_WINDOW,
        period=integer("period", 1, WORD),
        jitter=node["jitter"].integer(0, LAST_DUE) if "jitter" in node else 0,
        start=node["start"].integer(0, LAST_DUE) if "start" in node else 0,
        arrivals=_arrivals(node["arrivals"]) if "arrivals" in node else None,
        deadline=integer("deadline", 1, WORD),
        homes=_homes(node["homes"]) if "homes" in node else ROUND_ROBIN,
        scenes=_scenes(node["scenes"], workflow) if "scenes" in node else (),
    )


def _check_arrivals(node: Node) -> None:
    if "instances" in node and "instances_per_tile" in node:
        raise node["instances_per_tile"].error("give either 'instances' or 'instances_per_tile'")
    if "instances" not in node and "instances_per_tile" not in node and "arrivals" not in node:
        raise node.error("how many? give 'instances' or 'instances_per_tile'")
    for one, other in (("window", "period"), ("window", "arrivals"), ("period", "arrivals")):
        if one in node and other in node:
            raise node[one].error(f"goes not with '{other}'; closed loop has 'window', open 'period' or 'arrivals'")
    for key in ("jitter", "start"):
        if key in node and "period" not in node:
            raise node[key].error("belongs to open arrivals at a rate; add 'period' or leave it out")


def _workflow(node: Node, folder: Path) -> Workflow:
    if not isinstance(node.value, str):
        return check(parse_workflow(node))
    path = folder / node.name()
    document = read_document(path)
    if isinstance(document.value, dict) and "workload" in document:
        raise node.error(f"'{node.value}' is a workload; name a workflow file")
    return check(parse_workflow(document))


def _arrivals(node: Node) -> tuple[int, ...]:
    cycles = node.integers(0, LAST_DUE)
    if not cycles:
        raise node.error("give at least one cycle")
    for number in range(1, len(cycles)):
        if cycles[number] < cycles[number - 1]:
            message = f"cycle {cycles[number]} comes after {cycles[number - 1]}; sort the arrivals"
            raise Node(node.file, f"{node.place}[{number}]", None).error(message)
    return cycles


def _homes(node: Node) -> str | tuple[int, ...]:
    if isinstance(node.value, dict):
        weights = node.object(("weights",), ("weights",), "homes")["weights"]
        if not any(weights.integers(0, 65535)):
            raise weights.error("give at least one weight that is not 0")
        return weights.integers(0, 65535)
    if node.string() not in HOMES:
        raise node.error(f"unknown homes '{node.value}'; {nearest(node.value, HOMES)}")
    return node.string()


def _scenes(node: Node, workflow: Workflow) -> tuple[tuple[str, int], ...]:
    scenes = []
    for scene in node.items():
        pair = list(scene.items())
        if len(pair) != 2:
            raise scene.error('give a scene and a number of instances, like ["quiet", 32]')
        name, count = pair[0].name(), pair[1].integer(1, MAX_INSTANCES)
        for number, block in enumerate(workflow.blocks):
            for key, source in block.sources().items():
                for inner in scene_sources(source):
                    names = [known for known, _ in inner.pairs]
                    if name not in names:
                        where = f"blocks[{number}].{key} ('{block.id}') of '{workflow.name}'"
                        raise pair[0].error(f"{where} lacks the scene '{name}'; {nearest(name, names)}")
        scenes.append((name, count))
    if not scenes:
        raise node.error("give at least one scene, or leave 'scenes' out")
    return tuple(scenes)
