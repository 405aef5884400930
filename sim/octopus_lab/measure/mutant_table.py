# SPDX-License-Identifier: Apache-2.0
"""The mutants of ``measure mutants``: read from ``sim/octopus_lab/measure/breakages``, checked against the sources.

Each file there is a part of the design. A table of it is a unit: `tests` are what pytest is given, one step after the
other until a test fails, the quickest that should catch a mutant first; `mutants` are lists of what the mutant breaks,
the old text, the new text and, if it is not the unit's own, the file.
"""

import inspect
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from amaranth.lib import wiring

from octopus_hw.verilog.unit import Unit
from octopus_lab.errors import LabError

__all__ = ["LEAST", "Mutant", "TableError", "complaints", "load", "units"]

#: Mutants that every unit must have.
LEAST = 5


class TableError(LabError):
    """The table of mutants is wrong; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One breakage: in `file`, `old` becomes `new`.

    Attributes
    ----------
    unit, number
        Module and class within `octopus_hw`, and which of the unit's mutants, from 1 on.
    breaks
        What goes wrong.
    file
        Path from the root.
    old, new
        Texts; `old` occurs exactly once.
    tests
        Arguments for pytest, step by step.
    """

    unit: str
    number: int
    breaks: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, root: Path) -> str:
        """Return the broken file's text.

        Raises
        ------
        TableError
            If the old text does not occur exactly once, or nothing changes.
        """
        text = (root / self.file).read_text(encoding="utf-8")
        found = text.count(self.old)
        if found != 1:
            raise TableError(f"{self.unit}, {self.number} ({self.breaks}): {found} times in {self.file}: {self.old!r}")
        if self.old == self.new:
            raise TableError(f"{self.unit}, {self.number} ({self.breaks}): changes nothing")
        return text.replace(self.old, self.new)


def units(root: Path) -> dict[str, str]:
    """Find every component of the design that has an `elaborate` of its own: its file by module and class name."""
    found = {}
    for path in sorted((root / "octopus_hw").rglob("*.py")):
        if "def elaborate" not in path.read_text(encoding="utf-8"):
            continue
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        for class_ in vars(import_module(name)).values():
            if not inspect.isclass(class_) or class_.__module__ != name or class_ is Unit:
                continue
            if issubclass(class_, wiring.Component) and "elaborate" in vars(class_):
                found[f"{name.removeprefix('octopus_hw.')}.{class_.__name__}"] = path.relative_to(root).as_posix()
    return found


def load(root: Path) -> list[Mutant]:
    """Read all tables.

    Raises
    ------
    TableError
        A unit is not known or described twice, or a mutant has not the right parts.
    """
    files, seen, mutants = units(root), set(), []
    for path in sorted((root / "sim" / "octopus_lab" / "measure" / "breakages").glob("*.toml")):
        for unit, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if unit not in files or unit in seen:
                raise TableError(f"{path.name}: {unit}: {'described twice' if unit in seen else 'no such unit'}")
            seen.add(unit)
            mutants += _of_unit(unit, table, files[unit])
    return mutants


def complaints(root: Path, mutants: list[Mutant]) -> list[str]:
    """List what is wrong: units with too few mutants, texts that do not occur once, mutants that are alike."""
    wrong = []
    for unit in units(root):
        count = sum(mutant.unit == unit for mutant in mutants)
        if count < LEAST:
            wrong.append(f"{unit}: {count} mutants, not {LEAST}")
    seen: dict[tuple[str, str], Mutant] = {}
    for mutant in mutants:
        try:
            text = mutant.applied(root)
            compile(text, mutant.file, "exec")
        except (TableError, SyntaxError) as error:
            wrong.append(str(error))
            continue
        twin = seen.setdefault((mutant.file, text), mutant)
        if twin is not mutant:
            wrong.append(f"{mutant.unit}, {mutant.number}: the same as {twin.unit}, {twin.number}")
    return wrong


def _of_unit(unit: str, table: Mapping[str, list[list[str]]], file: str) -> list[Mutant]:
    tests = tuple(map(str, table.get("tests", ())))
    if not tests or set(table) != {"tests", "mutants"}:
        raise TableError(f"{unit}: has tests and mutants, and nothing else")
    made = []
    for number, parts in enumerate(table["mutants"], start=1):
        if len(parts) not in (3, 4):
            raise TableError(f"{unit}, {number}: what it breaks, the old text, the new text, perhaps a file")
        breaks, old, new, *other = parts
        made.append(Mutant(unit=unit, number=number, breaks=breaks, file=other[0] if other else file, old=old,
                           new=new, tests=tests))  # fmt: skip
    return made
