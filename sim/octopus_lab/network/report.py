# SPDX-License-Identifier: Apache-2.0
"""Curves as tables and plots, and what others reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from octopus_lab.bench.plots.curves import Panel, curves
from octopus_lab.network.sweep import Curve
from octopus_lab.table import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["REFERENCES", "comparison", "gallery", "summary"]

#: Others' routers on 8x8, uniform traffic, dimension order, as we measured them: flits of a packet, zero-load latency,
#: load at which latency is three times that, and what is accepted when 0.9 is offered. BookSim2 (commit 28f4329) with
#: its defaults, 8 flits for each virtual channel, but for `routing_delay = 0`. docs/fabric.md says what differs.
REFERENCES: tuple[tuple[str, int, float, float, float], ...] = (
    ("BookSim2, 1 virtual channel", 1, 27.0, 0.190, 0.192),
    ("BookSim2, 1 virtual channel", 5, 31.4, 0.244, 0.252),
    ("BookSim2, 2 virtual channels", 1, 26.9, 0.397, 0.385),
    ("BookSim2, 2 virtual channels", 5, 31.4, 0.369, 0.370),
    ("BookSim2, 4 virtual channels", 1, 26.9, 0.418, 0.382),
    ("BookSim2, 4 virtual channels", 5, 31.4, 0.397, 0.401),
)

#: A plot ends where latency is so many times that at the lowest load.
_SHOWN = 5


def summary(found: Iterable[Curve]) -> str:
    """Lay curves out as a table, one line each."""
    headings = [
        "mesh",
        "router",
        "pattern",
        "flits",
        "bound",
        "zero-load",
        "per hop",
        "saturation",
        "of bound",
        "plateau",
    ]
    rows = [
        [
            *(curve.mesh, curve.router, curve.pattern, curve.flits, curve.bound),
            *(f"{curve.zero_load:.2f}", f"{curve.per_hop:.2f}", curve.saturation),
            *(f"{curve.saturation / curve.bound:.0%}", curve.plateau),
        ]
        for curve in found
    ]
    return plain(headings, rows)


def comparison(found: Iterable[Curve]) -> str:
    """Lay uniform traffic on 8x8 out beside what others reach; empty if it was not measured."""
    ours = [
        [f"{curve.router}", curve.flits, f"{curve.zero_load:.1f}", curve.saturation, curve.plateau]
        for curve in found
        if (curve.mesh, curve.pattern) == ("8x8", "uniform")
    ]
    others = [[name, flits, f"{zero:.1f}", *rest] for name, flits, zero, *rest in REFERENCES]
    return plain(["router", "flits", "zero-load", "saturation", "plateau"], ours + others) if ours else ""


def gallery(found: Sequence[Curve]) -> dict[str, Figure]:
    """Return figures by name: latency over offered load, and what uniform traffic has accepted, for each mesh."""
    figures = {}
    for mesh, flits in dict.fromkeys((curve.mesh, curve.flits) for curve in found):
        here = [curve for curve in found if (curve.mesh, curve.flits) == (mesh, flits)]
        patterns = dict.fromkeys(curve.pattern for curve in here)
        about = f"{mesh}, packets of {flits} flit{'s' * (flits > 1)}"
        panels = [
            _panel(
                f"{pattern}, {about}", "cycles from birth to arrival", [c for c in here if c.pattern == pattern], False
            )
            for pattern in patterns
        ]
        first = next(iter(patterns))
        shown = [curve for curve in here if curve.pattern == first]
        figures[f"network_{mesh}_{flits}"] = curves(
            [*panels, _panel(f"{first}, accepted", "flits/cycle/tile", shown, True)]
        )
    return figures


def _panel(title: str, y: str, found: Sequence[Curve], accepted: bool) -> Panel:
    lines = {curve.router: _points(curve, accepted) for curve in found}
    return Panel(title=title, x="offered flits/cycle/tile", y=y, lines=lines, mark=None if accepted else found[0].bound)


def _points(curve: Curve, accepted: bool) -> list[tuple[float, float | None]]:
    if accepted:
        return [(point.offered, point.accepted) for point in curve.points.values()]
    highest = _SHOWN * curve.zero_load
    return [
        (point.offered, point.latency)
        for point in curve.points.values()
        if point.latency is not None and point.latency <= highest
    ]
