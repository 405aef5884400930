# SPDX-License-Identifier: Apache-2.0
"""The command that measures the model."""

import json

import pytest

from octopus_lab.measure.model import against, idle_cost, main


def test_a_busy_mesh(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("--mesh 2x1 --processes 1 --instances 2 --seconds 0 --json".split()) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["mesh"] == "2x1" and row["tasks"] >= 4 and row["cycles"] > 100
    assert 0 < row["PEAs busy"] < row["tiles busy"] <= 1
    assert row["M tile-cycles/s"] > 0


def test_an_engine_against_itself() -> None:
    first, second = against("model", (2, 1), "adaptive", 2)
    assert first["events"] == second["events"] and second["times"] == 1


def test_an_idle_tile_is_what_a_larger_mesh_costs_more() -> None:
    small = {"what": "home 0,0 adaptive", "event_hash": "1", "cpu_s": 1e-3, "cycles": 1000, "tiles": 2, "looked": 0.5}
    large = small | {"cpu_s": 2e-3, "tiles": 1002}
    assert idle_cost([small, large]) == "an idle tile costs 1.00 ns a cycle, one that is looked at 1000 ns"
    with pytest.raises(AssertionError, match="other events"):
        idle_cost([small, large | {"event_hash": "2"}])
