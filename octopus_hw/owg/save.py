# SPDX-License-Identifier: Apache-2.0
"""Write workflows and workloads as JSON that reads back as the same objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, assert_never

from octopus_hw.files import write
from octopus_hw.owg import sources as src
from octopus_hw.owg.file_forms import FORMAT
from octopus_hw.owg.instances import DEFAULT_WINDOW
from octopus_hw.owg.objects import (
    DEFAULT_CONFIG,
    MAX_ROUNDS,
    Block,
    Branch,
    End,
    Flow,
    Fork,
    Join,
    Spawn,
    Task,
    Workflow,
)
from octopus_hw.owg.workload import Stream, Workload


def source_to_json(source: src.NumberSource) -> Any:
    """Return a number source as JSON data."""
    match source:
        case src.Const(number):
            return number
        case src.Value():
            return "value"
        case src.Affine(a, b):
            return {"affine": [a, b]}
        case src.Quantiles(numbers):
            return {"quantiles": list(numbers)}
        case src.Thresholds(thresholds):
            return {"thresholds": list(thresholds)}
        case src.Scenes(pairs):
            return {"scenes": {name: source_to_json(inner) for name, inner in pairs}}
        case src.Replay(numbers):
            return {"replay": [[list(indices) for indices in rounds] for rounds in numbers]}
    raise TypeError(f"{source!r} is no number source of a workflow file")


def _said(data: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is at its default."""
    return {key: value for key, value in data.items() if key not in defaults or value != defaults[key]}


def _block(block: Block) -> dict[str, Any]:
    named = {"id": block.id, "kind": block.kind}
    sources = {key: source_to_json(source) for key, source in block.sources().items()}
    match block:
        case Task():
            sizes = _said(
                {"config": block.config, "parallel": block.parallel}, {"config": DEFAULT_CONFIG, "parallel": 1}
            )
            return named | _said({"kernel": block.kernel}, {"kernel": None}) | sources | sizes
        case Spawn():
            return (
                named | sources | {"join": block.join} | _said({"keep_value": block.keep_value}, {"keep_value": False})
            )
        case Join():
            return named | {"of": block.of} | _said({"value": block.collect}, {"value": None})
        case Fork() | Branch() | End():
            return named | sources
        case missing:
            assert_never(missing)


def _flow(flow: Flow) -> dict[str, Any]:
    slices = {"words": flow.words, "first": flow.first, "stride": flow.stride}
    loops = {"loop": flow.loop, "max_rounds": flow.max_rounds}
    defaults = dict.fromkeys(slices, 0) | {"loop": False, "max_rounds": MAX_ROUNDS}
    return _said({"from": flow.source, "to": flow.target} | slices | loops, defaults)


def _stream(stream: Stream) -> dict[str, Any]:
    homes = stream.homes if isinstance(stream.homes, str) else {"weights": list(stream.homes)}
    data = {
        "owg": workflow_to_json(stream.workflow) if stream.owg is None else stream.owg,
        "instances": stream.instances,
        "instances_per_tile": stream.instances_per_tile,
        "window": DEFAULT_WINDOW if stream.is_open else stream.window,
        "period": stream.period,
        "jitter": stream.jitter,
        "start": stream.start,
        "arrivals": None if stream.arrivals is None else list(stream.arrivals),
        "deadline": stream.deadline,
        "homes": homes,
        "scenes": [list(scene) for scene in stream.scenes],
        "inputs": stream.inputs,
    }
    defaults = dict.fromkeys(("instances", "instances_per_tile", "period", "arrivals", "deadline", "inputs"))
    return _said(data, defaults | {"window": DEFAULT_WINDOW, "jitter": 0, "start": 0, "scenes": []})


def workflow_to_json(workflow: Workflow) -> dict[str, Any]:
    """Return a workflow as JSON data."""
    return {
        "owg": FORMAT,
        "name": workflow.name,
        **_said({"description": workflow.description}, {"description": ""}),
        "blocks": [_block(block) for block in workflow.blocks],
        "entry": workflow.entry,
        "flows": [_flow(flow) for flow in workflow.flows],
    }


def workload_to_json(workload: Workload) -> dict[str, Any]:
    """Return a workload as JSON data; a stream keeps the path it was read with, or else embeds its workflow."""
    return {
        "workload": FORMAT,
        "name": workload.name,
        **_said({"description": workload.description}, {"description": ""}),
        "seed": workload.seed,
        "streams": [_stream(stream) for stream in workload.streams],
    }


def to_json(thing: Workflow | Workload) -> str:
    """Return a workflow or workload as the text of its file: one line per block, flow and stream."""
    data = workflow_to_json(thing) if isinstance(thing, Workflow) else workload_to_json(thing)
    lines = []
    for key, value in data.items():
        if isinstance(value, list) and value:
            rows = ",\n".join("    " + json.dumps(element, ensure_ascii=False) for element in value)
            lines.append(f"  {json.dumps(key)}: [\n{rows}\n  ]")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def save(thing: Workflow | Workload, path: str | Path) -> None:
    """Write a workflow or workload file."""
    write(Path(path), to_json(thing))
