# SPDX-License-Identifier: Apache-2.0
"""The data plane's RTL under random traffic: latency against offered load, saturation, and what is accepted at most.

Run as ``python bench/network.py [--mesh CxR]... [--router lean|fast]... [--pattern NAME]... [--flits N]...``. Verilator
runs a mesh of routers with sources and checking sinks (`octopus_sim.traffic`), 2,000 cycles to warm up and 10,000
measured for each load; loads rise until latency is three times that without other traffic, and that point is looked for
more closely. Loads are flits per cycle and tile that sends. Outcomes are kept in ``--out``: an interrupted run goes on.
``--plots DIR`` draws SVG; ``--json`` prints all points.

The exit status is 1 if any sink found a packet lost, doubled, out of order, misrouted or damaged.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from octopus_hw.contract.config import ROUTERS, load_config
from octopus_hw.contract.errors import InputError
from octopus_lab.bench.plots.style import save
from octopus_lab.cli.files import output_directory
from octopus_lab.cli.parser import mesh, seed
from octopus_lab.network.report import comparison, gallery, summary
from octopus_lab.network.sweep import Bench, Curve, configured, sweep
from octopus_sim.progress import Progress
from octopus_sim.toolchain import ToolError
from octopus_sim.traffic.driver import Traffic
from octopus_sim.traffic.layout import INDEX, Pattern

PATTERNS = {pattern.name.lower(): pattern for pattern in Pattern}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mesh", type=mesh, action="append", metavar="CxR", help="default: 4x4 8x8")
    parser.add_argument("--router", choices=ROUTERS, action="append", help="default: all")
    parser.add_argument("--pattern", choices=PATTERNS, action="append", help="default: all")
    about = "flits of a packet; default: 1 5"
    parser.add_argument("--flits", type=int, choices=range(1, 1 << INDEX), action="append", metavar="N", help=about)
    parser.add_argument("--warm-up", type=int, default=2000, metavar="CYCLES")
    parser.add_argument("--window", type=int, default=10_000, metavar="CYCLES")
    parser.add_argument("--seed", type=seed, default=1)
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="of the configuration")
    parser.add_argument("--out", default="build/network", help="default: build/network")
    parser.add_argument("--plots", metavar="DIR", help="draw SVG files there")
    parser.add_argument("--json", action="store_true", help="print all points as JSON")
    return parser


def measure(options: argparse.Namespace) -> list[Curve]:
    """Sweep everything that is asked for."""
    base, found = load_config(None, options.set), []
    meshes, routers = options.mesh or [(4, 4), (8, 8)], options.router or list(ROUTERS)
    names, lengths = options.pattern or list(PATTERNS), options.flits or [1, 5]
    with Progress(len(meshes) * len(routers) * len(names) * len(lengths)) as progress:
        for columns, rows in meshes:
            for router in routers:
                progress.note(f"building {columns}x{rows}, {router}")
                with Bench(columns, rows, configured(router, base), Path(options.out)) as bench:
                    for name, flits in ((name, flits) for name in names for flits in lengths):
                        what = f"{columns}x{rows}, {router}, {name}, {flits} flits"
                        progress.note(what)
                        traffic = Traffic(
                            pattern=PATTERNS[name],
                            flits=flits,
                            load=0,
                            seed=options.seed,
                            warm_up=options.warm_up,
                            window=options.window,
                        )
                        found.append(sweep(bench, router, traffic))
                        progress.step(what)
    return found


def main() -> int:
    """Print the tables."""
    try:
        options = build_parser().parse_args()
        found = measure(options)
        if options.plots:
            directory = output_directory(options.plots)
            for name, figure in gallery(found).items():
                save(figure, directory / f"{name}.svg")
    except (InputError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    errors = sum(curve.errors for curve in found)
    if options.json:
        print(json.dumps([asdict(curve) for curve in found]))
    else:
        print("\n\n".join(filter(None, (summary(found), comparison(found)))))
        print(f"\n{sum(len(curve.points) for curve in found)} points, {errors} faults found by sinks")
    return int(errors > 0)


if __name__ == "__main__":
    sys.exit(main())
