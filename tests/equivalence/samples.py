# SPDX-License-Identifier: Apache-2.0
"""The soak's random workloads and settings, drawn by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from octopus_hw.contract.config import Config
from octopus_lab.soak.choose import Choose
from octopus_lab.soak.workloads import random_balance, random_dead, random_strategy, random_workload

__all__ = ["balances", "dead_parts", "strategies", "workloads"]


def _choose(draw: Any) -> Choose:
    return lambda low, high: int(draw(st.integers(low, high)))


@st.composite
def workloads(draw: Any, tiles: int) -> dict[str, Any]:
    return random_workload(_choose(draw), tiles)


@st.composite
def strategies(draw: Any) -> str:
    return random_strategy(_choose(draw))


@st.composite
def balances(draw: Any) -> dict[str, int]:
    return random_balance(_choose(draw))


@st.composite
def dead_parts(draw: Any, columns: int, rows: int, config: Config) -> list[str]:
    return random_dead(_choose(draw), columns, rows, config)
