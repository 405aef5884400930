# SPDX-License-Identifier: Apache-2.0
"""Whether a tile is held in reset, free or running, and its time (docs/timing.md#reset).

::

    pin ──▶ held ──▶ free ──START──▶ running          a RESET leads from each of them to held
            n, ..., 2, 1                0, 1, 2, ...
            cycles left                 time

    cycle   t  -n ...  -1  0  0  0  0     n is 1 + L less at each hop: all tiles are let go in one cycle
    held    ▁▁▔▔▔▔▔ ... ▔▔▔▔▁▁▁▁▁▁▁▁▁     from a register, to the reset of everything else in the tile
    free    ▔▔▁▁▁▁▁ ... ▁▁▁▁▁▁▔▔▔▔▔▔▔

A tile that is let go does nothing for one cycle, in which its injections are looked up, and is free from the next one
on. A START is taken by a free tile that does not run, a READ by a free one. What comes at another time is counted.
"""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CYCLE, REFUSED
from octopus_hw.contract.layouts import layouts

__all__ = ["TileState"]


class TileState(wiring.Component):
    """The state, and what it lets through.

    Parameters
    ----------
    config
        Sizes: `link_latency`, L.
    reset_cycles
        From a RESET at tile 0,0 to the first START's header.

    Attributes
    ----------
    x, y : In(coord)
        The tile's coordinates.
    reset : In(1)
        A RESET is taken in this cycle.
    start, time : In(1), In(32)
        A START for this tile, and its time.
    starts : Out(1)
        It is taken; from the next cycle on `running` is high and `cycle` is the time.
    read, reads : In(1), Out(1)
        A READ for this tile; it is taken.
    held, running : Out(1)
    cycle : Out(32)
        The time; while the tile is held, how many cycles are left, negative.
    refused : Out(16)
        STARTs and READs since the last reset that were not taken, modulo 2^16.
    """

    def __init__(self, config: Config, reset_cycles: int) -> None:
        self.latency = config.link_latency
        self._hold = reset_cycles - 2
        super().__init__(
            {
                "x": In(layouts(config).coord),
                "y": In(layouts(config).coord),
                "reset": In(1),
                "start": In(1),
                "time": In(CYCLE),
                "starts": Out(1),
                "read": In(1),
                "reads": Out(1),
                "held": Out(1, init=1),
                "running": Out(1),
                "cycle": Out(CYCLE, init=-self._hold & ((1 << CYCLE) - 1)),
                "refused": Out(REFUSED),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        free, over = Signal(), ~self.cycle[-1]
        m.d.comb += [self.starts.eq(self.start & free & ~self.running), self.reads.eq(self.read & free)]
        m.d.sync += free.eq(~self.held & ~self.reset)
        with m.If(over):
            m.d.sync += self.held.eq(0)
        with m.If(self.running | (self.held & ~over)):
            m.d.sync += self.cycle.eq(self.cycle + 1)
        with m.If((self.start & ~self.starts) | (self.read & ~self.reads)):
            m.d.sync += self.refused.eq(self.refused + 1)
        with m.If(self.starts):
            m.d.sync += [self.running.eq(1), self.cycle.eq(self.time + 1)]
        with m.If(self.reset):
            way = (self.x + self.y) * (1 + self.latency)
            m.d.sync += [self.held.eq(1), self.running.eq(0), self.cycle.eq(way - self._hold), self.refused.eq(0)]
        return m
