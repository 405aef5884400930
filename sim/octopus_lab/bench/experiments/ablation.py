# SPDX-License-Identifier: Apache-2.0
"""``ablation``: what each mechanism is worth, left out of `octopus`, or added to `adaptive`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from octopus_hw.contract.strategies import MECHANISMS, STRATEGIES
from octopus_lab.bench.experiments.base import Case, Experiment, Options, Report, mesh_jobs
from octopus_lab.bench.plots.bars import change_bars
from octopus_lab.bench.row import Row
from octopus_lab.bench.summary import arrange, geomean, meshes, speedup
from octopus_lab.table import markdown

__all__ = ["ABLATION", "ADDED", "LEFT_OUT"]

#: Strategies without one mechanism of `octopus`, or with one that it does not have.
LEFT_OUT = tuple(f"octopus{'-' if STRATEGIES['octopus'].has(name) else '+'}{name}" for name in MECHANISMS)

#: What can be added to `adaptive`: `profile`, `announce`, `strides` and `early` act on balancing, so come with it.
ADDED = (
    "adaptive+discriminate",
    "adaptive+balance",
    *(f"adaptive+balance+{name}" for name in ("profile", "strides", "early")),
    "adaptive+balance+profile+announce",
)


def _cases(options: Options) -> Iterator[Case]:
    for mesh in options.meshes:
        yield from map(Case, mesh_jobs(options.on(mesh), mesh, options.strategies, options.config))


def changes(rows: list[Row], over: str, names: tuple[str, ...]) -> dict[str, dict[str, float | None]]:
    """Return by strategy and mesh how much longer (percent, geomean) its runs took than those of another."""
    found: dict[str, dict[str, float | None]] = {}
    for name in names:
        for mesh in meshes(rows):
            ups = [speedup(by_strategy, over, name) for by_strategy in arrange(rows, mesh).values()]
            mean = geomean(up for up in ups if up is not None)
            found.setdefault(name, {})[mesh] = None if mean is None else 100 * (mean - 1)
    return found


def _worst(rows: list[Row], over: str, name: str) -> str | None:
    ups = [
        (up, f"{workload} {mesh}")
        for mesh in meshes(rows)
        for workload, by_strategy in arrange(rows, mesh).items()
        if (up := speedup(by_strategy, over, name)) is not None
    ]
    most = max(ups, key=lambda pair: abs(pair[0] - 1), default=None)
    return None if most is None else f"{100 * (most[0] - 1):+.1f} ({most[1]})"


def _report(rows: list[Row]) -> Report:
    parts, data, figures = [], {}, {}
    names = {row["strategy"] for row in rows}
    for over, kinds, title in (("octopus", LEFT_OUT, "without"), ("adaptive", ADDED, "with")):
        shown = tuple(name for name in kinds if name in names)
        if over not in names or not shown:
            continue
        found = changes(rows, over, shown)
        lines: list[list[Any]] = [
            [name, *(None if part is None else f"{part:+.1f}" for part in by_mesh.values()), _worst(rows, over, name)]
            for name, by_mesh in found.items()
        ]
        parts += [f"Makespan {title} a mechanism, percent over that of {over} (geomean; more is slower)"]
        parts += [markdown(["strategy", *meshes(rows), "largest"], lines)]
        data[over] = found
        figures[over] = change_bars(found, f"makespan {title} a mechanism, over that of {over}")
    return Report(text="\n\n".join(parts), data=data, figures=figures)


ABLATION = Experiment(
    name="ablation",
    help="each mechanism left out, and added alone",
    meshes=((2, 2), (4, 4), (8, 8), (16, 16)),
    strategies=("octopus", *LEFT_OUT, "adaptive", *ADDED),
    cases=_cases,
    report=_report,
)
