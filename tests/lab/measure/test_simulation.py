# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_lab.measure import simulation
from octopus_lab.measure.simulation import WAYS, table
from tests.lab.outcome import Octopus


def test_a_dash_where_a_column_is_not_for_a_row() -> None:
    rows = [{"way": "block", "build": 2.25, "cycles/CPU s": 1234.5}, {"way": "amaranth", "cycles/CPU s": 99.0}]
    assert table(rows).splitlines() == [
        "way       build  cycles/CPU s",
        "block       2.2         1,234",
        "amaranth      -            99",
    ]


def test_defaults(octopus: Octopus, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(simulation, "measure", lambda arguments: asked.append(vars(arguments)) or [{"way": "x"}])
    assert octopus("measure", "simulation").status == 0
    assert octopus("measure", "simulation", *(word for way in WAYS for word in ("--way", way))).status == 0
    first, other = asked
    assert (first["mesh"], first["way"], first["engine"]) == ([(2, 2), (4, 4), (8, 8)], ["block"], [])
    assert other["way"] == list(WAYS)
