# SPDX-License-Identifier: Apache-2.0
"""A module compiled once for all the places where it stands, in this design and in others.

Verilator orders the logic of a whole design, so that of equal tiles it writes each one anew. Here a module is compiled
alone, and the design around it gets a stand-in that calls it once in a cycle.

::

    module tile ──▶ Verilator ──▶ class Vtile ──▶ libtile.a
       ports                                          ▲ tile_step: inputs, an edge of the clock, outputs
         └─────────▶ stand-in tile.sv ────────────────┘

A call for all inputs and outputs of a cycle is all that a module needs whose outputs are registers, and calls of
different places depend on nothing but registers: they run side by side.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from octopus_sim import toolchain
from octopus_sim.cache import content_hash, make_once
from octopus_sim.toolchain import Effort
from octopus_sim.verilog import Port, module_texts, ports

__all__ = ["Block", "block"]

_LOG = "build.log"

_STAND_IN = """\
module {name}({names});
{declarations}
  import "DPI-C" function chandle {name}_begin({outputs_formal});
  import "DPI-C" function void {name}_step(input chandle place, {formal});
  chandle place;
{nexts}
  initial place = {name}_begin({outputs});
  always @(posedge clk) begin
    {name}_step(place, {actual});
{registers}
  end
endmodule
"""

_LIBRARY = """\
#include <cstring>
#include "V{name}.h"
#include "svdpi.h"

namespace {{
// Ports are numbers, or arrays of 32-bit words if wider than 64 bits: the least byte comes first.
template <class Port> void take(Port& port, const svBitVecVal* words) {{
    std::memcpy(&port, words, sizeof(Port));
}}
template <class Port> void give(svBitVecVal* words, const Port& port) {{
    words[0] = 0;
    std::memcpy(words, &port, sizeof(Port));
}}
}}

extern "C" void* {name}_begin({outputs_parameters}) {{
    V{name}* const block = new V{name}("{name}");
    block->clk = 0;
    block->eval();
{give}
    return block;
}}

extern "C" void {name}_step(void* place, {parameters}) {{
    V{name}* const block = static_cast<V{name}*>(place);
{take}
    block->clk = 1;
    block->eval();
{give}
    block->clk = 0;
    block->eval();
}}
"""


@dataclass(frozen=True)
class Block:
    """A compiled module."""

    directory: Path
    name: str

    @property
    def files(self) -> list[Path]:
        """Its stand-in and its library, as Verilator takes them beside the sources of a design."""
        return [self.directory / f"{self.name}.sv", self.directory / f"lib{self.name}.a"]


def block(verilog: str, name: str, effort: Effort, cache: Path) -> Block:
    """Compile a module, or find it where it was compiled before.

    Parameters
    ----------
    verilog
        The module and all that is placed in it. ``clk`` is its clock; its outputs are registers.
    name
        The module's name.
    effort, cache
        As in `build.build`.

    Raises
    ------
    ToolError
        If a tool is missing or the build fails; the message has the log's last lines.
    """
    texts = _around(name, ports(module_texts(verilog)[name]))
    key = content_hash(verilog, *texts, *toolchain.build_tools(effort))

    def make(directory: Path) -> None:
        work = directory / "work"
        work.mkdir()
        for file, text in zip((f"{name}.v", f"{name}.sv", "calls.cpp"), (verilog, *texts), strict=True):
            (work / file).write_text(text)
        arguments = [*toolchain.VERILATOR_ARGUMENTS, "--timescale", "1ns/1ns", "--prefix", f"V{name}", "-Mdir", "."]
        verilate = ["verilator", "--cc", *arguments, "--top-module", name, f"{name}.v", "calls.cpp"]
        jobs = f"-j{toolchain.processors()}"
        compile_ = ["make", jobs, "-f", f"V{name}.mk", f"libV{name}.a", *toolchain.MAKE_ARGUMENTS[effort]]
        with (directory / _LOG).open("w") as log:
            for command in (verilate, compile_):
                environment = toolchain.verilator_environment()
                done = subprocess.run(command, cwd=work, env=environment, stdout=log, stderr=log, check=False)
                if done.returncode:
                    tail = "\n".join((directory / _LOG).read_text(errors="replace").splitlines()[-20:])
                    raise toolchain.ToolError(f"the build of {name} failed:\n{tail}")
        for file, made in zip((f"{name}.sv", f"libV{name}.a"), Block(directory, name).files, strict=True):
            (work / file).rename(made)
        shutil.rmtree(work)

    return Block(make_once(cache, f"block-{key}", make), name)


def _around(name: str, all_ports: Sequence[Port]) -> tuple[str, str]:
    """Text of a module's stand-in, and of the functions that it calls."""
    passed = [port for port in all_ports if port.name != "clk"]
    outputs = [port for port in passed if port.direction == "output"]
    words = {port: f"bit [{-port.width % 32 + port.width - 1}:0]" for port in passed}
    next_ = {port: f"next_{port.name}" if port in outputs else port.name for port in passed}

    def formal(some: Sequence[Port]) -> str:
        return ", ".join(f"{port.direction} {words[port]} {port.name}" for port in some)

    def parameters(some: Sequence[Port]) -> str:
        const = {"input": "const ", "output": ""}
        return ", ".join(f"{const[port.direction]}svBitVecVal* {port.name}" for port in some)

    def calls(function: str, direction: str) -> str:
        order = "block->{1}, {0}" if function == "take" else "{0}, block->{1}"
        names = [port.name for port in passed if port.direction == direction]
        # Of two underscores Verilator writes the second by its code.
        pairs = [(port, port.replace("__", "___05F")) for port in names]
        return "\n".join(f"    {function}({order.format(*pair)});" for pair in pairs)

    stand_in = _STAND_IN.format(
        name=name,
        names=", ".join(port.name for port in all_ports),
        declarations="\n".join(f"  {port.declaration(reg=port in outputs)}" for port in all_ports),
        outputs_formal=formal(outputs),
        formal=formal(passed),
        nexts="\n".join(f"  {words[port]} {next_[port]};" for port in outputs),
        outputs=", ".join(port.name for port in outputs),
        actual=", ".join(next_[port] for port in passed),
        registers="\n".join(f"    {port.name} <= {next_[port]}[{port.width - 1}:0];" for port in outputs),
    )
    library = _LIBRARY.format(
        name=name,
        outputs_parameters=parameters(outputs),
        parameters=parameters(passed),
        take=calls("take", "input"),
        give=calls("give", "output"),
    )
    return stand_in, library
