# SPDX-License-Identifier: Apache-2.0
"""All plots of a set of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from octopus_lab.bench import summary
from octopus_lab.bench.plots.bars import efficiency_bars, latency_bars, speedup_bars
from octopus_lab.bench.plots.curves import utilisation
from octopus_lab.bench.row import Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PATTERNS", "gallery"]

#: The names of the files in which figures are kept, whatever the meshes.
PATTERNS = ("efficiency_*.svg", "speedup_over_*.svg", "latency_*.svg", "utilisation_*.svg")


def gallery(rows: Sequence[Row]) -> dict[str, Figure]:
    """Return figures by name: efficiency, speed-ups, latencies and utilisation, for each mesh."""
    names, judged, timed = summary.strategies(rows), summary.closed(rows), summary.open_rows(rows)
    drawn = {}
    for mesh in summary.meshes(judged):
        drawn[f"efficiency_{mesh}"] = efficiency_bars(judged, mesh, names)
        drawn |= {
            f"speedup_over_{over}_{mesh}": speedup_bars(judged, mesh, names, over)
            for over in summary.BASELINES
            if over in names and len(names) > 1
        }
    drawn |= {f"latency_{mesh}": latency_bars(timed, mesh, names) for mesh in summary.meshes(timed)}
    drawn |= {
        f"utilisation_{mesh}": utilisation(summary.arrange(rows, mesh), mesh, names) for mesh in summary.meshes(rows)
    }
    return drawn
