# SPDX-License-Identifier: Apache-2.0
"""The Verilog of a whole chip: clean, the same on every run, no larger for a larger mesh."""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from octopus_hw.chip.mesh import Octopus
from octopus_hw.contract.config import Config
from octopus_hw.verilog.export import Exported, convert
from octopus_sim.chip import chip_source
from octopus_sim.lint import verilator_warnings, yosys_problems
from octopus_sim.verilog import module_texts

ROOT = Path(__file__).parents[2]

#: Units that know how long a row is, or how many tiles there are; the queues are the host port's three.
SIZED = (
    "octopus_hw.chip.mesh.TileRow",
    "octopus_hw.chip.host_port.HostPort",
    "octopus_hw.chip.host_commands.HostCommands",
    "octopus_hw.chip.host_replies.HostReplies",
    "octopus_hw.chip.host_rows.HostRows",
    "octopus_hw.chip.host_results.HostResults",
    "octopus_hw.parts.queue.Queue",
)


@functools.cache
def silent(columns: int, rows: int) -> Exported:
    """Return the chip that prints nothing, as it goes into an FPGA."""
    return convert(Octopus(columns, rows, Config(), events=False), verify="none")


def unit(exported: Exported, name: str) -> str:
    """Return the name of the only module of a class."""
    (module,) = (module for module, key in exported.units.items() if re.match(rf"{re.escape(name)}\b", key))
    return module


def test_verilator_has_nothing_to_say() -> None:
    assert verilator_warnings(chip_source(2, 2, Config()).verilog) == []


@pytest.mark.slow
def test_verilator_has_nothing_to_say_without_events() -> None:
    # Events are printed inside tiles: outside them this is the same chip.
    exported = silent(2, 2)
    assert verilator_warnings(exported.verilog, top=unit(exported, "octopus_hw.chip.tile.Tile")) == []


@pytest.mark.slow
def test_yosys_reads_it() -> None:
    assert "$write" not in silent(2, 2).verilog
    assert yosys_problems(silent(2, 2).verilog) == []


def test_a_larger_mesh_has_the_same_modules() -> None:
    # No queue of the smaller one may be as deep as another of the port's: it would be one module with it.
    small, large = silent(3, 2), silent(4, 4)
    # What is no unit has the name of its place, escaped.
    texts = (module_texts(exported.verilog) for exported in (small, large))
    modules = [[name for name in modules if not name.startswith("\\")] for modules in texts]
    assert len(modules[0]) == len(modules[1]) == len(small.units) + 1
    assert large.uses[unit(large, "octopus_hw.chip.tile.Tile")] == 4
    assert large.uses[unit(large, "octopus_hw.chip.mesh.TileRow")] == 4
    new = set(large.units.values()) - set(small.units.values())
    assert all(key.startswith(SIZED) for key in new) and len(new) == len(SIZED) + 2


def test_nothing_tells_where_it_was_made() -> None:
    text = silent(2, 2).verilog
    told = [place for place in (str(ROOT), sys.prefix, str(Path.home()), ".py") if place in text]
    assert told == []
    assert not re.search(r"\bsrc\b", text)


@pytest.mark.slow
def test_same_bytes_whatever_the_hash_order(tmp_path: Path) -> None:
    program = (
        "import sys; from octopus_hw.contract.config import Config; from octopus_hw.verilog.export import export;"
        "from octopus_hw.chip.mesh import Octopus;"
        "export(Octopus(2, 1, Config(tbus=2, peas=1), events=True), 'octopus', sys.argv[1], verify='none')"
    )
    texts = []
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        path = tmp_path / f"{seed}.v"
        subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, env=environment, check=True)
        texts.append(path.read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes", [{"link_latency": 3}, {"tbus": 1, "peas": 1}, {"tbus": 6, "config_slots": 2}], ids=str
)
def test_other_configurations_are_clean(changes: dict[str, int]) -> None:
    verilog = convert(Octopus(1, 1, Config(**changes), events=True)).verilog
    assert verilator_warnings(verilog) == []
    assert yosys_problems(verilog) == []
