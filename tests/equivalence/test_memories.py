# SPDX-License-Identifier: Apache-2.0
"""Chips whose memories do the worst that they may: nothing changes.

- All hold random words when the power comes, instead of zeros: block RAM and distributed RAM alike, every memory of the
  Verilog words of its own. Registers start as they are declared, and what a reset has to clear in memories is cleared
  (docs/timing.md#reset).
- Block RAMs give a wrong row whenever it is being written in the same cycle. `octopus_hw.parts.block_ram` tells
  synthesis that nobody looks at such a row, so every bit of it is inverted.
"""

import random
import re
from collections.abc import Iterable
from dataclasses import fields, replace

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.workload import Workload
from octopus_hw.parts.block_ram import NO_RW_CHECK
from octopus_hw.suites.load import SUITES, load_suite
from octopus_lab.bench.variants import roomy, shortened
from octopus_sim import engines
from octopus_sim.chip import ChipSource, chip_source

from .rig import rig
from .test_examples import EXAMPLES
from .test_random import check_cases

_MEMORY = re.compile(
    r"^(?P<declaration>  reg \[(?P<high>\d+):0\] (?P<name>\S+) ?\[(?P<last>\d+):0\];\n)"
    r"  initial begin\b(?:.*\n)*?  end\n",
    re.MULTILINE,
)
_BLOCK_RAM = re.compile(
    rf"  \(\* {NO_RW_CHECK} = .*\n  reg \[\d+:0\] (?P<name>\S+) ?\[.*\n"
    r"(?P<writes>(?:.*\n)*?) +\S+ ?<= (?P<row>(?P=name) ?\[(?P<of>.*)\]);\n"
)
#: A write of a row or of a word of it: when, and where to.
_WRITE = re.compile(r"    if \((.+)\)\n      [^\s[]+ ?\[(\{.*\}|[^][]*(?:\[\d+:\d+\])?)\].* <= ")
_DECLARED = re.compile(r"^  reg \[\d+:0\] \S+ ?\[\d+:0\];$", re.MULTILINE)


def with_noise(verilog: str, seed: int) -> str:
    """Let every memory start with random words, other ones for each seed, memory and word."""
    rng = random.Random(seed)

    def noisy(memory: re.Match[str]) -> str:
        width = int(memory["high"]) + 1
        parts = []
        for _ in range(-(-width // 32)):
            product = f"((word$ + 32'd{rng.getrandbits(32)}) * 32'd{rng.getrandbits(32) | 1})"
            parts.append(f"{product} ^ ({product} >> 15)")
        return (
            f"{memory['declaration']}  initial begin : {memory['name']}$noise\n"
            f"    integer word$;\n    reg [{32 * len(parts) - 1}:0] noise$;\n"
            f"    for (word$ = 0; word$ <= {memory['last']}; word$ = word$ + 1) begin\n"
            f"      noise$ = {{{', '.join(parts)}}};\n      {memory['name']} [word$] = noise$[{width - 1}:0];\n"
            "    end\n  end\n"
        )

    changed, count = _MEMORY.subn(noisy, verilog)
    assert count == len(_DECLARED.findall(verilog)) > 40
    return changed


def with_wrong_rows(verilog: str) -> str:
    """Invert what a marked memory reads in a cycle in which that row, or a word of it, is written."""

    def wrong(memory: re.Match[str]) -> str:
        before, after = memory[0].rsplit(row := memory["row"], 1)
        writes = _WRITE.findall(memory["writes"])
        assert writes
        meets = " || ".join(f"({when}) && ({to}) == ({memory['of']})" for when, to in writes)
        return f"{before}({meets}) ? ~{row} : {row}{after}"

    changed, count = _BLOCK_RAM.subn(wrong, verilog)
    assert count == verilog.count(f"(* {NO_RW_CHECK} =") > 20
    return changed


@pytest.fixture
def worst_memories(monkeypatch: pytest.MonkeyPatch) -> None:
    def source(columns: int, rows: int, config: Config) -> ChipSource:
        chip = chip_source(columns, rows, config)
        return replace(chip, verilog=with_noise(with_wrong_rows(chip.verilog), 1))

    monkeypatch.setattr(engines, "chip_source", source)


def check(workloads: Iterable[Workload], strategies: Iterable[str], config: Config) -> int:
    """Run each workload under each strategy on a chip that was just switched on; return how many runs that were."""
    cases = [(workload, strategy) for workload in workloads for strategy in strategies]
    for workload, strategy in cases:
        with rig(2, 2, config) as both:
            both.agree(both.compile(workload, strategy, 1))
    return len(cases)


@pytest.mark.usefixtures("worst_memories")
def test_examples() -> None:
    for example, strategy in zip(EXAMPLES, ("octopus", "profiled-pea", "adaptive", "naive", "reactive"), strict=True):
        check([load_workload(example)], [strategy], Config())


@pytest.mark.usefixtures("worst_memories")
def test_random_workloads() -> None:
    seen = check_cases(2, 2, Config(), max_examples=40, derandomize=True)
    assert {"moves", "grants used"} <= set(+seen)


@pytest.mark.slow
@pytest.mark.usefixtures("worst_memories")
def test_suites() -> None:
    workloads = [shortened(workload, 2, 2, 4) for suite in SUITES for workload in load_suite(suite, 2, 2)]
    needs = [roomy(workload, 2, 2, Config()) for workload in workloads]
    config = Config(**{f.name: max(getattr(need, f.name) for need in needs) for f in fields(Config)})
    assert check(workloads, STRATEGIES, config) == len(workloads) * len(STRATEGIES) > 100
