# SPDX-License-Identifier: Apache-2.0
"""``generate``: the Verilog of a mesh, and what a user of it has to know."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from dataclasses import asdict, fields

from octopus_hw.contract.config import Config, load_config
from octopus_hw.contract.identity import configuration_hash
from octopus_hw.files import Outputs
from octopus_lab.cli import options

__all__ = ["add_arguments", "describe", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    options.add_config(parser)
    options.add_mesh(parser, required=True)
    options.add_out(parser, "build")
    parser.add_argument("--events", action="store_true", help="a simulation build: the chip prints its events")
    width = max(len(f.name) for f in fields(Config))
    lines = [
        f"  {f.name:<{width}}  {f.default:>5}  ({f.metadata['low']} to {f.metadata['high']})  {f.metadata['doc']}"
        for f in fields(Config)
    ]
    parser.epilog = "configuration keys, their defaults and ranges:\n" + "\n".join(lines)


def run(arguments: Namespace) -> int:
    """Write ``octopus.v`` and ``octopus.json``."""
    from octopus_hw.image.compile import check_mesh
    from octopus_sim.progress import Progress

    config = load_config(arguments.config, arguments.set)
    columns, rows = arguments.mesh
    check_mesh(columns, rows, config.coord_bits)
    with Outputs(arguments.out) as outputs, Progress(1) as progress:
        progress.note(f"Verilog of {columns}x{rows}")
        verilog, description = describe(columns, rows, config, arguments.events)
        paths = [outputs.write("octopus.v", verilog), outputs.write("octopus.json", description)]
        progress.step(f"{columns}x{rows}: {verilog.count(chr(10))} lines of Verilog")
    if arguments.json:
        print(description, end="")
    else:
        print("\n".join(map(str, paths)))
    return 0


def describe(columns: int, rows: int, config: Config, events: bool) -> tuple[str, str]:
    """Return the Verilog of a mesh, and its description as JSON text."""
    from octopus_hw.chip.mesh import Octopus
    from octopus_hw.verilog.export import convert

    exported = convert(Octopus(columns, rows, config, events=events))
    description = {
        "name": exported.name,
        "mesh": [columns, rows],
        "parameters": asdict(config),
        "hash": configuration_hash(config),
        "events": events,
        "ports": {name: {"direction": way, "width": width} for name, (way, width) in exported.ports.items()},
        "units": {name: {"unit": unit, "placed": exported.uses[name]} for name, unit in sorted(exported.units.items())},
    }
    return exported.verilog, json.dumps(description, indent=2) + "\n"
