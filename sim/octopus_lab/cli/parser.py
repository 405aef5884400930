# SPDX-License-Identifier: Apache-2.0
"""The command line's grammar: commands whose modules are imported when they are asked for, mistakes told in one line.

A command is a module with ``add_arguments(parser)`` and, unless it has only commands of its own, ``run(arguments)``,
which returns the exit status. What its docstring says is the first that ``--help`` says.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any, NoReturn

from octopus_hw.contract.errors import InputError, nearest

__all__ = ["Commands", "Parser", "add_commands", "build_parser"]

#: A command's name, what its list says of it, and its module.
Commands = Mapping[str, tuple[str, str]]

COMMANDS: Commands = {
    "check": ("say what workflows and workloads are and need, or what is wrong", "octopus_lab.cli.check"),
    "generate": ("write the Verilog of a mesh and a description of it", "octopus_lab.cli.generate"),
    "run": ("run a workload; writes result.json and events.csv", "octopus_lab.cli.run"),
    "compare": ("run workloads on several engines and compare every event", "octopus_lab.cli.compare"),
    "bench": ("strategies over a suite of workloads; a table, bench.json and plots", "octopus_lab.cli.bench"),
    "import": ("make a workflow of a recorded task graph", "octopus_lab.cli.import_"),
    "schema": ("print the JSON schema of workflow, workload or configuration files", "octopus_lab.cli.schema"),
    "measure": ("everything else that prints figures: area, speed, proofs, ...", "octopus_lab.cli.measure"),
    "demo": ("face recognition on a small mesh, the whole way", "octopus_lab.cli.demo"),
}


class _Once(argparse.Action):
    """Keep an option's one value; a second one is a mistake, not a correction."""

    given = False

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        if self.given and option:
            raise InputError("", option, "is given twice; give it once")
        self.given = True
        setattr(namespace, self.dest, values)


class Parser(argparse.ArgumentParser):
    """A parser that tells what is wrong in one line.

    Parameters
    ----------
    module : str, optional
        Name of the module that knows the arguments: imported, and asked for them, when there is something to parse.
    keys
        As for `argparse.ArgumentParser`.
    """

    def __init__(self, *, module: str | None = None, **keys: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **keys)
        self.register("action", None, _Once)
        self.register("action", "store", _Once)
        self._module = module

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse; a command's arguments are added first."""
        if self._module is not None:
            module, self._module = _imported(self._module), None
            self.description = inspect.cleandoc(module.__doc__ or "").replace("`", "")
            if hasattr(module, "run"):
                self.set_defaults(run=module.run)
            module.add_arguments(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise InputError("", "", f"{message}; see {self.prog} --help")

    def _print_message(self, message: str, file: Any = None) -> None:
        (file or sys.stderr).write(message)  # a full disk is not passed over

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            name = action.option_strings[0] if action.option_strings else str(action.metavar).lower()
            raise InputError(name, str(value), f"is not known; {nearest(str(value), map(str, action.choices))}")


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("octopus"):
            raise
        raise InputError(str(error.name), "", "is not installed; install with `pip install -e .[dev]`") from None


def add_commands(parser: Parser, commands: Commands, title: str, metavar: str) -> None:
    """Give a parser commands of which each is a module."""
    parts: Any = parser.add_subparsers(title=title, required=True, metavar=metavar)
    for name, (about, module) in commands.items():
        parts.add_parser(name, help=about, module=module)


def build_parser() -> Parser:
    """Return the parser of the whole command line; each command's function is its ``run``."""
    parser = Parser(prog="octopus-hw", description="Octopus: workflows on scale-out spatial hardware.")
    parser.add_argument("--version", action="version", version=f"octopus-hw {version('octopus-hw')}")
    add_commands(parser, COMMANDS, "commands", "COMMAND")
    return parser
