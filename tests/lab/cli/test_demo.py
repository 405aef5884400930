# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import pytest

from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.owg import load_workload
from octopus_lab.cli.demo import demo_workload
from octopus_sim import chip
from octopus_sim.engines import ENGINES, ModelEngine
from tests.lab.outcome import Octopus


def test_the_workload_comes_with_the_package() -> None:
    assert demo_workload() == load_workload("examples/face_recognition.workload.json")


def test_the_whole_way(octopus: Octopus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = chip.ChipSource("module octopus();\nendmodule\n", ())
    monkeypatch.setattr(chip, "chip_source", lambda *arguments: source)
    monkeypatch.setitem(ENGINES, "verilator", type("Stand", (ModelEngine,), {"name": "verilator"}))
    out = tmp_path / "demo"
    done = octopus("demo", "--out", out)
    assert done.status == 0
    assert (out / "octopus.v").read_text() == source.verilog
    lines = done.out.splitlines()
    assert lines[0] == "face_recognition on 2x2 tiles, model against verilator"
    after = 2 + len(STRATEGIES)
    assert [line.split()[0] for line in lines[2:after]] == list(STRATEGIES)
    assert "counters and hashes are equal" in lines[after]
    for strategy in STRATEGIES:
        assert f"  {out / strategy / 'events.csv'}" in lines
        assert json.loads((out / strategy / "result.json").read_text())["engine"] == "verilator"
    done = octopus("demo", "--out", out, "--json", "--mesh", "1x1")
    report = json.loads(done.out)
    assert (
        report["equal"] and len(report["runs"]) == len(STRATEGIES) and len(report["files"]) == 1 + 2 * len(STRATEGIES)
    )
