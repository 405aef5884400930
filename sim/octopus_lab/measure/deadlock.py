# SPDX-License-Identifier: Apache-2.0
"""Nobody can wait for himself, on any mesh up to a size: the graph of all waits, end points included, has no cycle.

All meshes from 1x1 up are checked, rectangles too, with each of the data router's presets. The exit status is 1 if
there is a cycle.
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import product

from octopus_hw.chip.deadlock import DeadlockError, Design, check, graph
from octopus_hw.contract.config import ROUTERS, Config
from octopus_hw.noc.dimension_order import XY
from octopus_lab.cli import options
from octopus_lab.measure.usage import cpu_seconds
from octopus_lab.table import plain
from octopus_sim.progress import Progress

__all__ = ["Checked", "add_arguments", "check_all", "run", "table"]

_MOST_TBUS: int = {field.name: field.metadata["high"] for field in fields(Config)}["tbus"]


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
    begun, cycle = cpu_seconds(), ""
    try:
        check.__wrapped__(columns, rows, config)
    except DeadlockError as error:
        cycle = str(error)
    waits = graph(columns, rows, config.tbus, Design.of(config, XY))
    return Checked(columns=columns, rows=rows, tbus=config.tbus, router=router, nodes=len(waits),
                   waits=sum(map(len, waits.values())), cycle=cycle, cpu=cpu_seconds() - begun)  # fmt: skip


def table(checked: list[Checked]) -> str:
    """Lay out a line for each number of TBUs, router and number of columns."""
    lines: list[list[object]] = []
    for tbus, router, columns in dict.fromkeys((mesh.tbus, mesh.router, mesh.columns) for mesh in checked):
        mine = [mesh for mesh in checked if (mesh.tbus, mesh.router, mesh.columns) == (tbus, router, columns)]
        name = f"{columns}x{mine[0].rows} .. {columns}x{mine[-1].rows}"
        lines.append([tbus, router, name, len(mine), mine[-1].nodes, mine[-1].waits, *_sums(mine)])
    lines.append(["all", "", "", len(checked), "", "", *_sums(checked)])
    return plain(["T", "router", "meshes", "count", "largest graph: nodes", "waits", "cycles", "CPU s"], lines)


def _sums(checked: list[Checked]) -> tuple[str, str]:
    return str(sum(bool(mesh.cycle) for mesh in checked)), f"{sum(mesh.cpu for mesh in checked):.1f}"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    size = options.number("--largest", most=128)
    parser.add_argument("--largest", type=size, default=16, metavar="N", help="columns and rows (default: 16)")
    about = "TBUs of a tile; can be given several times (default: all that there can be)"
    count = options.number("--tbus", most=_MOST_TBUS)
    parser.add_argument("--tbus", type=count, action="append", metavar="T", help=about)


def run(arguments: Namespace) -> int:
    """Print the table; 1 if there is a cycle."""
    tbus, checked = arguments.tbus or range(1, _MOST_TBUS + 1), []
    with Progress(len(tbus) * len(ROUTERS) * arguments.largest**2) as progress:
        for mesh in check_all(arguments.largest, tbus):
            checked.append(mesh)
            if mesh.rows == arguments.largest:
                progress.done = len(checked) - 1
                progress.step(f"{mesh.columns} columns, T = {mesh.tbus}, {mesh.router}")
    print(json.dumps([asdict(mesh) for mesh in checked]) if arguments.json else table(checked))
    for mesh in checked:
        if mesh.cycle:
            print(f"{mesh.columns}x{mesh.rows}: {mesh.cycle}", file=sys.stderr)
    return 1 if any(mesh.cycle for mesh in checked) else 0
