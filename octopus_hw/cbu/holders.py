# SPDX-License-Identifier: Apache-2.0
"""Tokens outside the PEAs: the holders' records, the queues of holders, and the retry budget.

::

    save, save_ref, save_record ─▶ [ places: T x Q ]──┐
    read, read_ref ──────────────▶ [ home records  ]──┴─▶ record      in the next cycle, until another is read

    to_ready ─┬─▶ [ resumed, all places deep ] ──▶ resumed
              └─▶ [ ready,  all records deep ] ──▶ ready
    to_stalled ─▶ [ stalled, all records deep ] ─▶ stalled            valid only while the budget is above 0
                freed, another, cycle ──▶ [ budget ]

Every holder is in at most one of the queues, once: they cannot overflow.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.cbu.records import holder_ref, queued, record
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CYCLE, RETRIES
from octopus_hw.interfaces.bundles import chip_state
from octopus_hw.parts.block_ram import block_ram
from octopus_hw.parts.deep_queue import DeepQueue

__all__ = ["Budget", "Holders"]

_MOST_BUDGET = 255


class Holders(wiring.Component):
    """Records and queues.

    Attributes
    ----------
    state : In(chip_state)
        For the time and the mode.
    save, save_ref, save_record : In(1), In(holder_ref), In(record)
        Write a record, visible to reads from the next cycle on.
    read, read_ref : In(1), In(holder_ref)
        Read one.
    record : Out(record)
        The one seen.
    to_ready, to_stalled : streams
        Pushes; always accepted.
    resumed, ready, stalled : streams
        Heads: places, records, records; a stalled one is offered only within the budget.
    none_stalled : Out(1)
        The stalled queue is empty.
    freed, another : In(range(T + 1)), In(1)
        Places freed in this cycle by senders, and one more that counts for the budget.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        ref, kept, entry = holder_ref(config), record(config), queued(config)
        super().__init__(
            {
                "state": In(chip_state(config)),
                "save": In(1),
                "save_ref": In(ref),
                "save_record": In(kept),
                "read": In(1),
                "read_ref": In(ref),
                "record": Out(kept),
                "to_ready": In(stream.Signature(entry, always_ready=True)),
                "to_stalled": In(stream.Signature(ref, always_ready=True)),
                "resumed": Out(stream.Signature(entry)),
                "ready": Out(stream.Signature(entry)),
                "stalled": Out(stream.Signature(ref)),
                "none_stalled": Out(1),
                "freed": In(range(config.tbus + 1)),
                "another": In(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        self._records(m)
        places, records = max(2, self.config.places), max(2, self.config.home_records)
        m.submodules.resumed = resumed = DeepQueue(queued(self.config), places)
        m.submodules.ready = ready = DeepQueue(queued(self.config), records)
        m.submodules.stalled = stalled = DeepQueue(holder_ref(self.config), records)
        m.submodules.budget = budget = Budget(self.config)
        home = self.to_ready.payload.holder.home
        for queue, pushes, gate in (
            (resumed, self.to_ready, ~home),
            (ready, self.to_ready, home),
            (stalled, self.to_stalled, 1),
        ):
            m.d.comb += [queue.i.valid.eq(pushes.valid & gate), queue.i.payload.eq(pushes.payload)]
        connect(m, resumed.o, flipped(self.resumed))
        connect(m, ready.o, flipped(self.ready))
        m.d.comb += [
            self.stalled.payload.eq(stalled.o.payload),
            self.stalled.valid.eq(stalled.o.valid & budget.some),
            stalled.o.ready.eq(self.stalled.ready & budget.some),
            self.none_stalled.eq(~stalled.o.valid),
            budget.static.eq(self.state.mode.static),
            budget.cycle.eq(self.state.cycle),
            budget.waiting.eq(stalled.level),
            budget.freed.eq(self.freed),
            budget.another.eq(self.another),
            budget.spend.eq(self.stalled.valid & self.stalled.ready),
        ]
        return m

    def _records(self, m: Module) -> None:
        banks = []
        for home, name, rows in ((0, "places", self.config.places), (1, "home", self.config.home_records)):
            m.submodules[name] = bank = block_ram(record(self.config), rows)
            read, write = bank.read_port(), bank.write_port()
            m.d.comb += [
                read.addr.eq(self.read_ref.index),
                read.en.eq(self.read & (self.read_ref.home == home)),
                write.addr.eq(self.save_ref.index),
                write.data.eq(self.save_record),
                write.en.eq(self.save & (self.save_ref.home == home)),
            ]
            banks.append(read.data.as_value())
        from_home = Signal()
        with m.If(self.read):
            m.d.sync += from_home.eq(self.read_ref.home)
        m.d.comb += self.record.as_value().eq(Mux(from_home, banks[1], banks[0]))


class Budget(wiring.Component):
    """How many stalled holders may try again.

    With a static mapping it becomes, every `retry_period` cycles, the number of stalled holders, at most `RETRIES`;
    else it grows by the places freed and the grants taken, up to 255. A holder that is taken costs one. Visible in the
    next cycle.

    Attributes
    ----------
    static, cycle : In(1), In(32)
        Mode and time.
    waiting : In(range(holders + 1))
        Stalled holders at the start of the cycle.
    freed : In(range(T + 1))
        Places freed in this cycle by senders.
    another : In(1)
        One more, or a grant taken; late in the cycle.
    spend : In(1)
        A stalled holder is taken in this cycle; then there is not another. Late in the cycle.
    some : Out(1)
        The budget is above 0.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "static": In(1),
                "cycle": In(CYCLE),
                "waiting": In(range(max(2, config.home_records) + 1)),
                "freed": In(range(config.tbus + 1)),
                "another": In(1),
                "spend": In(1),
                "some": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        left = Signal(range(_MOST_BUDGET + 1))
        grown, base = Signal(len(left) + 1), Signal(len(left))
        m.d.comb += [self.some.eq(left != 0), grown.eq(left + self.freed), base.eq(left)]
        with m.If(~self.static):
            m.d.comb += base.eq(Mux(grown > _MOST_BUDGET, _MOST_BUDGET, grown))
        with m.Elif((self.cycle & (self.config.retry_period - 1)) == 0):
            m.d.comb += base.eq(Mux(self.waiting > RETRIES, RETRIES, self.waiting))
        m.d.sync += left.eq(base)
        with m.If(self.spend):
            m.d.sync += left.eq(base - 1)
        with m.Elif(self.another & ~self.static & (base != _MOST_BUDGET)):
            m.d.sync += left.eq(base + 1)
        return m
