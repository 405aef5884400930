# SPDX-License-Identifier: Apache-2.0
"""A module compiled once for all the places where it stands, in this design and in others.

Verilator orders the logic of a whole design, so that of equal tiles it writes each one anew. As a library a module is
compiled alone; the design around it gets a stand-in that calls it.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from octopus_sim import toolchain
from octopus_sim.cache import content_hash, make_once
from octopus_sim.toolchain import Effort

__all__ = ["Block", "block"]

_PREFIX = "Vblock"
_LOG = "build.log"


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
        The module and all that is placed in it. ``clk`` is its clock.
    name
        The module's name.
    effort, cache
        As in `build.build`.

    Raises
    ------
    ToolError
        If a tool is missing or the build fails; the message has the log's last lines.
    """
    key = content_hash(verilog, name, *toolchain.build_tools(effort))

    def make(directory: Path) -> None:
        work = directory / "work"
        work.mkdir()
        (work / f"{name}.v").write_text(verilog)
        arguments = [*toolchain.VERILATOR_ARGUMENTS, "--timescale", "1ns/1ns", "--prefix", _PREFIX]
        verilate = ["verilator", "--cc", *arguments, "--lib-create", name, "--top-module", name, "-Mdir", "."]
        compile_ = [
            "make",
            f"-j{len(os.sched_getaffinity(0))}",
            "-f",
            f"{_PREFIX}.mk",
            "VK_GLOBAL_OBJS=",
            f"lib{name}.a",
        ]
        with (directory / _LOG).open("w") as log:
            for command in ([*verilate, f"{name}.v"], [*compile_, *toolchain.MAKE_ARGUMENTS[effort]]):
                environment = toolchain.verilator_environment()
                done = subprocess.run(command, cwd=work, env=environment, stdout=log, stderr=log, check=False)
                if done.returncode:
                    tail = "\n".join((directory / _LOG).read_text(errors="replace").splitlines()[-20:])
                    raise toolchain.ToolError(f"the build of {name} failed:\n{tail}")
        for made in Block(work, name).files:
            made.rename(directory / made.name)
        for source in work.iterdir():
            source.unlink()
        work.rmdir()

    return Block(make_once(cache, f"block-{key}", make), name)
