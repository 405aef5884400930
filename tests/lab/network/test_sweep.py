# SPDX-License-Identifier: Apache-2.0
"""Curves of a network that is known: latency rises like that of a queue, and 0.3 are accepted at most."""

import json
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from octopus_hw.contract.config import ROUTERS, Config
from octopus_hw.contract.errors import InputError
from octopus_lab.measure import network
from octopus_lab.network.report import comparison, gallery, summary
from octopus_lab.network.sweep import Bench, configured, sweep
from octopus_sim.traffic.driver import Outcome, Traffic
from octopus_sim.traffic.layout import Pattern
from tests.lab.outcome import Octopus

MOST = 0.3
ZERO = 10.0


class Known(Bench):
    """A bench without a simulation."""

    broken = 0
    arrives = True

    def __init__(self, columns: int, rows: int, config: Config, directory: Path) -> None:
        self.columns, self.rows = columns, rows

    def measure(self, traffic: Traffic) -> Outcome:
        latency = ZERO / (1 - traffic.load / MOST) if self.arrives and traffic.load < MOST else None
        return Outcome(offered=traffic.load, accepted=min(traffic.load, MOST), latency=latency, longest=0, hops=4.0,
                       marked=9, arrived=9, refused=0, born=9, taken=9, misrouted=0, disordered=0,
                       broken=self.broken)  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


TRAFFIC = Traffic(pattern=Pattern.UNIFORM, flits=1, load=0, seed=1, warm_up=100, window=1000)


def test_saturation_is_where_latency_is_three_times_that_without_traffic(tmp_path: Path) -> None:
    curve = sweep(Known(8, 8, Config(), tmp_path), "lean", TRAFFIC)
    assert curve.saturation == pytest.approx(MOST * 2 / 3, abs=0.01)
    assert (curve.mesh, curve.plateau, curve.errors) == ("8x8", MOST, 0)
    assert curve.per_hop == pytest.approx((curve.zero_load - 2) / 4)
    assert list(curve.points) == sorted(curve.points)


def test_a_window_in_which_nothing_arrives_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Known, "arrives", False)
    with pytest.raises(InputError, match="--window: 1000: is too short"):
        sweep(Known(4, 4, Config(), tmp_path), "lean", TRAFFIC)


def test_a_preset_is_put_into_a_configuration() -> None:
    assert configured("fast", Config(tbus=2)) == Config(tbus=2, **ROUTERS["fast"])


def test_reports(tmp_path: Path) -> None:
    curve = sweep(Known(8, 8, Config(), tmp_path), "lean", TRAFFIC)
    assert summary([curve]).splitlines()[1].split()[:4] == ["8x8", "lean", "uniform", "1"]
    assert "BookSim2, 4 virtual channels" in comparison([curve])
    assert comparison([sweep(Known(4, 4, Config(), tmp_path), "lean", TRAFFIC)]) == ""
    assert list(gallery([curve])) == ["network_8x8_1"]


def test_the_command(octopus: Octopus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "Bench", Known)
    how = ("measure", "network", "--mesh", "4x4", "--pattern", "uniform", "--router", "fast", "--out", tmp_path / "o")
    done = octopus(*how, "--flits", 1, "--flits", 5, "--plots", tmp_path / "plots")
    assert done.status == 0 and done.out.endswith(" points, 0 faults found by sinks\n")
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {"network_4x4_1.svg", "network_4x4_5.svg"}
    monkeypatch.setattr(Known, "broken", 2)
    done = octopus(*how, "--flits", 1, "--json")
    assert done.status == 1
    assert all(point["broken"] == 2 for point in json.loads(done.out)[0]["points"].values())
