# SPDX-License-Identifier: Apache-2.0
"""Chips whose block RAMs give a wrong row whenever it is being written in the same cycle: nothing changes.

`octopus_hw.parts.block_ram` tells synthesis that nobody looks at such a row. So here every bit of it is inverted, in
the Verilog of the whole chip, which must still agree with the model on every event.
"""

import re
from dataclasses import replace

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.parts.block_ram import NO_RW_CHECK
from octopus_sim import engines
from octopus_sim.chip import ChipSource, chip_source

from .test_examples import SEEDS, check_all
from .test_random import check_cases

_MEMORY = re.compile(
    rf"  \(\* {NO_RW_CHECK} = .*\n  reg \[\d+:0\] (?P<name>\S+) ?\[.*\n"
    r"(?:.*\n)*?    if \((?P<writes>.*)\)\n      (?P=name) ?\[(?P<to>.*)\] <= .*\n"
    r"(?:.*\n)*? +\S+ ?<= (?P<row>(?P=name) ?\[(?P<of>.*)\]);\n"
)


def with_wrong_rows(verilog: str) -> str:
    """Invert what a marked memory reads in a cycle in which that row is written."""

    def wrong(memory: re.Match[str]) -> str:
        before, after = memory[0].rsplit(row := memory["row"], 1)
        return f"{before}({memory['writes']}) && ({memory['to']}) == ({memory['of']}) ? ~{row} : {row}{after}"

    changed, count = _MEMORY.subn(wrong, verilog)
    assert count == verilog.count(f"(* {NO_RW_CHECK} =") > 20
    return changed


@pytest.fixture
def wrong_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def source(columns: int, rows: int, config: Config) -> ChipSource:
        chip = chip_source(columns, rows, config)
        return replace(chip, verilog=with_wrong_rows(chip.verilog))

    monkeypatch.setattr(engines, "chip_source", source)


@pytest.mark.usefixtures("wrong_rows")
def test_nobody_looks_at_a_row_that_is_being_written() -> None:
    check_all(2, 2, Config(), [], SEEDS[:1])
    seen = check_cases(2, 2, Config(), max_examples=40, derandomize=True)
    assert {"moves", "grants used"} <= set(+seen)
