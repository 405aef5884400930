# SPDX-License-Identifier: Apache-2.0
"""Commands and their options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, NoReturn

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.contract.strategies import MECHANISMS, STRATEGIES, strategy
from octopus_hw.image.compile import check_mesh
from octopus_hw.importers import FORMATS
from octopus_lab.cli import bench, check, compare, demo, generate, import_, run

__all__ = ["build_parser"]

_SEVERAL = "see below; can be given several times; default: all presets"


class _Parser(argparse.ArgumentParser):
    """A parser that tells what is wrong in one line."""

    def __init__(self, **keys: Any) -> None:
        keys.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **keys)

    def error(self, message: str) -> NoReturn:
        raise InputError("", "", f"{message}; see {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            near = get_close_matches(value, action.choices, 1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(action.choices)}"
            name = action.option_strings[0] if action.option_strings else "command"
            raise InputError(name, str(value), f"is not known; {hint}")


def mesh(text: str) -> tuple[int, int]:
    """Read columns and rows like ``4x2``."""
    match = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text, re.ASCII)
    if match is None:
        raise InputError("--mesh", text, "is no mesh; give columns and rows, like 4x2")
    columns, rows = int(match[1]), int(match[2])
    check_mesh(columns, rows)
    return columns, rows


def seed(text: str) -> int:
    """Read a 32-bit seed."""
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or int(text) >> 32:
        raise InputError("--seed", text, "is no seed; give a whole number from 0 to 4294967295")
    return int(text)


def processes(text: str) -> int:
    """Read a number of processes."""
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not int(text):
        raise InputError("--jobs", text, "is no number of processes; give 1 or more")
    return int(text)


def strategy_name(text: str) -> str:
    """Read the name of a strategy: a preset, perhaps with mechanisms added or left out."""
    return strategy(text).name


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; each command's function is its ``command``."""
    parser = _Parser(prog="octopus-hw", description="Octopus: workflows on scale-out spatial hardware.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _check(commands)
    _generate(commands)
    _run(commands)
    _compare(commands)
    _bench(commands)
    _import(commands)
    _demo(commands)
    return parser


def _add(commands: Any, name: str, command: Any, help: str, epilog: str | None = None) -> argparse.ArgumentParser:
    part: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help, epilog=epilog)
    part.set_defaults(command=command)
    part.add_argument("--json", action="store_true", help="machine-readable output on stdout, nothing else")
    part.add_argument("--config", metavar="FILE", help="TOML file with a table [octopus]")
    part.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="override one of its keys")
    return part


def _files(part: argparse.ArgumentParser, several: bool) -> None:
    nargs: dict[str, Any] = {"nargs": "+"} if several else {}
    part.add_argument("files" if several else "file", metavar="FILE", help="workload or workflow file", **nargs)


def _mesh(part: argparse.ArgumentParser, **keys: Any) -> None:
    part.add_argument("--mesh", type=mesh, metavar="CxR", help="columns and rows of tiles, like 4x2", **keys)


def _workload(part: argparse.ArgumentParser) -> None:
    part.add_argument("--seed", type=seed, metavar="N", help="replaces the workload's seed")
    part.add_argument(
        "--disable", metavar="PART", action="append", default=[], help="a dead part: x,y or x,y.tbu or x,y.tbu.pea"
    )


def _out(part: argparse.ArgumentParser, default: str) -> None:
    part.add_argument("--out", metavar="DIR", default=default, help=f"where files are written (default: {default})")


def _engines() -> Sequence[str]:
    # Imported only here: `check` needs no simulator.
    from octopus_sim.engines import ENGINES

    return list(ENGINES)


def _strategy(part: argparse.ArgumentParser, **keys: Any) -> None:
    part.add_argument("--strategy", type=strategy_name, metavar="S", **keys)
    width = max(map(len, (*STRATEGIES, *MECHANISMS)))
    part.epilog = "\n".join(
        [
            "presets of strategies, weakest first:",
            *(f"  {preset.name:<{width}}  {preset.summary}" for preset in STRATEGIES.values()),
            "",
            "mechanisms, which may be added to a preset or left out, as in octopus-split or adaptive+balance:",
            *(f"  {name:<{width}}  {what}" for name, what in MECHANISMS.items()),
        ]
    )


