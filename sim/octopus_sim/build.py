# SPDX-License-Identifier: Apache-2.0
"""Verilator simulations of a Verilog text, built once per content.

::

    verilog ─► build() ─► Simulation ─► session() ─► Session ─► run(plan) ─► PlanResult
               cached      a program    a process               as often as wanted

Modules that stand in many places can be compiled apart, once, as `block` does.

cocotb's runner is used but for three things. It makes every signal public, which costs a factor of twenty in speed
and three in build time: here only the ports are. It builds in place: here a build appears in the cache when it is
complete. It runs one test and ends: here one process serves any number of plans.
"""

import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import cocotb_tools.config
from cocotb_tools.runner import Verilator

from octopus_sim import toolchain
from octopus_sim.block import block
from octopus_sim.cache import content_hash, make_once
from octopus_sim.session import Session
from octopus_sim.toolchain import Effort
from octopus_sim.verilog import module_texts, placed, ports, reachable, settled

__all__ = ["Simulation", "build"]

#: Places of blocks that are worth a thread. Threads wait for each other twice in a cycle.
PLACES_PER_THREAD = 8

#: How often a thread looks for the others before it makes room: some tens of microseconds, more than it usually waits.
#: Verilator's 50,000 are milliseconds, in which nothing goes on if other programs want the processors.
_SPINS = 1000

_PROGRAM = "simulation"
_LOG = "build.log"


class _Runner(Verilator):
    """cocotb's runner, told what is public and how to compile."""

    effort: Effort = "build"

    def _build_command(self) -> list[list[str]]:
        verilate, make = super()._build_command()
        verilate.remove("--public-flat-rw")
        verilate = ["--trace-vcd" if argument == "--trace" else argument for argument in verilate]
        # "-o" takes a file for up to date, whatever its age.
        kept = [f"-o{compiled.name}" for compiled in self.build_dir.glob("verilated*.o")]
        return [verilate, [*make, *kept, *toolchain.MAKE_ARGUMENTS[self.effort]]]

    def _set_env_common(self) -> None:
        super()._set_env_common()
        tools = toolchain.verilator_environment()
        self.env |= {name: tools[name] for name in ("MAKEFLAGS", "VERILATOR_ROOT") if name in tools}
        self.env["PATH"] = tools["PATH"] + os.pathsep + str(cocotb_tools.config.libs_dir)

    def _simulator_in_path_build_only(self) -> None:
        self.executable = str(shutil.which("verilator", path=self.env["PATH"]))

    def simulation_environment(self, top: str) -> dict[str, str]:
        """Return the environment for running a built simulation."""
        self.env: dict[str, str] = {}
        self.sim_hdl_toplevel, self.hdl_toplevel_lang = top, "verilog"
        self.test_module = "octopus_sim.testbench"
        self._set_env_test()
        # Without this pytest's assertion rewriting is loaded into the simulator, half a second each time.
        return self.env | {"COCOTB_REWRITE_ASSERTION_FILES": "", "COCOTB_LOG_LEVEL": "WARNING", "PYTHONWARNINGS": ""}


@dataclass(frozen=True)
class Simulation:
    """A built simulation; it can run any number of times, also at the same time."""

    directory: Path
    top: str
    waves: bool

    @property
    def log(self) -> Path:
        """What the tools said while it was built."""
        return self.directory / _LOG

    def session(self, directory: Path) -> Session:
        """Start the simulator, with its files (``stdout.txt``, ``dump.vcd`` with waves) in a directory."""
        arguments = ["--trace"] if self.waves else []
        environment = _Runner().simulation_environment(self.top)
        return Session([str(self.directory / _PROGRAM), *arguments], environment, directory)


