# SPDX-License-Identifier: Apache-2.0
"""A TBU's events: printed, hashed and counted (docs/timing.md#events).

::

    start, finish ──▶ printed in their cycle
                 └──▶ [ record ] ──▶ [ hash ] ──▶ [ sum ]      counted two cycles later

At most one start and one finish fall into a cycle. The hash of an event in cycle t is in the sum from t + 3 on, the
other counters show it from t + 1 on.
"""

from amaranth.hdl import Const, Format, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.codes import Event
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COUNTER, CYCLE, NUMBER, PEA
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import chip_state, event_hash, print_event
from octopus_hw.tbu.bank import PeaSelect
from octopus_hw.tbu.places import who
from octopus_hw.verilog.unit import Unit

__all__ = ["Recorder"]


class Recorder(Unit):
    """Keeps the record of starts and finishes.

    Parameters
    ----------
    config
        Sizes.
    events
        Print the events too.

    Attributes
    ----------
    state : In(chip_state)
        The time; with `events` the tile.
    number : In(tbu)
        Number of the TBU in its tile.
    start, finish : In(PeaSelect)
        What happens in this cycle.
    starting, finishing : In(who)
        To which tokens.
    cycles : In(16)
        Drawn cycles of the token that starts; 0 counts as 1.
    hash, started, work : Out(32)
        Sums over the events.
    """

    def __init__(self, config: Config, events: bool) -> None:
        self.config = config
        self.events = events
        super().__init__(
            {
                "state": In(chip_state(config)),
                "number": In(layouts(config).tbu),
                "start": In(PeaSelect(config)),
                "finish": In(PeaSelect(config)),
                "starting": In(who(config)),
                "finishing": In(who(config)),
                "cycles": In(NUMBER),
                "hash": Out(COUNTER),
                "started": Out(COUNTER),
                "work": Out(COUNTER),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        with m.If(self.start.valid):
            m.d.sync += [
                self.started.eq(self.started + 1),
                self.work.eq(self.work + self.cycles + ~self.cycles.any()),
            ]
        start = self._record(m, Event.START, self.start, self.starting)
        finish = self._record(m, Event.FINISH, self.finish, self.finishing)
        m.d.sync += self.hash.eq(self.hash + start + finish)
        return m

    def _record(self, m: Module, event: Event, select: wiring.PureInterface, token: Value) -> Signal:
        """Print an event of this cycle; return its hash two cycles later, 0 if there is none."""
        valid, cycle, pea, seen = Signal(), Signal(CYCLE), Signal(len(select.pea)), Signal.like(token)
        hashed = Signal(COUNTER)
        m.d.sync += [valid.eq(select.valid), cycle.eq(self.state.cycle), pea.eq(select.pea), seen.eq(token)]
        unit = ((self.number << PEA) + pea) + Const(1)
        result = event_hash(cycle, unit, event, seen.instance, seen.block, seen.index, seen.round)
        m.d.sync += hashed.eq(Mux(valid, result, 0))
        if self.events:
            with m.If(select.valid):
                print_event(m, self.state, Format("{}.{}", self.number, select.pea), event,
                            token.instance, token.block, token.index, token.round)  # fmt: skip
        return hashed
