# SPDX-License-Identifier: Apache-2.0
"""What the engine tells of itself: event records, the event hash and the counters.

::

    event ──▶ [ what happened ] ──▶ record (Print) ──▶ [ hash of one ] ──▶ [ sum ] ──▶ counters

An event of cycle t is printed at the end of t+1, with t as its cycle: the block of an `inject` is seen only then. The
counters other than the hash are visible in t+1, the hash in t+3.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.codes import Event
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COUNTER, INDEX, INSTANCE, ROUND
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import Counters, chip_state, event_hash, print_event

__all__ = ["EventLog", "emitted_event"]


def emitted_event(config: Config) -> data.StructLayout:
    """Lay out an event, as far as it is known in its cycle."""
    return data.StructLayout({"event": 4, "block": layouts(config).block, "index": INDEX, "round": ROUND})


class EventLog(wiring.Component):
    """Records, hash and counters.

    Attributes
    ----------
    state : In(chip_state)
    emits, emitted : In(1), In(emitted_event)
        There is an event in this cycle.
    entry_block, instance : In(block), In(24)
        In the cycle after an event: the block, if it was an `inject`, and its instance.
    finished : Out(1)
        From the cycle after the last expected retirement on.
    counters : Out(Counters)
    """

    def __init__(self, config: Config, events: bool) -> None:
        self.config = config
        self.events = events
        super().__init__(
            {
                "state": In(chip_state(config)),
                "emits": In(1),
                "emitted": In(emitted_event(config)),
                "entry_block": In(layouts(config).block),
                "instance": In(INSTANCE),
                "finished": Out(1),
                "counters": Out(Counters),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        valid, seen, block, hashed = Signal(), Signal.like(self.emitted), Signal.like(self.entry_block), Signal(COUNTER)
        then = chip_state(self.config).create(path=("then",))
        m.d.sync += [valid.eq(self.emits), seen.eq(self.emitted), then.cycle.eq(self.state.cycle)]
        m.d.comb += [then.x.eq(self.state.x), then.y.eq(self.state.y), then.held.eq(self.state.held)]
        m.d.comb += block.eq(Mux(seen.event == Event.INJECT, self.entry_block, seen.block))
        m.d.sync += hashed.eq(0)
        with m.If(valid):
            m.d.sync += hashed.eq(event_hash(then.cycle, 0, seen.event, self.instance, block, seen.index, seen.round))
            if self.events:
                for event in Event:
                    with m.If(seen.event == event):
                        print_event(m, then, "cbu", event, self.instance, block, seen.index, seen.round)
        m.d.sync += self.counters.hash.eq(self.counters.hash + hashed)
        self._count(m)
        return m

    def _count(self, m: Module) -> None:
        counters = self.counters
        for event, counter in (
            (Event.INJECT, counters.injected),
            (Event.RETIRE, counters.retired),
            (Event.DISPATCH, counters.dispatched),
            (Event.MOVE, counters.moved),
        ):
            with m.If(self.emits & (self.emitted.event == event)):
                m.d.sync += counter.eq(counter + 1)
        retires = self.emits & (self.emitted.event == Event.RETIRE)
        with m.If(retires & (counters.retired + 1 == self.state.expected)):
            m.d.sync += self.finished.eq(1)