def build(
    verilog: str,
    *,
    top: str = "octopus",
    blocks: Collection[str] = (),
    fixed: Collection[str] = (),
    no_inline: Collection[str] = (),
    effort: Effort = "build",
    waves: bool = False,
    cache: Path | None = None,
) -> Simulation:
    """Build a simulation of a Verilog text, or find the one that was built before.

    Parameters
    ----------
    verilog
        The whole design.
    top
        Its top module; its ports, and nothing else, can be reached from cocotb.
    blocks
        Modules that are compiled once, whatever is around them, and run side by side where they stand many times. Each
        has the clock ``clk`` and the reset ``rst``, and its outputs are registers: none follows an input within a
        cycle. With waves, `no_inline`.
    fixed
        Inputs of blocks that stay as they are while the reset is 0.
    no_inline
        Modules that become C++ classes of their own, which are compiled together but not as one lump.
    effort
        ``"build"`` for a simulation that is ready soon, ``"speed"`` for one that will run for long.
    waves
        Build a simulation that writes a VCD file of every signal.
    cache
        Directory of the cache, by default `toolchain.cache_directory`.

    Raises
    ------
    ToolError
        If a tool is missing or the build fails; the message has the log's last lines.
    """
    cache = cache or toolchain.cache_directory()
    modules = module_texts(verilog)
    control = _control_file(modules, top, [*no_inline, *blocks] if waves else no_inline)
    texts = {} if waves or not blocks else _apart(modules, top, blocks, fixed)
    source = texts.pop(top) if texts else verilog
    threads = _threads(modules, top, blocks) if texts else []
    tools = (
        *toolchain.build_tools(effort),
        repr((waves, threads)),
        version("cocotb"),
        str(cocotb_tools.config.libs_dir),
    )
    name = f"verilator-{content_hash(source, *texts.values(), control, top, *tools)}"

    def make(directory: Path) -> None:
        compiled = [block(text, name, effort, cache) for name, text in texts.items()]
        work = directory / "work"
        work.mkdir()
        (work / f"{top}.v").write_text(source)
        (work / "public.vlt").write_text(control)
        runtime = cache / f"runtime-{content_hash(*tools)}"
        for kept in runtime.glob("*"):
            shutil.copy2(kept, work)
        libraries = [str(file) for block_ in compiled for file in block_.files]
        _compile(work, directory / _LOG, top, [*threads, *libraries], effort, waves)
        make_once(cache, runtime.name, lambda keep: _keep_runtime(work, keep))
        shutil.move(work / top, directory / _PROGRAM)
        shutil.rmtree(work)

    return Simulation(make_once(cache, name, make), top, waves)


def _apart(modules: Mapping[str, str], top: str, blocks: Collection[str], fixed: Collection[str]) -> dict[str, str]:
    """Return the text of the top without the blocks, and of each block, by name."""
    texts = {}
    for name in sorted(blocks):
        inside = reachable(modules, name) - {name}
        parts = [settled(modules[name], name, fixed), *(modules[part] for part in modules if part in inside)]
        texts[name] = "\n".join(parts)
    around = {name: text for name, text in modules.items() if name not in texts}
    used = reachable(around, top) - {top}
    texts[top] = "\n".join([settled(modules[top], top), *(around[part] for part in around if part in used)])
    return texts


def _compile(work: Path, log: Path, top: str, arguments: Sequence[str], effort: Effort, waves: bool) -> None:
    runner = _Runner()
    runner.effort = effort
    runner.log.setLevel("ERROR")
    try:
        runner.build(
            sources=[work / "public.vlt", work / f"{top}.v"],
            hdl_toplevel=top,
            build_dir=work,
            build_args=[*toolchain.VERILATOR_ARGUMENTS, *arguments],
            timescale=("1ns", "1ns"),
            waves=waves,
            log_file=log,
        )
    except RuntimeError as error:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise toolchain.ToolError(f"the build of {top} failed:\n{tail}") from error


def _threads(modules: Mapping[str, str], top: str, blocks: Collection[str]) -> list[str]:
    """Call blocks from as many threads as there are processors, if there are enough of them."""
    threads = min(toolchain.processors(), placed(modules, top, blocks) // PLACES_PER_THREAD)
    spins = f"-DVL_LOCK_SPINS={_SPINS}"
    return ["--threads", str(threads), "--threads-dpi", "all", "-CFLAGS", spins] if threads > 1 else []


def _keep_runtime(work: Path, keep: Path) -> None:
    """Keep Verilator's own library, most of the work for a small design, for the next build by the same tools."""
    for compiled in work.glob("verilated*.o"):
        shutil.copy2(compiled, keep)


def _control_file(modules: Mapping[str, str], top: str, no_inline: Collection[str]) -> str:
    """Verilator's control file: the ports of the top are public, some modules keep their walls."""
    if top not in modules:
        raise toolchain.ToolError(f"there is no module {top} in the Verilog")
    lines = ["`verilator_config"]
    lines += [
        f'public_flat_rw -module "{top}" -var "{port}"' for port in sorted(port.name for port in ports(modules[top]))
    ]
    lines += [f'no_inline -module "{module}"' for module in sorted(no_inline)]
    return "\n".join(lines) + "\n"
