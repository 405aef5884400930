# SPDX-License-Identifier: Apache-2.0
"""Nobody can wait for himself, on any mesh up to a size: the graph of all waits, end points included, has no cycle.

Run as ``python bench/deadlock.py``; ``--largest N`` sets the size (16), ``--tbus T`` the TBUs of a tile (may be
repeated; all that there can be), ``--json`` prints every mesh. All meshes from 1x1 to NxN are checked, rectangles too,
with each of the data router's presets. The exit status is 1 if there is a cycle.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import product

from octopus_hw.chip.deadlock import DeadlockError, Design, check, graph
from octopus_hw.contract.config import ROUTERS, Config
from octopus_hw.noc.dimension_order import XY
from octopus_sim.progress import Progress

__all__ = ["Checked", "check_all", "main", "table"]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One mesh.

    Attributes
    ----------
    columns, rows, tbus, router
        What it is.
    nodes, waits
        Nodes and edges of its graph.
    cycle
        A cycle of waiting; empty if there is none.
    cpu
        Seconds of processor time.
    """

    columns: int
    rows: int
    tbus: int
    router: str
    nodes: int
    waits: int
    cycle: str
    cpu: float


def check_all(largest: int, tbus: Sequence[int]) -> Iterator[Checked]:
    """Check all meshes from 1x1 to `largest` x `largest`, for each number of TBUs and each router."""
    for count, router, columns, rows in product(tbus, ROUTERS, range(1, largest + 1), range(1, largest + 1)):
        yield _checked(columns, rows, router, replace(Config(tbus=count), **ROUTERS[router]))


def _checked(columns: int, rows: int, router: str, config: Config) -> Checked:
    begun, cycle = sum(os.times()[:2]), ""
    try:
        check.__wrapped__(columns, rows, config)
    except DeadlockError as error:
        cycle = str(error)
    waits = graph(columns, rows, config.tbus, Design.of(config, XY))
    return Checked(columns=columns, rows=rows, tbus=config.tbus, router=router, nodes=len(waits),
                   waits=sum(map(len, waits.values())), cycle=cycle, cpu=sum(os.times()[:2]) - begun)  # fmt: skip


def table(checked: list[Checked]) -> str:
    """Lay out a line for each number of TBUs, router and number of columns."""
    lines = [["T", "router", "meshes", "count", "largest graph: nodes", "waits", "cycles", "CPU s"]]
    for tbus, router, columns in dict.fromkeys((mesh.tbus, mesh.router, mesh.columns) for mesh in checked):
        mine = [mesh for mesh in checked if (mesh.tbus, mesh.router, mesh.columns) == (tbus, router, columns)]
        name = f"{columns}x{mine[0].rows} .. {columns}x{mine[-1].rows}"
        lines.append([str(tbus), router, name, str(len(mine)), str(mine[-1].nodes), str(mine[-1].waits), *_sums(mine)])
    lines.append(["all", "", "", str(len(checked)), "", "", *_sums(checked)])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _sums(checked: list[Checked]) -> tuple[str, str]:
    return str(sum(bool(mesh.cycle) for mesh in checked)), f"{sum(mesh.cpu for mesh in checked):.1f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Shows that nobody can wait for himself, on any mesh up to a size.")
    parser.add_argument("--largest", type=int, default=16, metavar="N", help="columns and rows (default: 16)")
    parser.add_argument("--tbus", type=int, action="append", metavar="T", help="TBUs of a tile (default: all)")
    parser.add_argument("--json", action="store_true", help="print every mesh as JSON")
    options = parser.parse_args(arguments)
    most = {field.name: field.metadata["high"] for field in fields(Config)}["tbus"]
    tbus, checked = options.tbus or range(1, most + 1), []
    with Progress(len(tbus) * len(ROUTERS) * options.largest**2) as progress:
        for mesh in check_all(options.largest, tbus):
            checked.append(mesh)
            if mesh.rows == options.largest:
                progress.done = len(checked) - 1
                progress.step(f"{mesh.columns} columns, T = {mesh.tbus}, {mesh.router}")
    print(json.dumps([asdict(mesh) for mesh in checked]) if options.json else table(checked))
    for mesh in checked:
        if mesh.cycle:
            print(f"{mesh.columns}x{mesh.rows}: {mesh.cycle}", file=sys.stderr)
    return 1 if any(mesh.cycle for mesh in checked) else 0


if __name__ == "__main__":
    sys.exit(main())
