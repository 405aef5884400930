# SPDX-License-Identifier: Apache-2.0
"""Status unit: what a tile tells the host by itself or when asked (docs/timing.md#status-unit).

::

    finished ───────────────────────────▶ DONE ─┐
    Watchdog ─────────────────────────▶ STALLED ┤
    read ─▶ [number, how many are left]         ├─▶ o
    counters x units ─▶ mux ─▶ [sum] ───▶ DATA ─┘

When the slot of the last expected instance becomes free in cycle a, `finished` is high and a DONE is offered from a+1
on; its payload is a. A DATA is offered once the units' parts have been added up, one in a cycle: units + 1 cycles after
the READ or the DATA before. DONE goes before STALLED, and this before DATA.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.chip.watchdog import Watchdog
from octopus_hw.contract.codes import COUNTERS, Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COUNTER, CYCLE, MESSAGE, READ, WORD
from octopus_hw.interfaces.bundles import CounterRead, Counters, chip_state, for_host, messages
from octopus_hw.verilog.unit import Unit

__all__ = ["Status"]


class Status(Unit):
    """Sends DONE once, STALLED once if it must be, and DATA for each counter of a READ.

    The host waits for the answers to a READ before it sends a tile the next: a READ takes the place of one under way.

    Parameters
    ----------
    config
        Sizes.
    units
        Units whose counters are added up.

    Attributes
    ----------
    state : In(chip_state)
        The tile's registers and time.
    finished : In(1)
        Every expected instance has retired, and every result has left.
    counters : In(Counters).array(units)
        The units' parts.
    read : In(CounterRead)
        From the boot node. A counter that does not exist reads 0.
    o : Out(messages)
        Messages for the host.
    """

    def __init__(self, config: Config, units: int) -> None:
        self.config = config
        self.units = units
        super().__init__(
            {
                "state": In(chip_state(config)),
                "finished": In(1),
                "counters": In(Counters).array(units),
                "read": In(CounterRead),
                "o": Out(messages(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.watchdog = watchdog = Watchdog(self.config)
        pending, told, ended, sum_ = Signal(), Signal(), Signal(CYCLE), Signal(COUNTER)
        summed, message, number = Signal(), Signal(MESSAGE), Signal(WORD)
        m.d.comb += [
            message.eq(Mux(pending, Message.DONE, Mux(watchdog.stalled, Message.STALLED, Message.DATA))),
            number.eq(Mux(pending | watchdog.stalled, ended, sum_)),
            pending.eq(self.finished & (self.state.expected != 0) & ~told),
            self.o.valid.eq(pending | watchdog.stalled | summed),
            watchdog.limit.eq(self.state.watchdog),
            watchdog.cycle.eq(self.state.cycle),
            watchdog.injected.eq(self.counters[0].injected),
            watchdog.retired.eq(self.counters[0].retired),
            watchdog.taken.eq(self.o.ready & ~pending),
            Value.cast(self.o.payload).eq(for_host(self.state, message, number)),
        ]
        with m.If(~self.finished):
            m.d.sync += ended.eq(self.state.cycle)
        with m.If(pending):
            m.d.sync += told.eq(self.o.ready)
        self._sum(m, sum_, summed, summed & ~pending & ~watchdog.stalled & self.o.ready)
        return m

    def _sum(self, m: Module, sum_: Signal, summed: Signal, sent: Signal) -> None:
        """Add up one counter over the units, one unit in a cycle, then wait until it is sent."""
        number, left, unit = Signal(READ), Signal(READ), Signal(range(self.units + 1))
        part = Signal(COUNTER)
        asked = [Signal(COUNTER, name=f"asked_{which}") for which in range(self.units)]
        parts = [{name: getattr(counters, name) for name in counters.signature.members} for counters in self.counters]
        parts[0]["refused"] = self.state.refused
        for which, by_name in zip(asked, parts, strict=True):
            with m.Switch(number):
                for value, name in enumerate(COUNTERS):
                    if name in by_name:
                        with m.Case(value):
                            m.d.comb += which.eq(by_name[name])
        with m.Switch(unit):
            for value, which in enumerate(asked):
                with m.Case(value):
                    m.d.comb += part.eq(which)
        m.d.comb += summed.eq((left != 0) & (unit == self.units))
        with m.If(self.read.valid):
            m.d.sync += Cat(number, left).eq(Cat(self.read.first, self.read.count))
            m.d.sync += [unit.eq(0), sum_.eq(0)]
        with m.Elif(sent):
            m.d.sync += [number.eq(number + 1), left.eq(left - 1), unit.eq(0), sum_.eq(0)]
        with m.Elif((left != 0) & (unit != self.units)):
            m.d.sync += [sum_.eq(sum_ + part), unit.eq(unit + 1)]
