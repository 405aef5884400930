# SPDX-License-Identifier: Apache-2.0
"""The data plane's RTL under random traffic: latency against offered load, saturation, and what is accepted at most.

Verilator runs a mesh of routers with sources and checking sinks, 2,000 cycles to warm up and 10,000 measured for each
load; loads rise until latency is three times that without other traffic, and that point is looked for more closely.
Loads are flits per cycle and tile that sends. Outcomes are kept in ``--out``: an interrupted run goes on.

The exit status is 1 if any sink found a packet lost, doubled, out of order, misrouted or damaged.
"""

import json
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from octopus_hw.contract.config import ROUTERS, load_config
from octopus_hw.files import Outputs
from octopus_lab.bench.plots.style import svg
from octopus_lab.cli import options
from octopus_lab.network.report import comparison, gallery, summary
from octopus_lab.network.sweep import Bench, Curve, configured, sweep
from octopus_sim.progress import Progress
from octopus_sim.traffic.driver import Traffic
from octopus_sim.traffic.layout import INDEX, Pattern

__all__ = ["add_arguments", "measure", "run"]

PATTERNS = {pattern.name.lower(): pattern for pattern in Pattern}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_config(parser)
    options.add_mesh(parser, action="append", help="default: 4x4 8x8")
    parser.add_argument("--router", choices=list(ROUTERS), action="append", help="default: all")
    parser.add_argument("--pattern", choices=list(PATTERNS), action="append", help="default: all")
    about = "flits of a packet; default: 1 5"
    flits = options.number("--flits", most=(1 << INDEX) - 1)
    parser.add_argument("--flits", type=flits, action="append", metavar="N", help=about)
    for name, default, about in (("--warm-up", 2000, "to warm up"), ("--window", 10_000, "measured")):
        cycles = options.number(name)
        parser.add_argument(name, type=cycles, default=default, metavar="CYCLES", help=f"{about} (default: {default})")
    options.add_seed(parser, "of the traffic (default: 1)", 1)
    options.add_out(parser, "build/network")
    parser.add_argument("--plots", metavar="DIR", help="draw SVG files there")


def measure(arguments: Namespace) -> list[Curve]:
    """Sweep everything that is asked for."""
    base, found = load_config(arguments.config, arguments.set), []
    meshes, routers = arguments.mesh or [(4, 4), (8, 8)], arguments.router or list(ROUTERS)
    names, lengths = arguments.pattern or list(PATTERNS), arguments.flits or [1, 5]
    with Progress(len(meshes) * len(routers) * len(names) * len(lengths)) as progress:
        for columns, rows in meshes:
            for router in routers:
                progress.note(f"building {columns}x{rows}, {router}")
                with Bench(columns, rows, configured(router, base), Path(arguments.out)) as bench:
                    for name, flits in ((name, flits) for name in names for flits in lengths):
                        what = f"{columns}x{rows}, {router}, {name}, {flits} flits"
                        progress.note(what)
                        traffic = Traffic(
                            pattern=PATTERNS[name],
                            flits=flits,
                            load=0,
                            seed=arguments.seed,
                            warm_up=arguments.warm_up,
                            window=arguments.window,
                        )
                        found.append(sweep(bench, router, traffic))
                        progress.step(what)
    return found


def run(arguments: Namespace) -> int:
    """Print the tables; 1 if a sink found a fault."""
    found = measure(arguments)
    if arguments.plots:
        with Outputs(arguments.plots) as outputs:
            for name, figure in gallery(found).items():
                outputs.write(f"{name}.svg", svg(figure))
    errors = sum(curve.errors for curve in found)
    if arguments.json:
        print(json.dumps([asdict(curve) for curve in found]))
    else:
        print("\n\n".join(filter(None, (summary(found), comparison(found)))))
        print(f"\n{sum(len(curve.points) for curve in found)} points, {errors} faults found by sinks")
    return int(errors > 0)