def _check(commands: Any) -> None:
    part = _add(commands, "check", check.run, "say what workflows and workloads are and need, or what is wrong")
    _files(part, several=True)
    _mesh(part)
    _workload(part)


def _generate(commands: Any) -> None:
    width = max(len(f.name) for f in fields(Config))
    lines = [
        f"  {f.name:<{width}}  {f.default:>5}  ({f.metadata['low']} to {f.metadata['high']})  {f.metadata['doc']}"
        for f in fields(Config)
    ]
    epilog = "configuration keys, their defaults and ranges:\n" + "\n".join(lines)
    part = _add(commands, "generate", generate.run, "write the Verilog of a mesh and a description of it", epilog)
    _mesh(part, required=True)
    _out(part, "build")
    part.add_argument("--events", action="store_true", help="a simulation build: the chip prints its events")


def _run(commands: Any) -> None:
    part = _add(commands, "run", run.run, "run a workload; writes result.json and events.csv")
    _files(part, several=False)
    _mesh(part, required=True)
    _strategy(part, default="octopus", help="see below; default: octopus")
    part.add_argument("--engine", choices=_engines(), default="model", help="default: model")
    _workload(part)
    _out(part, "build/run")
    part.add_argument("--waves", action="store_true", help="write every signal to DIR/waves/dump.vcd (not the model)")


def _compare(commands: Any) -> None:
    part = _add(commands, "compare", compare.run, "run workloads on several engines and compare every event")
    _files(part, several=True)
    _mesh(part, required=True)
    _strategy(part, action="append", help=_SEVERAL)
    part.add_argument("--engine", choices=_engines(), action="append", help="default: model and verilator")
    _workload(part)


def _bench(commands: Any) -> None:
    part = _add(commands, "bench", bench.run, "strategies over a suite of workloads; a table, bench.json and plots")
    part.add_argument("files", metavar="FILE", nargs="*", help="workload or workflow files instead of a suite")
    part.add_argument("--suite", metavar="NAME", help=f"default: {bench.SUITE}, unless files are given")
    meshes = " ".join(f"{columns}x{rows}" for columns, rows in bench.MESHES)
    part.add_argument("--mesh", type=mesh, metavar="CxR", action="append", help=f"default: {meshes}")
    _strategy(part, action="append", help=_SEVERAL)
    part.add_argument("--engine", choices=_engines(), default="model", help="default: model")
    part.add_argument("--seed", type=seed, metavar="N", help="replaces the workloads' seeds")
    part.add_argument("--jobs", type=processes, metavar="N", help="processes; default: as many as processors")
    _out(part, "build/bench")


def _import(commands: Any) -> None:
    part = _add(commands, "import", import_.run, "make a workflow of a recorded task graph")
    part.add_argument("file", metavar="FILE", help="the task graph")
    part.add_argument("--from", dest="format", choices=list(FORMATS), required=True, help=" | ".join(FORMATS))
    part.add_argument("--cycle", metavar="TIME", help="what one cycle stands for, like 1ms (default: chosen)")
    part.add_argument("--word", metavar="SIZE", help="what one word of data stands for, like 1MB (default: chosen)")
    part.add_argument("--missing", metavar="TIME", help="run time of tasks that have none (default: refuse them)")
    part.add_argument("--config-words", type=int, metavar="N", help="words of each configuration (default: chosen)")
    part.add_argument("--flat", action="store_true", help="one block for each task, no spawns")
    part.add_argument("--out", metavar="PATH", default="build", help="a directory, or a file .json (default: build)")


def _demo(commands: Any) -> None:
    part = _add(commands, "demo", demo.run, "face recognition on a small mesh, the whole way")
    _mesh(part, default=(2, 2))
    part.add_argument("--engine", choices=_engines(), default="verilator", help="what is held against the model")
    _out(part, "build/demo")
