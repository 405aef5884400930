# SPDX-License-Identifier: Apache-2.0
"""Every experiment from workloads to tables, on engines that take no time."""

import json
from pathlib import Path
from typing import Any

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.strategies import MECHANISMS, strategy
from octopus_lab.bench.experiments import EXPERIMENTS, Options, evaluate
from octopus_lab.bench.experiments.ablation import ADDED, LEFT_OUT
from octopus_lab.bench.experiments.base import grouped
from octopus_lab.bench.experiments.sweep import PARAMETERS
from octopus_sim.engines import ENGINES, ModelEngine
from tests.lab.bench.samples import Ideal, Late, workload

CLOSED, OPEN = workload(), workload("open", arrivals=[0, 50, 90], deadline=10)


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch, engines: None) -> None:
    for name in ("model", "verilator"):
        monkeypatch.setitem(ENGINES, name, Ideal)


def run(
    name: str, directory: Path, *meshes: tuple[int, int], instances: int | None = None
) -> tuple[str, dict[str, Any]]:
    experiment = EXPERIMENTS[name]
    options = Options(
        workloads=lambda columns, rows: [CLOSED, OPEN],
        meshes=meshes or ((2, 2),),
        strategies=experiment.strategies,
        config=Config(),
        instances=instances,
    )
    with pytest.MonkeyPatch.context() as patch:
        if name in ("grain", "width"):  # the ideal engine takes all tasks to be as long as they are by default
            patch.setitem(ENGINES, "model", ModelEngine)
        done = evaluate(experiment, options, directory, 1)
    assert done.holds
    document = json.loads((directory / f"{name}.json").read_text())
    assert document == json.loads(done.document)
    assert document["experiment"] == name and document["rows"] and not document["failures"]
    for path in [line[3:-1] for line in done.text.splitlines() if line.startswith("- `")]:
        assert Path(path).stat().st_size > 0
    return done.text, document


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_strategy_mesh_and_workload(name: str, tmp_path: Path) -> None:
    _, document = run(name, tmp_path, (2, 2), (2, 1))
    found = {(row["strategy"], *row["mesh"]) for row in document["rows"]}
    assert found == {(name, *mesh) for name in EXPERIMENTS[name].strategies for mesh in ((2, 2), (2, 1))}
    judged_by_latency_too = name in ("main", "imported", "confirm")
    assert {row["workload"] for row in document["rows"]} == ({"w", "open"} if judged_by_latency_too else {"w"})


def test_ablation_leaves_out_each_mechanism_and_adds_those_that_are_missing(tmp_path: Path) -> None:
    changed = [strategy(name).mechanisms ^ strategy("octopus").mechanisms for name in LEFT_OUT]
    assert changed == [{name} for name in MECHANISMS]
    added = [strategy(name).mechanisms - strategy("adaptive").mechanisms for name in ADDED]
    assert all(added) and frozenset().union(*added) == frozenset(MECHANISMS) - strategy("adaptive").mechanisms
    text, document = run("ablation", tmp_path)
    assert "| octopus-split | +0.0 | +0.0 (w 2x2) |" in text and "| adaptive+balance | +0.0 | +0.0 (w 2x2) |" in text
    assert document["summary"]["octopus"]["octopus-late"] == {"2x2": 0.0}


def test_a_sweep_marks_its_defaults(tmp_path: Path) -> None:
    text, document = run("sweep", tmp_path)
    for key, values in PARAMETERS.items():
        default = getattr(Config(), key)
        assert f"| {default} (default) |" in text
        runs = [row["value"] for row in document["rows"] if row["parameter"] == key]
        assert runs == sorted({*values, default})


def test_loads_are_those_asked_for(tmp_path: Path) -> None:
    _, document = run("load", tmp_path)
    assert sorted({row["target_load"] for row in document["rows"]}) == [0.5, 1, 2, 4, 8]


def test_latency_at_rates_below_the_bound(tmp_path: Path) -> None:
    text, document = run("latency", tmp_path, instances=2)
    assert "2x2 at 90 %: latency in cycles, p50 / p99" in text
    for (offered,), group in grouped(document["rows"], "offered"):
        assert all(row["instances"] == 8 and row["arrivals"] == "open" for row in group) and 10 <= offered <= 95


def test_hot_spots(tmp_path: Path) -> None:
    text, document = run("hotspot", tmp_path)
    ratio = document["rows"][0]["cycles"] / document["rows"][0]["lower_bound"]
    assert document["summary"][0]["over_bound"]["octopus"] == pytest.approx(ratio)
    assert "half of all instances in one quadrant: makespan / lower bound" in text and f"{ratio:.3f}" in text


def test_grain_scales_the_work(tmp_path: Path) -> None:
    _, document = run("grain", tmp_path)
    work = {row["scale"]: row["work"] for row in document["rows"]}
    assert work == {0.125: 16, 0.25: 16, 0.5: 32, 1.0: 80, 2.0: 160, 4.0: 320}


def test_data_leaves_the_work(tmp_path: Path) -> None:
    _, document = run("data", tmp_path)
    assert {row["scale"]: row["work"] for row in document["rows"]} == dict.fromkeys((0.0, 0.25, 0.5, 1.0), 80)


def test_confirming(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, document = run("confirm", tmp_path, instances=1)
    assert document["summary"] == {"runs": 12, "events": 6 * 5 * (4 + 3), "differences": []}
    assert "| all | 12 | 210 | 0 |" in text
    monkeypatch.setitem(ENGINES, "verilator", Late)
    options = Options(workloads=lambda *mesh: [CLOSED], meshes=((1, 1),), strategies=("naive",), config=Config())
    late = evaluate(EXPERIMENTS["confirm"], options, tmp_path / "late", 1)
    assert not late.holds and "1x1, w, naive: event 4 of 20 (verilator) and 20 (model)" in late.text


def test_a_failure_is_told_and_not_averaged_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from octopus_sim.model import ModelError

    def stuck(self: Ideal, *arguments: object) -> None:
        raise ModelError("stuck in cycle 7: 0 of 4 instances retired\nmore about it")

    monkeypatch.setattr(Ideal, "run", stuck)
    options = Options(workloads=lambda *mesh: [CLOSED], meshes=((1, 1),), strategies=("naive",), config=Config())
    done = evaluate(EXPERIMENTS["main"], options, tmp_path, 1)
    assert not done.holds
    assert "- FAILED: w, 1x1, naive, model: stuck in cycle 7: 0 of 4 instances retired" in done.text
    assert json.loads((tmp_path / "main.json").read_text())["rows"] == []
