# SPDX-License-Identifier: Apache-2.0
"""How plots look: colours that the colour-blind can tell apart, and files that are the same for the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octopus_hw.contract.strategies import STRATEGIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Look", "figure", "finish", "look_of", "looks", "svg"]

#: Okabe and Ito's palette without its yellow, which is faint on white; the presets' colours, in their order.
_PRESETS = ("#B0B0B0", "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#D55E00")
_OTHERS = ("#0072B2", "#000000", "#8C6D1F", "#6A3D9A")
_MARKERS = "osD^vPX*<>"
_HATCHES = ("", "//", "..", "\\\\", "xx", "")

Look = dict[str, Any]


def look_of(name: str, among: Sequence[str] = ()) -> Look:
    """Return colour, marker and hatch of a strategy; one that is no preset gets its own `among` those shown."""
    presets = list(STRATEGIES)
    if name in presets:
        at = presets.index(name)
        return {"color": _PRESETS[at], "marker": _MARKERS[at], "hatch": _HATCHES[at]}
    others = [other for other in among if other not in presets]
    at = others.index(name) if name in others else 0
    return {
        "color": _OTHERS[at % len(_OTHERS)],
        "marker": _MARKERS[(6 + at) % len(_MARKERS)],
        "hatch": ("", "++")[at % 2],
    }


def looks(names: Sequence[str]) -> dict[str, Look]:
    """Return the looks of strategies that are shown together."""
    return {name: look_of(name, names) for name in names}


def figure(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of so many inches and its axes, row by row."""
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rc("svg", hashsalt="octopus", fonttype="none")
    matplotlib.rc("font", size=9)
    matplotlib.rc("hatch", linewidth=0.4)
    drawn = Figure(figsize=(width, height), layout="constrained")
    return drawn, list(drawn.subplots(rows, columns, squeeze=False).flat)


def finish(axes: Axes, title: str, x: str, y: str) -> None:
    """Label axes and leave out what carries nothing."""
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(axis="y", linewidth=0.4, color="#cccccc")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def svg(drawn: Figure) -> Callable[[Path], None]:
    """Return what writes a figure as SVG, without a date."""
    return lambda path: drawn.savefig(path, format="svg", metadata={"Date": None})
