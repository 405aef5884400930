# SPDX-License-Identifier: Apache-2.0
"""Rows as tables: for a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from octopus_lab.bench.row import Row
from octopus_lab.bench.summary import (
    BASELINES,
    Table,
    arrange,
    closed,
    geomean,
    main_strategy,
    meshes,
    open_rows,
    over_best,
    speedup,
    strategies,
    summarise,
)
from octopus_lab.table import Writer, plain

__all__ = ["latency_table", "main_table", "report", "summary_table"]


def report(rows: Sequence[Row], write: Writer = plain, subject: str | None = None) -> str:
    """Return all tables of a set of rows, mesh after mesh; `subject` is the strategy whose speed-ups are listed."""
    parts = []
    for mesh in meshes(rows):
        judged, timed = arrange(closed(rows), mesh), arrange(open_rows(rows), mesh)
        if judged:
            chosen = subject or main_strategy(closed(rows))
            parts += [f"{mesh}: efficiency (lower bound / makespan); speed-ups of {chosen}"]
            parts += [main_table(judged, strategies(closed(rows)), chosen, write)]
        if timed:
            parts += [f"{mesh}: open arrivals, latency in cycles", latency_table(timed, write)]
    if closed(rows):
        parts += ["All workloads without open arrivals", summary_table(rows, write)]
    return "\n\n".join(parts)


def main_table(by_workload: Table, names: Sequence[str], chosen: str, write: Writer = plain) -> str:
    """Write efficiencies of all strategies, and the speed-ups of one over the baselines and over the best other."""
    known = [name for name in BASELINES if name != chosen and any(name in row for row in by_workload.values())]
    lines: list[list[Any]] = []
    for workload, row in by_workload.items():
        some = row.get(chosen) or next(iter(row.values()))
        numbers = [row[name]["efficiency"] if name in row else None for name in names]
        numbers += [speedup(row, chosen, name) for name in known] + [over_best(row, chosen)]
        lines.append([workload, round(float(some["load"]), 2), some["lower_bound"], *numbers])
    means = [geomean(line[column] for line in lines if line[column]) for column in range(3, len(lines[0]))]
    lines.append(["geomean", None, None, *means])
    over = [f"x {name}" for name in known] + ["x best other"]
    return write(["workload", "load", "bound", *names, *over], lines)


def summary_table(rows: Sequence[Row], write: Writer = plain) -> str:
    """Write what `summarise` returns."""
    lines = []
    for mesh, by_strategy in summarise(rows).items():
        for name, part in by_strategy.items():
            ups = [part["speedup"].get(baseline, {}) for baseline in BASELINES]
            numbers = [up.get(key) for up in ups for key in ("geomean", "best")]
            lines.append([f"{mesh} {name}", part["workloads"], part["load"], part["efficiency"], *numbers])
    over = [heading for name in BASELINES for heading in (f"x {name}", "best")]
    return write(["mesh, strategy", "workloads", "load", "efficiency", *over], lines)


def latency_table(by_workload: Table, write: Writer = plain) -> str:
    """Write latencies and missed deadlines, and how much lower the p99 is than that of `profiled`."""
    lines = []
    for workload, by_strategy in by_workload.items():
        for name, row in by_strategy.items():
            lines.append([f"{workload}, {name}", *latencies(row), _ratio(by_strategy, name)])
    headings = ("workload, strategy", "p50", "p95", "p99", "max", "missed", "of", "missed %", "p99: profiled / this")
    return write(headings, lines)


def latencies(row: Row) -> list[Any]:
    """Return p50, p95, p99 and largest latency, and missed deadlines: how many, of how many, percent."""
    latency, due = row["latency"], row["with_deadline"]
    percent = 100 * row["missed"] / due if due else None
    return [*(latency[key] for key in ("p50", "p95", "p99", "max")), row["missed"], due, percent]


def _ratio(by_strategy: dict[str, Row], name: str) -> float | None:
    if "profiled" not in by_strategy:
        return None
    return float(by_strategy["profiled"]["latency"]["p99"] / by_strategy[name]["latency"]["p99"])


def geomean_of(ratios: Iterable[float | None]) -> float | None:
    """Return the geometric mean of the ratios that there are."""
    return geomean(ratio for ratio in ratios if ratio)
