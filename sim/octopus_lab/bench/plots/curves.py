# SPDX-License-Identifier: Apache-2.0
"""Lines by strategy: over load, over a parameter, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from octopus_lab.bench.plots.style import Look, figure, finish, looks
from octopus_lab.bench.row import Row
from octopus_lab.bench.summary import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Panel", "curves", "utilisation"]

#: (x, y) of a line.
Points = Sequence[tuple[float, float | None]]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One diagram.

    Attributes
    ----------
    title, x, y : str
        Title and labels.
    lines : mapping of str to points
        By strategy; points without a y are left out.
    log_x, log_y : bool
    level, mark : float or None
        A horizontal line (a bound), and a vertical one (the default).
    markers : bool
        Whether points are marked; without, lines show shares from 0 to 1.
    """

    title: str
    x: str
    y: str
    lines: Mapping[str, Points]
    log_x: bool = False
    log_y: bool = False
    level: float | None = None
    mark: float | None = None
    markers: bool = True


def curves(panels: Sequence[Panel], across: int = 3) -> Figure:
    """Draw panels with one legend for all."""
    across = min(across, max(1, len(panels)))
    down = -(-max(1, len(panels)) // across)
    drawn, axes = figure(1.0 + 3.6 * across, 0.7 + 2.8 * down, down, across)
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    styles = looks(names)
    for place, panel in zip(axes, panels, strict=False):
        _draw(place, panel, styles)
    for place in axes[len(panels) :]:
        place.set_visible(False)
    handles = {label: line for place in axes for line, label in zip(*place.get_legend_handles_labels(), strict=True)}
    shown = [name for name in names if name in handles]
    drawn.legend(
        [handles[name] for name in shown],
        shown,
        loc="outside lower center",
        ncols=min(6, max(1, len(shown))),
        frameon=False,
    )
    return drawn


def _draw(place: Axes, panel: Panel, styles: Mapping[str, Look]) -> None:
    for name, points in panel.lines.items():
        there = [(x, y) for x, y in points if y is not None]
        look, marker = styles[name], styles[name]["marker"] if panel.markers else ""
        xs, ys = [x for x, _ in there], [y for _, y in there]
        place.plot(xs, ys, label=name, color=look["color"], marker=marker, markersize=4, linewidth=1.4)
    if panel.log_x:
        place.set_xscale("log", base=2)
        ticks = sorted({x for points in panel.lines.values() for x, _ in points})
        place.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        place.minorticks_off()
    if panel.log_y:
        place.set_yscale("log")
    if panel.level is not None:
        place.axhline(panel.level, color="#000000", linewidth=1.0, linestyle="--")
    if panel.mark is not None:
        place.axvline(panel.mark, color="#777777", linewidth=1.0, linestyle=":")
    if not panel.markers:
        place.set_ylim(0, 1.05)
    finish(place, panel.title, panel.x, panel.y)


def utilisation(by_workload: Table, mesh: str, names: Sequence[str]) -> Figure:
    """Draw, for each workload, which share of all PEAs is busy over the cycles of each strategy's run."""
    return curves(
        [
            Panel(
                title=f"{workload}, {mesh}",
                x="thousand cycles",
                y="share of PEAs busy",
                lines={name: _over_time(by_strategy[name]) for name in names if name in by_strategy},
                level=1.0,
                markers=False,
            )
            for workload, by_strategy in by_workload.items()
        ]
    )


def _over_time(row: Row) -> Points:
    step = row["cycles"] / len(row["timeline"]) / 1000
    return [((at + 0.5) * step, busy) for at, busy in enumerate(row["timeline"])]
