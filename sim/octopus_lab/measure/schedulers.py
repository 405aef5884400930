# SPDX-License-Identifier: Apache-2.0
"""What the three schedulers take of a tile, unit by unit.

What cannot be told from the engine, its states above all, is not counted; what other parts of the tile need too, such
as the bookkeeping of places, neither. Units alone and the tile are synthesised separately.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Protocol

from octopus_lab.table import plain

__all__ = ["PARTS", "Part", "parts_of", "share_table"]


class Area(Protocol):
    """The area of a unit: LUT4-equivalents, flip-flops, block RAMs and multipliers."""

    @property
    def lut(self) -> int: ...
    @property
    def ff(self) -> int: ...
    @property
    def bram(self) -> int: ...
    @property
    def mult(self) -> int: ...


#: Each scheduler's units, and how many there are in a tile; None: one in each TBU.
PARTS: dict[str, dict[str, int | None]] = {
    "Discriminate": {"choose": 2},
    "Adaptive": {"dispatcher": None, "waiting list": None, "configuration slots": None},
    "Proactive": {"balancer": 1, "grants": 1, "work at home": 1, "work of a TBU": None},
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the tile.

    Attributes
    ----------
    scheduler, unit
        What it is; a sum has no unit.
    count
        How many there are in a tile; None in a sum.
    lut, ff, bram, mult
        Area of all of them.
    lut_share, ff_share
        Percent of the tile's.
    """

    scheduler: str
    unit: str
    count: int | None
    lut: int
    ff: int
    bram: int
    mult: int
    lut_share: float
    ff_share: float


def parts_of(areas: Mapping[str, Area], tbus: int) -> list[Part]:
    """List every unit's part, then each scheduler's, then that of all.

    Parameters
    ----------
    areas
        By unit, those of `PARTS` and ``"tile"``.
    tbus
        TBUs in the tile.
    """
    tile = areas["tile"]

    def part(scheduler: str, unit: str, units: Mapping[str, int]) -> Part:
        sums = {
            name: sum(count * getattr(areas[each], name) for each, count in units.items())
            for name in ("lut", "ff", "bram", "mult")
        }
        shares = {f"{name}_share": round(100 * sums[name] / getattr(tile, name), 2) for name in ("lut", "ff")}
        return Part(scheduler=scheduler, unit=unit, count=units.get(unit), **sums, **shares)

    units = {
        name: {unit: tbus if count is None else count for unit, count in parts.items()} for name, parts in PARTS.items()
    }
    every = {unit: count for parts in units.values() for unit, count in parts.items()}
    return [
        *(part(name, unit, {unit: count}) for name, parts in units.items() for unit, count in parts.items()),
        *(part(name, "", parts) for name, parts in units.items()),
        part("all three", "", every),
    ]


def share_table(parts: list[Part]) -> str:
    """Lay parts out as a table."""
    headings = ("scheduler", "unit", "in a tile", "LUT equiv.", "FF", "block RAM", "MULT18", "% of LUT", "% of FF")
    lines = [asdict(part).values() for part in parts]
    return plain(headings, [[f"{cell:.2f}" if isinstance(cell, float) else cell for cell in line] for line in lines])
