# SPDX-License-Identifier: Apache-2.0
"""What a pattern means, as probabilities; and what follows: who sends, how far, and what no network could exceed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from octopus_hw.noc.route import DIRECTIONS, step
from octopus_sim.traffic.layout import Pattern

__all__ = ["HOT_SHARE", "Demand", "Place", "demand", "hot_spot"]

#: x, y.
Place = tuple[int, int]

#: The share of all packets that goes to the hot spot, in 1/65536: an eighth.
HOT_SHARE = 1 << 13


def hot_spot(columns: int, rows: int) -> Place:
    """Return the tile right below the mesh's middle."""
    return columns // 2, rows // 2


@dataclass(frozen=True)
class Demand:
    """A pattern on a mesh.

    Attributes
    ----------
    targets
        By source the probability of each target; silent tiles are not there.
    """

    targets: Mapping[Place, Mapping[Place, float]]

    @property
    def senders(self) -> int:
        """Tiles that send."""
        return len(self.targets)

    @property
    def hops(self) -> float:
        """Mean distance of a packet."""
        distances = [
            chance * (abs(source[0] - target[0]) + abs(source[1] - target[1]))
            for source, chances in self.targets.items()
            for target, chance in chances.items()
        ]
        return sum(distances) / self.senders

    @property
    def bound(self) -> float:
        """Flits per cycle and sender at which the first link, source or sink is busy all the time, x before y."""
        load: dict[tuple[Place, Place], float] = defaultdict(float)
        for source, chances in self.targets.items():
            for target, chance in chances.items():
                corner = target[0], source[1]
                path = [*_line(source, corner), *_line(corner, target)[1:]]
                load[target, target] += chance
                for here, there in pairwise(path):
                    load[here, there] += chance
        return 1 / max(1.0, *load.values())


def demand(pattern: Pattern, columns: int, rows: int) -> Demand:
    """Return a pattern's probabilities.

    Raises
    ------
    ValueError
        The pattern does not exist on this mesh.
    """
    tiles = [(x, y) for y in range(rows) for x in range(columns)]
    targets = {tile: _targets(pattern, tile, tiles, columns, rows) for tile in tiles}
    return Demand({tile: chances for tile, chances in targets.items() if chances})


def _targets(pattern: Pattern, tile: Place, tiles: list[Place], columns: int, rows: int) -> dict[Place, float]:
    x, y = tile
    uniform = {other: 1 / (len(tiles) - 1) for other in tiles if other != tile}
    match pattern:
        case Pattern.UNIFORM:
            return uniform
        case Pattern.TRANSPOSE:
            if columns != rows:
                raise ValueError(f"transpose: a mesh of {columns}x{rows} is not square")
            return {(y, x): 1.0} if x != y else {}
        case Pattern.COMPLEMENT:
            opposite = columns - 1 - x, rows - 1 - y
            return {opposite: 1.0} if opposite != tile else {}
        case Pattern.HOTSPOT:
            hot = hot_spot(columns, rows)
            if tile == hot:
                return uniform
            share = HOT_SHARE / 65536
            return {other: chance * (1 - share) + share * (other == hot) for other, chance in uniform.items()}
        case Pattern.NEIGHBOUR:
            chances: dict[Place, float] = defaultdict(float)
            for across, down in map(step, DIRECTIONS):
                on = x + across in range(columns) and y + down in range(rows)
                chances[(x + across, y + down) if on else (x - across, y - down)] += 1 / len(DIRECTIONS)
            return dict(chances)


def _line(start: Place, end: Place) -> list[Place]:
    """Return the tiles from one to another in its row or column, both included."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = abs(across) + abs(down)
    return [(start[0] + across * i // max(1, length), start[1] + down * i // max(1, length)) for i in range(length + 1)]
