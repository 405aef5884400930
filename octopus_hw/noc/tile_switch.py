# SPDX-License-Identifier: Apache-2.0
"""The switch inside a tile: TBUs, home, data router (docs/timing.md#tile-switch).

::

    i[0..T-1]  TBUs        ──▶ [queue of 2] ──▶ ┌──────────┐ ──▶ o[0..T-1]  TBUs' receive queues
    i[T]       home        ──▶ [queue of 2] ──▶ │ Wormhole │ ──▶ o[T]       the home's receive queue
    i[T+1]     data router ──▶ [queue of 2] ──▶ │  switch  │ ──▶ o[T+1]     the data router's local queue
                                                └──────────┘
"""

from functools import partial

from amaranth.hdl import Module
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import flits
from octopus_hw.noc.route import tile_route, tile_turns
from octopus_hw.noc.wormhole import WormholeSwitch, leave
from octopus_hw.parts.flit_queue import FlitQueue
from octopus_hw.verilog.unit import Unit

__all__ = ["INPUT_DEPTH", "TileSwitch"]

#: Depth of the input queues.
INPUT_DEPTH = 2


class TileSwitch(Unit):
    """Wormhole switch with input queues; the queues behind its outputs are the units'.

    Parameters
    ----------
    config
        T = `tbus`.

    Attributes
    ----------
    x, y : In(coord)
        The tile's coordinates.
    i, o : flits x (T + 2)
        Ports 0 to T-1 the TBUs, T the home, T+1 the data router.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        coord, ports = layouts(config).coord, config.tbus + 2
        super().__init__(
            {
                "x": In(coord),
                "y": In(coord),
                "i": In(flits(config)).array(ports),
                "o": Out(flits(config)).array(ports),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        turns, ports = tile_turns(self.config.tbus), self.config.tbus + 2
        m.submodules.switch = switch = WormholeSwitch(self.config, turns, (1,) * ports)
        for port in range(ports):
            m.submodules[f"queue_{port}"] = queue = FlitQueue(
                self.config, INPUT_DEPTH, partial(tile_route, self.config), turns[port], ports
            )
            m.d.comb += [queue.x.eq(self.x), queue.y.eq(self.y)]
            connect(m, flipped(self.i[port]), queue.i)
            connect(m, queue.o, switch.i[port])
            leave(m, switch.o[port], flipped(self.o[port]))
        return m
