# SPDX-License-Identifier: Apache-2.0
"""The traffic chip: a mesh of tiles with the whole chip's host port, `i` and `o`.

::

    i ──▶ [register] ──▶ Row 0:  Tile 0,0 ═ Tile 1,0 ═ ...      boot words east, then south
    o ◀── [queue] ◀──────        ║          ║                   results west, then north
                         Row 1:  Tile 0,1 ═ Tile 1,1 ═ ...
"""

from itertools import pairwise

from amaranth.hdl import Module
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.chip.deadlock import Design, check
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import boot_words
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.link import wires
from octopus_hw.noc.route import DIRECTIONS, Port, Routing
from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.unit import Unit
from octopus_sim.traffic.layout import COUNTERS, results
from octopus_sim.traffic.tile import TrafficTile

__all__ = ["TrafficChip", "TrafficRow"]

NORTH, EAST, SOUTH, WEST = (DIRECTIONS.index(port) for port in (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST))


class TrafficRow(Unit):
    """A row of tiles; rows are alike.

    Parameters
    ----------
    columns, rows
        The mesh.
    config
        The router's sizes.
    routing
        The router's policy.

    Attributes
    ----------
    y : In(coord)
        The row's coordinate.
    boot_west, boot_north, boot_south : boot_words
        To tile 0 (row 0 alone uses it), from the row above, to the row below.
    north_in, north_out, south_in, south_out : wires(flit, vcs) x columns
        Links to the rows above and below.
    below : In(results)
    result : Out(results)
        Counters on their way to the host.
    """

    def __init__(self, columns: int, rows: int, config: Config, routing: Routing) -> None:
        self.columns = columns
        self.rows = rows
        self.config = config
        self.routing = routing
        link = wires(struct(layouts(config).flit), config.data_vcs)
        super().__init__(
            {
                "y": In(layouts(config).coord),
                "boot_west": In(boot_words),
                "boot_north": In(boot_words).array(columns),
                "boot_south": Out(boot_words).array(columns),
                "north_in": In(link).array(columns),
                "north_out": Out(link).array(columns),
                "south_in": In(link).array(columns),
                "south_out": Out(link).array(columns),
                "below": In(results),
                "result": Out(results),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        tiles = [TrafficTile(self.columns, self.rows, self.config, self.routing) for _ in range(self.columns)]
        for x, tile in enumerate(tiles):
            m.submodules[f"tile_{x}"] = tile
            m.d.comb += [tile.x.eq(x), tile.y.eq(self.y)]
            connect(m, flipped(self.boot_north[x]), tile.boot_north)
            connect(m, tile.boot_south, flipped(self.boot_south[x]))
            for number, outer_in, outer_out in (
                (NORTH, self.north_in[x], self.north_out[x]),
                (SOUTH, self.south_in[x], self.south_out[x]),
            ):
                connect(m, flipped(outer_in), tile.data_in[number])
                connect(m, tile.data_out[number], flipped(outer_out))
        for left, right in pairwise(tiles):
            connect(m, left.boot_east, right.boot_west)
            connect(m, right.result, left.near)
            connect(m, left.data_out[EAST], right.data_in[WEST])
            connect(m, right.data_out[WEST], left.data_in[EAST])
        connect(m, flipped(self.boot_west), tiles[0].boot_west)
        connect(m, flipped(self.below), tiles[0].far)
        connect(m, tiles[0].result, flipped(self.result))
        return m


class TrafficChip(Unit):
    """A mesh of data routers with sources and sinks.

    Parameters
    ----------
    columns, rows
        Dimensions, 2 to 16 each.
    config
        The router's sizes, `link_stalls` among them.
    routing
        The router's policy.

    Attributes
    ----------
    i : In(stream.Signature(32))
        Boot commands, as for the whole chip; always ready.
    o : Out(stream.Signature(32))
        Counters, a word each. As many as one tile has can wait.

    Raises
    ------
    DeadlockError
        On elaboration, if packets could wait for each other in a ring.
    """

    def __init__(self, columns: int, rows: int, config: Config, routing: Routing = XY) -> None:
        self.columns = columns
        self.rows = rows
        self.config = config
        self.routing = routing
        super().__init__({"i": In(stream.Signature(32)), "o": Out(stream.Signature(32))})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        check(self.columns, self.rows, self.config, Design.of(self.config, self.routing))
        m = Module()
        rows = [TrafficRow(self.columns, self.rows, self.config, self.routing) for _ in range(self.rows)]
        for y, row in enumerate(rows):
            m.submodules[f"row_{y}"] = row
            m.d.comb += row.y.eq(y)
        for upper, lower in pairwise(rows):
            connect(m, lower.result, upper.below)
            for x in range(self.columns):
                connect(m, upper.boot_south[x], lower.boot_north[x])
                connect(m, upper.south_out[x], lower.north_in[x])
                connect(m, lower.north_out[x], upper.south_in[x])
        m.submodules.queue = queue = Queue(32, len(COUNTERS))
        boot, result = boot_words.create(), rows[0].result
        m.d.comb += [self.i.ready.eq(1), queue.i.valid.eq(result.valid), queue.i.payload.eq(result.word)]
        m.d.sync += [boot.valid.eq(self.i.valid), boot.word.eq(self.i.payload)]
        m.d.comb += [rows[0].boot_west.valid.eq(boot.valid), rows[0].boot_west.word.eq(boot.word)]
        connect(m, queue.o, flipped(self.o))
        return m
