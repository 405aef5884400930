# SPDX-License-Identifier: Apache-2.0
"""``import``: a recorded task graph as a workflow."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from octopus_hw.contract.config import load_config
from octopus_hw.files import Outputs
from octopus_hw.importers import FORMATS, Imported, Options, convert, read_file
from octopus_hw.importers.graph import listed
from octopus_hw.importers.units import show_size, show_time
from octopus_hw.owg.instances import DEFAULT_WINDOW
from octopus_hw.owg.save import to_json
from octopus_lab.cli import options

__all__ = ["add_arguments", "run"]

_SUFFIX = ".owg.json"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_config(parser)
    options.add_files(parser, about="the task graph")
    parser.add_argument("--from", dest="format", choices=list(FORMATS), required=True, help=" | ".join(FORMATS))
    parser.add_argument("--cycle", metavar="TIME", help="what one cycle stands for, like 1ms (default: chosen)")
    parser.add_argument("--word", metavar="SIZE", help="what one word of data stands for, like 1MB (default: chosen)")
    parser.add_argument("--missing", metavar="TIME", help="run time of tasks that have none (default: refuse them)")
    parser.add_argument("--config-words", type=int, metavar="N", help="words of each configuration (default: chosen)")
    parser.add_argument("--flat", action="store_true", help="one block for each task, no spawns")
    parser.add_argument("--out", metavar="PATH", default="build", help="a directory, or a file .json (default: build)")


def run(arguments: Namespace) -> int:
    """Write the workflow; and a workload, if a tile has room for fewer instances in flight than a bare workflow has."""
    options = Options.of(
        cycle=arguments.cycle,
        word=arguments.word,
        missing=arguments.missing,
        config_words=arguments.config_words,
        flat=arguments.flat,
        limits=load_config(arguments.config, arguments.set),
    )
    imported = convert(read_file(arguments.file, arguments.format), options)
    directory, name = _target(arguments.out, imported.graph.name)
    with Outputs(directory) as outputs:
        paths = [outputs.write(f"{name}{_SUFFIX}", to_json(imported.workflow))]
        if imported.fitted.window < DEFAULT_WINDOW:
            stream = replace(imported.workload.streams[0], owg=paths[0].name)
            workload = replace(imported.workload, streams=(stream,))
            paths.append(outputs.write(f"{name}.workload.json", to_json(workload)))
    if arguments.json:
        print(json.dumps(_report(imported, paths), indent=2))
    else:
        print("\n".join(_text(imported, paths)))
    return 0


def _target(out: str, name: str) -> tuple[Path, str]:
    """Return directory and name: `out` is a file if it looks like one."""
    path = Path(out)
    if path.name.endswith(".json"):
        return path.parent, path.name.removesuffix(".json").removesuffix(".owg")
    return path, name


def _report(imported: Imported, paths: list[Path]) -> dict[str, Any]:
    fitted, times = imported.fitted, imported.times
    return {
        "files": [str(path) for path in paths],
        "tasks": len(imported.graph.tasks),
        "edges": len(imported.graph.data),
        "edges_dropped": imported.dropped,
        "blocks": len(fitted.workflow.blocks),
        "flows": len(fitted.workflow.flows),
        "spawns": [_spawn(imported, lanes) for lanes in _spawned(imported)],
        "cycle_seconds": times.cycle,
        "tasks_raised": times.raised,
        "tasks_without_time": times.missing,
        "word_bytes": fitted.word,
        "operands_shrunk": fitted.shrunk,
        "config_words": fitted.config,
        "work": sum(times.cycles.values()),
        "critical_path": imported.chain,
        "window": fitted.window,
        "needs": fitted.needs,
        "set": imported.raised_keys,
        "exceeds": imported.exceeded_keys,
        "where": {task: list(place) for task, place in imported.where.items()},
    }


def _spawned(imported: Imported) -> list[tuple[tuple[str, ...], ...]]:
    return [stage.lanes for stage in imported.stages if stage.lanes != ((stage.heads[0],),)]


def _spawn(imported: Imported, lanes: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    return {"children": len(lanes), "blocks": [imported.where[task][0] for task in lanes[0]]}


def _text(imported: Imported, paths: list[Path]) -> list[str]:
    workflow, graph = imported.workflow, imported.graph
    lines = [
        f"{paths[0]}: workflow '{workflow.name}'",
        f"  {len(graph.tasks)} tasks and {len(graph.data)} edges became {len(workflow.blocks)} blocks, "
        f"{len(workflow.tasks)} of them tasks, and {len(workflow.flows)} flows",
    ]
    for lanes in _spawned(imported):
        spawn = _spawn(imported, lanes)
        lines.append(f"  {spawn['children']} times {' -> '.join(spawn['blocks'])}: one spawn, recorded times by index")
    if imported.dropped:
        lines.append(f"  edges left out, as others imply them and no flow table holds all: {imported.dropped}")
    return lines + _time_lines(imported) + _size_lines(imported) + _need_lines(imported, paths)


def _time_lines(imported: Imported) -> list[str]:
    times, cycles = imported.times, imported.times.cycles.values()
    lines = []
    if times.cycle is not None:
        chosen = "as asked" if imported.options.cycle else "chosen, --cycle for another"
        lines.append(f"  a cycle stands for {show_time(times.cycle)} ({chosen})")
    lines.append(f"  a task takes {min(cycles)} to {max(cycles)} cycles")
    if times.raised:
        lines.append(f"  tasks shorter than half a cycle, which take 1: {times.raised}")
    if times.missing:
        lines.append(f"  tasks without a run time, which take the one given: {times.missing}")
    lines.append(f"  work {sum(cycles)} cycles, critical path {imported.chain} cycles")
    return lines


def _size_lines(imported: Imported) -> list[str]:
    fitted = imported.fitted
    lines = []
    if fitted.word is not None:
        chosen = "as asked" if imported.options.word else "chosen, --word for another"
        lines.append(f"  a word stands for {show_size(fitted.word)} ({chosen})")
    if fitted.shrunk:
        limit = imported.options.limits.buffer_words
        lines.append(f"  operands shrunk to the {limit} words of a buffer at {listed(fitted.shrunk)}")
    lines.append(f"  configurations of {fitted.config} words, one for each of {len(fitted.workflow.tasks)} task blocks")
    return lines


def _need_lines(imported: Imported, paths: list[Path]) -> list[str]:
    lines = []
    if len(paths) > 1:
        window = imported.fitted.window
        lines.append(f"  a tile has room for {window} in flight: run {paths[1]}, which asks for no more")
    needed = dict(imported.raised_keys)
    owners = needed.pop("owner_entries", None)
    if needed:
        lines.append("  needs " + " ".join(f"--set {key}={number}" for key, number in needed.items()))
    if owners:
        lines.append(f"  static strategies need --set owner_entries={owners}")
    for key, number in imported.exceeded_keys.items():
        who = "no static strategy" if key == "owner_entries" else "no configuration"
        lines.append(f"  {who} holds it: {key} would have to be {number}")
    return lines
