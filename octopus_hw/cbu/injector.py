# SPDX-License-Identifier: Apache-2.0
"""Instances to inject: in each cycle one stream has its turn (docs/timing.md#idle).

::

    cycle t-2     (t AND streams) ──▶ [ streams ] ──▶ first + done ──▶ [ list ]
                                      [ done    ] ──┘
    cycle t-1     row: due <= t?  instance, variant         left, slot mask
    cycle t       offer = left & due & (free & mask) != 0 ──▶ take           all from registers

A stream has its turn every second cycle at most: what is read in t-2 counts what is taken in t-2, and nothing can be in
t-1. Until the tile runs, the streams of its first two turns are looked up: in each cycle that of the first, and in the
cycle in which it takes the start command that of the second. So what is looked up for the first was written before:
the last word that is loaded must not be one of these tables.
"""

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.memory import Memory as Storage
from amaranth.lib.wiring import In, Out

from octopus_hw.cbu.table import Table
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CYCLE, INSTANCE, STREAM, VARIANT
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import Loads, chip_state
from octopus_hw.interfaces.layouts import struct

__all__ = ["Injector"]


class Injector(wiring.Component):
    """Streams, instance list and slots.

    Attributes
    ----------
    state, loads
        Time, coordinates, the `streams` register; STREAM and LIST words.
    offer : Out(1)
        The stream whose turn it is can inject.
    entry, slot, instance, variant : Out(flow), Out(slot), Out(24), Out(16)
        What it injects.
    take : In(1)
        It does; its slot is taken, visible in the next cycle.
    retire, retired : In(1), In(slot)
        A slot is free again, visible in the next cycle.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        widths = layouts(config)
        super().__init__(
            {
                "state": In(chip_state(config)),
                "loads": In(Loads),
                "offer": Out(1),
                "entry": Out(widths.flow),
                "slot": Out(widths.slot),
                "instance": Out(INSTANCE),
                "variant": Out(VARIANT),
                "take": In(1),
                "retire": In(1),
                "retired": In(widths.slot),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        config, widths = self.config, layouts(self.config)
        stream_row = struct(widths.stream_row)
        rows = min(1 << STREAM, max(2, 1 << (config.max_streams - 1).bit_length()))
        m.submodules.streams = streams = Table(stream_row, rows, LoadTarget.STREAM, immediate=True)
        m.submodules.list = list_ = Table(struct(widths.list_row), config.list_depth, LoadTarget.LIST)
        for table in (streams, list_):
            m.d.comb += [table.loads.valid.eq(self.loads.valid), table.loads.word.eq(self.loads.word)]
        now, following = self._turns(m)
        injected, again, done = self._progress(m, rows, following)
        # What is taken in this cycle is known late: both rows are worked out before.
        first, seen, row = streams.row.first, Signal(stream_row), list_.row
        m.d.comb += [
            streams.address.eq(following),
            list_.address.eq(Mux(again, (first + 1) + injected, first + injected)),
            list_.read.eq(1),
        ]
        mask, left, is_due = Signal(config.max_instances), Signal(), Signal()
        m.d.sync += [
            seen.eq(streams.row),
            self.entry.eq(seen.entry),
            mask.eq(((1 << seen.slots) - 1) << seen.slot),
            left.eq(done < seen.count),
            is_due.eq(row.due <= (now + 1)[:CYCLE]),
            self.instance.eq(row.instance),
            self.variant.eq(row.variant),
        ]
        some = self._slots(m, mask)
        m.d.comb += self.offer.eq(left & some & is_due)
        return m

    def _turns(self, m: Module) -> tuple[Signal, Signal]:
        """Return the time, and the stream whose turn is two cycles later."""
        state, now, following = self.state, Signal(CYCLE), Signal(STREAM)
        m.d.comb += now.eq(Mux(state.running, state.cycle, (state.x + state.y) * (1 + self.config.link_latency)))
        m.d.comb += following.eq((now + 1 + (state.running | state.starts)) & state.streams)
        return now, following

    def _progress(self, m: Module, rows: int, following: Signal) -> tuple[Value, Value, Value]:
        """Count what each stream has injected; loading its row sets the number to 0.

        Return how many the stream of `following` had before this cycle, whether there is one more in this cycle, and
        how many the stream of the next turn has.
        """
        listed, row_columns = layouts(self.config).listed, layouts(self.config).stream_row.columns
        m.submodules.progress = progress = Storage(
            shape=listed, depth=rows, init=[], attrs={"ram_style": "distributed"}
        )
        read, write = progress.read_port(domain="comb"), progress.write_port()
        next_number, number = Signal(STREAM), Signal(STREAM)
        next_done, done = Signal(listed), Signal(listed)
        again = self.take & (number == following)
        m.d.comb += [
            read.addr.eq(following),
            write.addr.eq(number),
            write.data.eq(done + 1),
            write.en.eq(self.take),
        ]
        m.d.sync += [
            next_number.eq(following),
            number.eq(next_number),
            next_done.eq(Mux(again, read.data + 1, read.data)),
            done.eq(next_done),
        ]
        with m.If(self.loads.valid & (self.loads.word.memory == LoadTarget.STREAM)):
            row = self.loads.word.address[row_columns.bit_length() - 1 :]
            m.d.comb += [write.addr.eq(row), write.data.eq(0), write.en.eq(1)]
        return read.data, again, next_done

    def _slots(self, m: Module, mask: Signal) -> Signal:
        """Return whether the stream has a free slot; `slot` is its lowest."""
        count = self.config.max_instances
        free, own, taken, back = Signal(count, init=-1), Signal(count), Signal(count), Signal(count)
        m.d.comb += own.eq(free & mask)
        for slot in reversed(range(count)):
            with m.If(own[slot]):
                m.d.comb += self.slot.eq(slot)
        m.d.comb += [
            taken.eq(Mux(self.take, own & (~own + 1), 0)),
            back.eq(Mux(self.retire, 1 << self.retired, 0)),
        ]
        m.d.sync += free.eq(free & ~taken | back)
        return own.any()
