# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from octopus_lab.measure import export
from octopus_lab.measure.cosimulation import Run
from tests.lab.outcome import Octopus


@pytest.mark.slow
def test_a_mesh_is_generated_in_a_process_of_its_own(octopus: Octopus) -> None:
    done = octopus("measure", "export", "--mesh", "1x1", "--json")
    (row,) = json.loads(done.out)
    assert done.status == 0 and row["mesh"] == "1x1"
    assert row["bytes"] > 100_000 and row["modules"] > 50 and row["cpu_s"] > 0.5 and row["peak_mb"] > 50


def test_a_difference_is_the_answer_no(octopus: Octopus, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(mesh="2x2", workload="w", strategy="naive", events=7, hash="ab", difference="event 4 of 7")
    monkeypatch.setattr(export, "cosimulate", lambda columns, rows: iter([run]))
    done = octopus("measure", "export", "--cosimulate", "--mesh", "2x2")
    assert done.status == 1
    assert done.out.splitlines() == [
        "mesh  workload  strategy  events  hash  difference",
        "2x2   w         naive          7  ab    event 4 of 7",
    ]
