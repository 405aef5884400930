# SPDX-License-Identifier: Apache-2.0
"""The whole chip: rows of tiles, and the host's port at the west of tile 0,0.

::

    i ──▶ HostPort ──boot───▶ TileRow 0:  Tile 0,0 ═ Tile 1,0 ═ ...
    o ◀──         ◀═control═▶         ║ boot     ║ boot
                  ◀══data═══▶ Row 1:  Tile 0,1 ═ Tile 1,1 ═ ...

Every signal between two tiles leaves a register and is a register's or a memory's input. Links at the mesh's edge end
nowhere: their inputs are 0. The exceptions are tile 0,0's at the host's port: on the control plane those to the west,
on the data plane that from where the routing policy lets packets enter, and that to where it lets them leave.
"""

from itertools import pairwise

from amaranth.hdl import Cat, Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.chip.deadlock import Design, check
from octopus_hw.chip.host_port import HostPort
from octopus_hw.chip.tile import Tile
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COORD, WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.route import Port, Routing
from octopus_hw.noc.side import attach, side_layouts
from octopus_hw.verilog.unit import Unit

__all__ = ["LARGEST", "Octopus", "TileRow"]

#: Most tiles in a row or column: coordinates have 7 bits.
LARGEST = 1 << COORD


class TileRow(Unit):
    """A row of tiles, joined to each other; rows are alike.

    Parameters
    ----------
    columns
        Tiles in the row.
    config
        Sizes.
    routing
        The policy of both planes.
    events
        Print event records (simulation builds).

    Attributes
    ----------
    y : In(coord)
        The row's coordinate.
    north_in, south_out, north_out, south_in
        The sides of the tiles, tile 0's in the lowest bits (`octopus_hw.noc.side`).
    west_in, west_out
        Tile 0's side: row 0's leads to the host.
    """

    def __init__(self, columns: int, config: Config, routing: Routing, events: bool) -> None:
        self.columns = columns
        self.config = config
        self.routing = routing
        self.events = events
        down, up = side_layouts(config)
        super().__init__(
            {
                "y": In(layouts(config).coord),
                "north_in": In(down.size * columns),
                "north_out": Out(up.size * columns),
                "south_in": In(up.size * columns),
                "south_out": Out(down.size * columns),
                "west_in": In(down.size),
                "west_out": Out(up.size),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        tiles = [Tile(self.config, self.routing, self.events) for _ in range(self.columns)]
        for x, tile in enumerate(tiles):
            m.submodules[f"tile_{x}"] = tile
            m.d.comb += [tile.x.eq(x), tile.y.eq(self.y)]
            m.d.comb += tile.north_in.eq(self.north_in.word_select(x, len(tile.north_in)))
            m.d.comb += tile.south_in.eq(self.south_in.word_select(x, len(tile.south_in)))
        m.d.comb += self.north_out.eq(Cat(tile.north_out for tile in tiles))
        m.d.comb += self.south_out.eq(Cat(tile.south_out for tile in tiles))
        for left, right in pairwise(tiles):
            m.d.comb += [right.west_in.eq(left.east_out), left.east_in.eq(right.west_out)]
        m.d.comb += [tiles[0].west_in.eq(self.west_in), self.west_out.eq(tiles[0].west_out)]
        return m


class Octopus(Unit):
    """A mesh of tiles with a host port.

    Parameters
    ----------
    columns, rows
        Dimensions, 1 to 128 each.
    config
        Sizes of a tile.
    events
        Print event records (simulation builds).
    routing
        The policy of both planes. The model knows x before y alone (`octopus_sim/model/wormhole.py`).

    Attributes
    ----------
    i : In(stream.Signature(32))
        Words from the host: boot commands.
    o : Out(stream.Signature(32))
        Words to the host (docs/host.md).

    Raises
    ------
    ValueError
        A dimension is out of range.
    DeadlockError
        On elaboration, if somebody could wait for himself.
    """

    def __init__(self, columns: int, rows: int, config: Config, events: bool = True, routing: Routing = XY) -> None:
        for name, value in (("columns", columns), ("rows", rows)):
            largest = min(LARGEST, 1 << config.coord_bits)
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= largest:
                raise ValueError(f"{name}: {value!r} is not a whole number from 1 to {largest}")
        self.columns = columns
        self.rows = rows
        self.config = config
        self.routing = routing
        self.events = events
        super().__init__({"i": In(stream.Signature(WORD)), "o": Out(stream.Signature(WORD))})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        check(self.columns, self.rows, self.config, Design.of(self.config, self.routing))
        m = Module()
        config = self.config
        m.submodules.host = host = HostPort(self.columns, self.rows, config, self.routing, self.events)
        connect(m, flipped(self.i), host.i)
        connect(m, host.o, flipped(self.o))
        rows = [TileRow(self.columns, config, self.routing, self.events) for _ in range(self.rows)]
        for y, row in enumerate(rows):
            m.submodules[f"row_{y}"] = row
            m.d.comb += row.y.eq(y)
        self._attach(m, host, rows[0])
        for upper, lower in pairwise(rows):
            m.d.comb += [lower.north_in.eq(upper.south_out), upper.south_in.eq(lower.north_out)]
        return m

    def _attach(self, m: Module, host: HostPort, row: TileRow) -> None:
        """Connect the host's port to the sides of tile 0,0 that lead out of the mesh."""
        down, up = side_layouts(self.config)
        sides = {
            Port.NORTH: (up(row.north_out[: up.size]), down(row.north_in[: down.size])),
            Port.WEST: (up(row.west_out), down(row.west_in)),
        }
        planes: dict[Port, dict[str, list[wiring.PureInterface]]] = {port: {"data": []} for port in sides}
        planes[Port.WEST] |= {"control": [host.control_in, host.control_out], "boot": [host.boot]}
        planes[self.routing.enters]["data"].append(host.data_out)
        planes[self.routing.leaves]["data"].append(host.data_in)
        for port, (comes, goes) in sides.items():
            attach(m, comes, goes, **planes[port])
