# SPDX-License-Identifier: Apache-2.0
"""Plain and deduplicated exports of a chip, run side by side: ``measure export --cosimulate``.

Both are built with Verilator from the same design and run the same images; every event and every counter of every
tile, event hashes among them, must be the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from octopus_hw.chip.mesh import Octopus
from octopus_hw.contract.config import Config
from octopus_hw.image.compile import compile_workload
from octopus_hw.image.image import Image
from octopus_hw.owg.load import load_workload
from octopus_hw.verilog.export import convert
from octopus_sim.build import build
from octopus_sim.compare import compare
from octopus_sim.engines import VerilatorEngine
from octopus_sim.session import Session

__all__ = ["Run", "cosimulate"]

_EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
_STRATEGIES = ("naive", "adaptive", "octopus")
#: Units repeat inside a tile, but a tile of which each copy is compiled stays small.
_CONFIG = replace(Config(), tbus=2, peas=2)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One workload on both exports.

    Attributes
    ----------
    events
        How many there were.
    hash
        Of all events.
    difference
        The first one, or nothing.
    """

    mesh: str
    workload: str
    strategy: str
    events: int
    hash: str
    difference: str


class _PlainEngine(VerilatorEngine):
    """Verilator on one module for each instance."""

    name = "plain"

    def _start(self, image: Image) -> Session:
        chip = Octopus(image.columns, image.rows, image.config, events=True)
        simulation = build(convert(chip, deduplicate=False).verilog)
        return simulation.session(self._directory / "session")


def cosimulate(columns: int, rows: int, config: Config = _CONFIG) -> Iterator[Run]:
    """Run the workflows among the examples under several strategies on both exports of a mesh."""
    with _PlainEngine() as plain, VerilatorEngine() as units:
        for example in sorted(_EXAMPLES.glob("*.owg.json")):
            workload = load_workload(example)
            for strategy in _STRATEGIES:
                image = compile_workload(workload, columns, rows, config, strategy, 1).image
                one, other = plain.run(image), units.run(image)
                difference = compare(one, other, ("plain", "deduplicated"), columns)
                yield Run(
                    mesh=f"{columns}x{rows}",
                    workload=workload.name,
                    strategy=strategy,
                    events=len(other.events),
                    hash=f"{other.hash:08x}",
                    difference=str(difference or ""),
                )
