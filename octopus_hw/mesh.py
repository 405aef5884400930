# SPDX-License-Identifier: Apache-2.0
"""The whole chip: rows of tiles, and the host's port at the west of tile 0,0.

::

    i ──▶ HostPort ──boot──▶ Row 0:  Tile 0,0 ═ Tile 1,0 ═ ...
    o ◀──         ◀══control         ║ boot     ║ boot
                             Row 1:  Tile 0,1 ═ Tile 1,1 ═ ...

Every signal between two tiles leaves a register and is a register's or a memory's input. Links at the mesh's edge end
nowhere: their inputs are 0. The one exception is the control plane's link at the west of tile 0,0.
"""

from itertools import pairwise

from amaranth.hdl import Module
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw import deadlock
from octopus_hw.boot_node import boot_words
from octopus_hw.config import Config
from octopus_hw.host import HostPort
from octopus_hw.layout import COORD, ControlFlit, Flit
from octopus_hw.noc.link import wires
from octopus_hw.noc.route import DIRECTIONS
from octopus_hw.noc.work_line import work_wires
from octopus_hw.tile import Tile
from octopus_hw.unit import Unit

__all__ = ["LARGEST", "Octopus", "Row"]

#: Most tiles in a row or column: coordinates have 7 bits.
LARGEST = 1 << COORD

NORTH, EAST, SOUTH, WEST = range(len(DIRECTIONS))

#: What joins neighbours in both directions, by the first part of the ports' names.
PLANES = {"data": wires(Flit), "control": wires(ControlFlit, 2), "work": work_wires}


class Row(Unit):
    """A row of tiles, joined to each other; rows are alike.

    Parameters
    ----------
    columns
        Tiles in the row.
    config
        Sizes.
    events
        Print event records (simulation builds).

    Attributes
    ----------
    y : In(7)
        The row's coordinate.
    boot_west : In(boot_words)
        To tile 0; only row 0 uses it.
    boot_north, boot_south : boot_words x columns
        From the row above, to the row below.
    data_north_in, data_north_out, data_south_in, data_south_out : wires(Flit) x columns
        Links of the data plane to the rows above and below.
    control_north_in, control_north_out, control_south_in, control_south_out : wires(ControlFlit, 2) x columns
        Links of the control plane.
    work_north_in, work_north_out, work_south_in, work_south_out : work_wires x columns
        Work lines.
    control_west_out : Out(wires(ControlFlit, 2))
        Tile 0's control link to the west: row 0's leads to the host.
    """

    def __init__(self, columns: int, config: Config, events: bool) -> None:
        self.columns = columns
        self.config = config
        self.events = events
        members = {
            "y": In(COORD),
            "boot_west": In(boot_words),
            "boot_north": In(boot_words).array(columns),
            "boot_south": Out(boot_words).array(columns),
            "control_west_out": Out(wires(ControlFlit, 2)),
        }
        for plane, link in PLANES.items():
            for side in ("north", "south"):
                members[f"{plane}_{side}_in"] = In(link).array(columns)
                members[f"{plane}_{side}_out"] = Out(link).array(columns)
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        tiles = [Tile(self.config, self.events) for _ in range(self.columns)]
        for x, tile in enumerate(tiles):
            m.submodules[f"tile_{x}"] = tile
            m.d.comb += [tile.x.eq(x), tile.y.eq(self.y)]
            connect(m, flipped(self.boot_north[x]), tile.boot_north)
            connect(m, tile.boot_south, flipped(self.boot_south[x]))
            for plane in PLANES:
                for side, number in (("north", NORTH), ("south", SOUTH)):
                    outer_in, outer_out = (getattr(self, f"{plane}_{side}_{way}")[x] for way in ("in", "out"))
                    connect(m, flipped(outer_in), getattr(tile, f"{plane}_in")[number])
                    connect(m, getattr(tile, f"{plane}_out")[number], flipped(outer_out))
        for left, right in pairwise(tiles):
            connect(m, left.boot_east, right.boot_west)
            for plane in PLANES:
                connect(m, getattr(left, f"{plane}_out")[EAST], getattr(right, f"{plane}_in")[WEST])
                connect(m, getattr(right, f"{plane}_out")[WEST], getattr(left, f"{plane}_in")[EAST])
        connect(m, flipped(self.boot_west), tiles[0].boot_west)
        connect(m, tiles[0].control_out[WEST], flipped(self.control_west_out))
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

    Attributes
    ----------
    i : In(stream.Signature(32))
        Words from the host: boot commands.
    o : Out(stream.Signature(32))
        Words to the host: two for each reply, see `octopus_hw.host`.

    Raises
    ------
    ValueError
        A dimension is out of range.
    deadlock.DeadlockError
        On elaboration, if somebody could wait for himself.
    """

    def __init__(self, columns: int, rows: int, config: Config, events: bool = True) -> None:
        for name, value in (("columns", columns), ("rows", rows)):
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
                raise ValueError(f"{name}: {value!r} is not a whole number from 1 to {LARGEST}")
        self.columns = columns
        self.rows = rows
        self.config = config
        self.events = events
        super().__init__({"i": In(stream.Signature(32)), "o": Out(stream.Signature(32))})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        deadlock.check(self.columns, self.rows, self.config)
        m = Module()
        config = self.config
        m.submodules.host = host = HostPort(self.columns * self.rows, config.link_depth, config.link_latency)
        connect(m, flipped(self.i), host.i)
        connect(m, host.o, flipped(self.o))
        rows = [Row(self.columns, config, self.events) for _ in range(self.rows)]
        for y, row in enumerate(rows):
            m.submodules[f"row_{y}"] = row
            m.d.comb += row.y.eq(y)
        connect(m, host.boot, rows[0].boot_west)
        connect(m, rows[0].control_west_out, host.link)
        for upper, lower in pairwise(rows):
            for x in range(self.columns):
                connect(m, upper.boot_south[x], lower.boot_north[x])
                for plane in PLANES:
                    connect(m, getattr(upper, f"{plane}_south_out")[x], getattr(lower, f"{plane}_north_in")[x])
                    connect(m, getattr(lower, f"{plane}_north_out")[x], getattr(upper, f"{plane}_south_in")[x])
        return m
