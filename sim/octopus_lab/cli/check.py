# SPDX-License-Identifier: Apache-2.0
"""``check``: what a workflow or workload is, and what it needs; or what is wrong with it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import Any

from octopus_hw.contract.codes import Pool
from octopus_hw.contract.config import Config, load_config
from octopus_hw.contract.errors import InputError
from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.image.compile import place_workload, task_numbers
from octopus_hw.image.dead import dead_masks
from octopus_hw.image.limits import WHAT, require_all
from octopus_hw.image.needs import Needs, needs_of
from octopus_hw.image.schedule import Schedule, schedule, worth
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.profile import Profile, TaskProfile, profile
from octopus_hw.owg.workload import Stream, Workload
from octopus_lab.cli import options
from octopus_lab.table import number, plain

__all__ = ["add_arguments", "run"]

#: What a CBU does with tokens for a Task Block.
_POOLS = {
    Pool.SPREAD: ("spread", "to the emptiest TBU; if none has an idle PEA, to a tile that has promised a place"),
    Pool.FILL: ("fill", "into a busy TBU's gap first; if none has an idle PEA, to a tile that has promised a place"),
    Pool.STAY: ("stay", "on its TBU while that has an idle PEA, so that its configuration stays there"),
}

_HEADINGS = ("task", "executions", "cycles", "weight", "pool", "class")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_config(parser)
    options.add_files(parser, "+")
    options.add_mesh(parser)
    options.add_seed(parser)
    options.add_disable(parser)


def run(arguments: Namespace) -> int:
    """Check every file; 2 if any of them is wrong."""
    config = load_config(arguments.config, arguments.set)
    reports = []
    for file in arguments.files:
        try:
            reports.append(_report(file, config, arguments))
        except InputError as error:
            print(f"error: {error}", file=sys.stderr)
            reports.append({"file": file, "error": str(error)})
            continue
        if not arguments.json:
            print(_text(reports[-1]))
    if arguments.json:
        print(json.dumps({"files": reports}, indent=2))
    return 2 if any("error" in report for report in reports) else 0


def _report(file: str, config: Config, arguments: Namespace) -> dict[str, Any]:
    workload = load_workload(file)
    columns, rows = arguments.mesh or _any_mesh(workload)
    masks = dead_masks(arguments.disable, columns, rows, config)
    resolved = place_workload(workload, columns, rows, config, masks, arguments.seed)
    needs = needs_of(workload, config, resolved if arguments.mesh else None)
    require_all(workload.file, needs.by_key, config)
    known = profile(resolved)
    plan = schedule(needs.flows.rows, task_numbers(workload), STRATEGIES["octopus"], known, config)
    return {
        "file": file,
        "workload": workload.name,
        "streams": [_stream(number, stream, needs, known, plan) for number, stream in enumerate(workload.streams)],
        "unit": plan.unit,
        "library_words": needs.library_words,
        "needs": {key: {"needed": needed, "available": getattr(config, key)} for key, needed in needs.by_key.items()},
    }


def _any_mesh(workload: Workload) -> tuple[int, int]:
    """Return the mesh on which a workload is looked at if none is given: one tile, or as many as have weights."""
    weights = [len(stream.homes) for stream in workload.streams if not isinstance(stream.homes, str)]
    return max(weights, default=1), 1


def _stream(number: int, stream: Stream, needs: Needs, known: Profile, plan: Schedule) -> dict[str, Any]:
    workflow, home, part = stream.workflow, needs.homes[number], known.streams[number]
    return {
        "workflow": workflow.name,
        "blocks": len(workflow.blocks),
        "tasks": len(workflow.tasks),
        "flows": len(workflow.flows),
        "arrivals": "open" if stream.is_open else "closed",
        "work": asdict(part.work),
        "longest_chain": asdict(part.chain),
        "home": {"records": home.records, "join_records": home.joins, "words": home.store},
        "profile": [_task(task, plan) for task in known.tasks if task.stream == number],
    }


def _task(task: TaskProfile, plan: Schedule) -> dict[str, Any]:
    pool = Pool(plan.pools[task.block])
    pinned_tbu = plan.pinned[task.block] if pool == Pool.STAY else None
    return {
        "block": task.block,
        "id": task.id,
        "executions": asdict(task.executions),
        "cycles": asdict(task.cycles),
        "dynamics": task.dynamics,
        "reason": task.reason,
        "pool": _POOLS[pool][0],
        "pinned_tbu": pinned_tbu,
        "weight": worth(plan.weights[task.block]),
    }


def _spread(spread: dict[str, Any]) -> str:
    if spread["low"] == spread["high"]:
        return number(spread["mean"])
    return f"{number(spread['mean'])} ({spread['low']} to {spread['high']})"


def _text(report: dict[str, Any]) -> str:
    lines = [f"{report['file']}: workload '{report['workload']}', streams: {len(report['streams'])}"]
    for position, stream in enumerate(report["streams"]):
        home = stream["home"]
        lines += [
            f"  stream {position}: workflow '{stream['workflow']}', {stream['arrivals']} arrivals",
            f"    blocks {stream['blocks']} (tasks {stream['tasks']}), flows {stream['flows']}",
            f"    work {_spread(stream['work'])} cycles, longest chain {_spread(stream['longest_chain'])} cycles",
            f"    at home, per instance: records {home['records']}, join records {home['join_records']}, "
            f"words {home['words']}",
            plain(_HEADINGS, [_row(task, report["unit"]) for task in stream["profile"]], indent="    "),
        ]
    lines += _legend(report)
    lines.append(f"  configurations: {report['library_words']} words in the home store of the tile that has most")
    needs = [(key, need["needed"], need["available"], WHAT[key]) for key, need in report["needs"].items()]
    lines.append(plain(("key", "needed", "has", "for"), needs, indent="  "))
    return "\n".join(lines)


def _row(task: dict[str, Any], unit: int) -> tuple[Any, ...]:
    place = "stay on TBU {}".format(task["pinned_tbu"]) if task["pool"] == "stay" else task["pool"]
    why = f"{task['dynamics']}: {task['reason']}"
    return task["id"], _spread(task["executions"]), _spread(task["cycles"]), task["weight"] * unit, place, why


def _legend(report: dict[str, Any]) -> list[str]:
    """Explain the pools that occur, and weights."""
    used = {task["pool"] for stream in report["streams"] for task in stream["profile"]}
    if not used:
        return []
    return [
        f"  weight: cycles for which a token counts, to the next decision (3, 4, 6, ... 384 units of {report['unit']})",
        *(f"  {name}: {what}" for name, what in _POOLS.values() if name in used),
    ]
