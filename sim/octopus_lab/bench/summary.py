# SPDX-License-Identifier: Apache-2.0
"""What rows come to: speed-ups over the static mappings and efficiency, per mesh and strategy.

Workloads with open arrivals end when their last instance has come, whoever runs them: they are judged by latency and
missed deadlines, and are no part of these means.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from octopus_hw.contract.strategies import STRATEGIES
from octopus_lab.bench.row import Row

__all__ = [
    "BASELINES", "Table", "arrange", "closed", "geomean", "is_open", "main_strategy", "mesh_name", "meshes",
    "open_rows", "over_best", "speedup", "strategies", "summarise",
]  # fmt: skip

#: What speed-ups are over: the static mappings, weakest first.
BASELINES = ("naive", "profiled", "profiled-pea")

#: The rows of one mesh, by workload and strategy.
Table = dict[str, dict[str, Row]]


def geomean(numbers: Iterable[float]) -> float | None:
    """Return the geometric mean; None of nothing."""
    logarithms = [math.log(number) for number in numbers]
    return math.exp(math.fsum(logarithms) / len(logarithms)) if logarithms else None


def mesh_name(row: Row) -> str:
    """Return a row's mesh like ``4x2``."""
    return "{}x{}".format(*row["mesh"])


def is_open(row: Row) -> bool:
    """Whether a row's workload has open arrivals."""
    return bool(row["arrivals"] == "open")


def closed(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that are judged by their makespan."""
    return [row for row in rows if not is_open(row)]


def open_rows(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that are judged by their latency."""
    return [row for row in rows if is_open(row)]


def meshes(rows: Iterable[Row]) -> list[str]:
    """Return the meshes of rows, the smallest first."""
    return sorted({mesh_name(row) for row in rows}, key=lambda name: (math.prod(_sides(name)), _sides(name)))


def strategies(rows: Iterable[Row]) -> list[str]:
    """Return the strategies of rows: presets in their own order, then the others in order of appearance."""
    found = list(dict.fromkeys(row["strategy"] for row in rows))
    return [name for name in STRATEGIES if name in found] + [name for name in found if name not in STRATEGIES]


def main_strategy(rows: Iterable[Row]) -> str:
    """Return the strategy whose speed-ups are told: `octopus` if it was run, else the last."""
    found = strategies(rows)
    return "octopus" if "octopus" in found else found[-1]


def arrange(rows: Iterable[Row], mesh: str) -> Table:
    """Return the rows of a mesh by workload and strategy."""
    table: Table = {}
    for row in rows:
        if mesh_name(row) == mesh:
            table.setdefault(row["workload"], {})[row["strategy"]] = row
    return table


def speedup(by_strategy: dict[str, Row], strategy: str, over: str) -> float | None:
    """Return how many times faster a strategy ran a workload than another; None if either did not."""
    if strategy not in by_strategy or over not in by_strategy:
        return None
    return float(by_strategy[over]["cycles"] / by_strategy[strategy]["cycles"])


def over_best(by_strategy: dict[str, Row], strategy: str) -> float | None:
    """Return a strategy's speed-up over the best other one."""
    ups = [speedup(by_strategy, strategy, other) for other in by_strategy if other != strategy]
    return min((up for up in ups if up is not None), default=None)


def summarise(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Return, by mesh and strategy, means over all workloads without open arrivals.

    Each has `workloads` (their number), `load` (mean), `efficiency` (geomean), and `speedup`: for each of `BASELINES`
    that was run, `geomean`, `best` and `on`, the workload of the best.
    """
    judged = closed(rows)
    return {
        mesh: {name: _summary(arrange(judged, mesh), name) for name in strategies(judged)} for mesh in meshes(judged)
    }


def _summary(table: Table, strategy: str) -> dict[str, Any]:
    rows = [by_strategy[strategy] for by_strategy in table.values() if strategy in by_strategy]
    speedups = {}
    for baseline in BASELINES:
        found = [(speedup(by_strategy, strategy, baseline), workload) for workload, by_strategy in table.items()]
        ups = [(up, workload) for up, workload in found if up is not None]
        if ups:
            best, on = max(ups)
            speedups[baseline] = {"geomean": geomean(up for up, _ in ups), "best": best, "on": on}
    return {
        "workloads": len(rows),
        "load": math.fsum(row["load"] for row in rows) / len(rows) if rows else None,
        "efficiency": geomean(row["efficiency"] for row in rows),
        "speedup": speedups,
    }


def _sides(mesh: str) -> list[int]:
    return [int(side) for side in mesh.split("x")]
