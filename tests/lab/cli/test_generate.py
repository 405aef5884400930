# SPDX-License-Identifier: Apache-2.0
import json
import re
from pathlib import Path

from octopus_hw.contract.config import Config
from octopus_hw.contract.identity import configuration_hash
from tests.lab.outcome import Octopus


def test_verilog_and_its_description(octopus: Octopus, tmp_path: Path) -> None:
    config = tmp_path / "small.toml"
    config.write_text("[octopus]\ntbus = 2\npeas = 1\n")
    arguments = (
        "generate",
        "--mesh",
        "2x1",
        "--config",
        config,
        "--set",
        "tbus=1",
        "--out",
        tmp_path / "out",
        "--json",
    )
    done = octopus(*arguments)
    assert done.status == 0 and "Verilog of 2x1 ..." in done.err
    verilog = (tmp_path / "out" / "octopus.v").read_text()
    described = json.loads((tmp_path / "out" / "octopus.json").read_text())
    assert described == json.loads(done.out)
    assert described["hash"] == configuration_hash(Config(**described["parameters"]))
    assert (described["mesh"], described["parameters"]["tbus"], described["parameters"]["peas"]) == ([2, 1], 1, 1)
    assert described["ports"]["i__payload"] == {"direction": "in", "width": 32}
    assert all(f"\nmodule {name}(" in verilog for name in [*described["units"], "octopus"])
    tile = next(
        name for name, unit in described["units"].items() if unit["unit"].startswith("octopus_hw.chip.tile.Tile")
    )
    assert described["units"][tile]["placed"] == 2
    assert "$write" not in verilog and str(Path.cwd()) not in verilog


def test_help_tells_the_configuration(octopus: Octopus) -> None:
    text = re.sub(" +", " ", octopus("generate", "--help").out)
    assert "buffer_words 128 (1 to 16383) words of a place's data buffer" in text
