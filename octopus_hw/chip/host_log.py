# SPDX-License-Identifier: Apache-2.0
"""What a simulation build prints of the host: its events, in tile 0,0's time (docs/timing.md#results-out).

::

    started, time ──▶ [L cycles] ──▶ [cycle] ─┐
    row, credit, taken ──▶ [one cycle] ───────┴─▶ HOST cycle what count

What is told in cycle t counts from t + 1 on, and that is the cycle in its line. Before the START it is 0.
"""

from amaranth.hdl import Format, Module, Print, Signal
from amaranth.lib.wiring import In

from octopus_hw.contract.codes import HostEvent
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CYCLE
from octopus_hw.noc.link import delayed
from octopus_hw.verilog.unit import Unit

__all__ = ["HostLog"]

_COUNT = 16


class HostLog(Unit):
    """Prints host events.

    Parameters
    ----------
    config
        Sizes: `link_latency`, L.

    Attributes
    ----------
    started, time : In(1), In(32)
        The chip is started, and in the first such cycle the time on the way to tile 0,0.
    drops : In(1)
        It is reset.
    row, words : In(1), In(16)
        A row of so many words is complete.
    credit, credits : In(1), In(16)
        So many credits come.
    taken : In(1)
        A result's buffer is given back.
    """

    def __init__(self, config: Config) -> None:
        self.latency = config.link_latency
        members = {"started": In(1), "time": In(CYCLE), "drops": In(1), "row": In(1), "words": In(_COUNT)}
        super().__init__(members | {"credit": In(1), "credits": In(_COUNT), "taken": In(1)})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        before, time, cycle, runs = Signal(), Signal(CYCLE), Signal(CYCLE), Signal()
        begins = self.started & ~before
        m.d.sync += before.eq(self.started)
        with m.If(begins):
            m.d.sync += time.eq(self.time)
        with m.If(runs):
            m.d.sync += cycle.eq(cycle + 1)
        with m.If(delayed(m, "begins", begins, self.latency)):
            m.d.sync += [cycle.eq(time + 1), runs.eq(1)]
        with m.If(self.drops):
            m.d.sync += [cycle.eq(0), runs.eq(0)]
        for what, happens, count in (
            (HostEvent.ROW, self.row, self.words),
            (HostEvent.CREDIT, self.credit, self.credits),
            (HostEvent.TAKEN, self.taken, 1),
        ):
            happened, many = Signal(name=what.name.lower()), Signal(_COUNT, name=f"{what.name.lower()}_count")
            m.d.sync += [happened.eq(happens), many.eq(count)]
            with m.If(happened):
                m.d.sync += Print(Format("HOST {} {} {}", cycle, what.value, many))
        return m
