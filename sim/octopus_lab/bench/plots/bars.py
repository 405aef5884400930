# SPDX-License-Identifier: Apache-2.0
"""Bars by workload and strategy: speed-ups and efficiency."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from octopus_lab.bench.plots.style import figure, finish, looks
from octopus_lab.bench.row import Row
from octopus_lab.bench.summary import Table, arrange, geomean, speedup

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["change_bars", "efficiency_bars", "grouped_bars", "latency_bars", "speedup_bars"]

Value = Callable[[dict[str, Row], str], float | None]


def speedup_bars(rows: Sequence[Row], mesh: str, names: Sequence[str], over: str) -> Figure:
    """Draw each strategy's speed-up over a baseline, on one mesh."""
    title = f"{mesh} tiles: speed-up over {over}"
    value: Value = lambda row, name: speedup(row, name, over)  # noqa: E731
    return grouped_bars(arrange(rows, mesh), [name for name in names if name != over], value, title, f"x {over}", 1.0)


def efficiency_bars(rows: Sequence[Row], mesh: str, names: Sequence[str]) -> Figure:
    """Draw each strategy's lower bound / makespan, on one mesh; 1 is what no scheduler can pass."""
    title = f"{mesh} tiles: lower bound / makespan (1 is the bound)"
    value: Value = lambda row, name: row[name]["efficiency"] if name in row else None  # noqa: E731
    return grouped_bars(arrange(rows, mesh), names, value, title, "efficiency", 1.0)


def latency_bars(rows: Sequence[Row], mesh: str, names: Sequence[str]) -> Figure:
    """Draw each strategy's p99 latency where instances arrive on their own, on one mesh."""
    title = f"{mesh} tiles, open arrivals: p99 latency"
    value: Value = lambda row, name: float(row[name]["latency"]["p99"]) if name in row else None  # noqa: E731
    drawn = grouped_bars(arrange(rows, mesh), names, value, title, "cycles", None)
    drawn.axes[0].set_yscale("log")
    return drawn


def grouped_bars(
    by_workload: Table, names: Sequence[str], value: Value, title: str, label: str, line: float | None
) -> Figure:
    """Draw a group of bars for each workload, and one for the geometric means; a `line` across marks a value."""
    groups = [[value(row, name) for name in names] for row in by_workload.values()]
    means = [geomean(found for group in groups if (found := group[at])) for at in range(len(names))]
    labels = [*by_workload, "geomean"]
    drawn, (axes,) = figure(max(6.0, 1.6 + 0.17 * len(labels) * (1 + len(names))), 4.2)
    width = 0.84 / max(1, len(names))
    for at, (name, look) in enumerate(looks(names).items()):
        heights = [group[at] or 0.0 for group in [*groups, means]]
        places = [place + (at - (len(names) - 1) / 2) * width for place in range(len(labels))]
        axes.bar(
            places, heights, width, label=name, color=look["color"], hatch=look["hatch"], edgecolor="#333333", lw=0.3
        )
    if line is not None:
        axes.axhline(line, color="#000000", linewidth=1.0, linestyle="--")
    axes.axvline(len(by_workload) - 0.5, color="#999999", linewidth=0.6)
    axes.set_xticks(range(len(labels)), labels, rotation=35, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.6, len(labels) - 0.4)
    finish(axes, title, "", label)
    drawn.legend(loc="outside lower center", ncols=min(6, max(1, len(names))), frameon=False)
    return drawn


def change_bars(changes: dict[str, dict[str, float | None]], title: str) -> Figure:
    """Draw percentages by strategy and mesh, as bars to the left and right of 0."""
    found = list(dict.fromkeys(mesh for by_mesh in changes.values() for mesh in by_mesh))
    drawn, (axes,) = figure(7.0, 1.4 + 0.16 * len(changes) * (1 + len(found)))
    height = 0.84 / max(1, len(found))
    for at, (mesh, look) in enumerate(looks(found).items()):
        places = [place + (at - (len(found) - 1) / 2) * height for place in range(len(changes))]
        widths = [by_mesh.get(mesh) or 0.0 for by_mesh in changes.values()]
        axes.barh(places, widths, height, label=mesh, color=look["color"], hatch=look["hatch"], edgecolor="#333333")
    axes.axvline(0, color="#000000", linewidth=1.0)
    axes.set_yticks(range(len(changes)), list(changes))
    axes.invert_yaxis()
    finish(axes, title, "percent (more is slower)", "")
    drawn.legend(loc="outside lower center", ncols=max(1, len(found)), frameon=False)
    return drawn
