# SPDX-License-Identifier: Apache-2.0
"""Watches that a home makes progress (docs/timing.md#status-unit).

::

    injected, retired ─▶ changed? in flight? ─▶ [beats without] ─= limit ─▶ stalled, once

A beat is a cycle of the time that is a multiple of 4,096. At most 2^s instances are in flight, where a slot's number
has s bits, so the lowest s + 1 bits of the counters tell whether there are any, and their lowest bit whether they have
changed.
"""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CYCLE, WATCHDOG
from octopus_hw.contract.layouts import layouts

__all__ = ["BEAT", "Watchdog"]

#: Cycles between two beats.
BEAT = 4096


class Watchdog(wiring.Component):
    """Counts beats without progress.

    Parameters
    ----------
    config
        Sizes.

    Attributes
    ----------
    limit : In(16)
        After how many the host is told; 0: never.
    cycle : In(32)
        The time.
    injected, retired : In(s + 1)
        Lowest bits of the home's counters.
    stalled : Out(1)
        The host is to be told; until `taken`, and not again.
    taken : In(1)
    """

    def __init__(self, config: Config) -> None:
        count = layouts(config).slot + 1
        super().__init__(
            {
                "limit": In(WATCHDOG),
                "cycle": In(CYCLE),
                "injected": In(count),
                "retired": In(count),
                "stalled": Out(1),
                "taken": In(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        beats, before, told = Signal(WATCHDOG), Signal(2), Signal()
        progress = (self.injected == self.retired) | (before != (self.injected[0] | self.retired[0] << 1))
        m.d.sync += before.eq(self.injected[0] | self.retired[0] << 1)
        m.d.comb += self.stalled.eq((beats == self.limit) & (self.limit != 0) & ~told)
        with m.If(progress):
            m.d.sync += beats.eq(0)
        with m.Elif((self.cycle % BEAT == 0) & ~self.stalled):
            m.d.sync += beats.eq(beats + 1)
        with m.If(self.stalled & self.taken):
            m.d.sync += told.eq(1)
        return m
