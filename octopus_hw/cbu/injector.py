# SPDX-License-Identifier: Apache-2.0
"""Instances to inject: in each cycle one stream has its turn (docs/timing.md#idle).

::

    cycle t-2     (t AND streams) ──▶ [ streams ] ──▶ first + done ──▶ [ list ]
                                      [ done    ] ──┘
    cycle t-1     row: due <= t?  instance, variant         left, slot mask, its row is there
    cycle t       offer = left & due & (a slot of the mask is free, or its row is there) ──▶ take
                  asks  = left & no row & none under way & a slot is free ──▶ reserve       all from registers

A stream has its turn every second cycle at most: what is read in t-2 counts what is taken in t-2, and nothing can be in
t-1. Until the tile runs, the streams of its first two turns are looked up: in each cycle that of the first, and in the
cycle in which it takes the start command that of the second. So what is looked up for the first was written before:
the last word that is loaded must not be one of these tables.
"""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.memory import Memory as Storage
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.cbu.input_rows import InputRows
from octopus_hw.cbu.slots import Slots
from octopus_hw.cbu.table import Table
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CYCLE, INSTANCE, STREAM, VARIANT
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import Loads, chip_state, slot_release
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
    asks : Out(1)
        It can ask for its next instance's row instead.
    entry, slot, instance, variant, words : Out(flow), Out(slot), Out(24), Out(16), Out(words)
        What it injects, or asks for.
    take : In(1)
        It injects: without a row its slot is taken, visible in the next cycle, or else the row is used.
    reserve : In(1)
        It asks: its slot is taken, and a ROW is under way, visible in the next cycle.
    data : In(quad)
        In the cycle after `reserve`: where that slot's data begin.
    row_at, asked : Out(quad), Out(24)
        Where the words of the row under way go, and its instance.
    come, come_words : In(1), In(words)
        It has come: it is there, visible in the next cycle.
    retire, left : In(slot_release)
        A slot is free again, visible in the next cycle: its instance has retired, or its result has left.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.streams = min(1 << STREAM, max(2, 1 << (config.max_streams - 1).bit_length()))
        widths, freed = layouts(config), slot_release(config)
        super().__init__(
            {
                "state": In(chip_state(config)),
                "loads": In(Loads),
                "offer": Out(1),
                "asks": Out(1),
                "entry": Out(widths.flow),
                "slot": Out(widths.slot),
                "instance": Out(INSTANCE),
                "variant": Out(VARIANT),
                "words": Out(widths.words),
                "take": In(1),
                "reserve": In(1),
                "data": In(widths.quad),
                "row_at": Out(widths.quad),
                "asked": Out(INSTANCE),
                "come": In(1),
                "come_words": In(widths.words),
                "retire": In(freed),
                "left": In(freed),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        config, widths = self.config, layouts(self.config)
        stream_row = struct(widths.stream_row)
        m.submodules.streams = streams = Table(stream_row, self.streams, LoadTarget.STREAM, immediate=True)
        m.submodules.list = list_ = Table(struct(widths.list_row), config.list_depth, LoadTarget.LIST)
        for table in (streams, list_):
            m.d.comb += [table.loads.valid.eq(self.loads.valid), table.loads.word.eq(self.loads.word)]
        now, following = self._turns(m)
        turns = Signal(STREAM, name="next_turn"), Signal(STREAM, name="turn")
        m.d.sync += [turns[0].eq(following), turns[1].eq(turns[0])]
        injected, again, done = self._progress(m, following, turns[1])
        # What is taken in this cycle is known late: both rows are worked out before.
        first, seen, row = streams.row.first, Signal(stream_row), list_.row
        m.d.comb += [
            streams.address.eq(following),
            list_.address.eq(Mux(again, (first + 1) + injected, first + injected)),
            list_.read.eq(1),
        ]
        m.d.sync += [
            seen.eq(streams.row),
            self.entry.eq(seen.entry),
            self.instance.eq(row.instance),
            self.variant.eq(row.variant),
        ]
        self._offers(m, seen, done < seen.count, row.due <= (now + 1)[:CYCLE], turns)
        return m

    def _offers(self, m: Module, seen: Any, left: Value, is_due: Value, turns: tuple[Signal, Signal]) -> None:
        """Find what the stream of the next turn, whose row is `seen`, can do in the next cycle."""
        m.submodules.input_rows = rows = InputRows(self.config, self.streams)
        m.submodules.slots = slots = Slots(self.config)
        has_row, may_inject, may_ask = Signal(), Signal(), Signal()
        m.d.sync += [
            slots.mask.eq(((1 << seen.slots) - 1) << seen.slot),
            has_row.eq(seen.rows & rows.soon),
            may_inject.eq(left & is_due & (~seen.rows | rows.soon)),
            may_ask.eq(left & seen.rows & ~rows.soon),
        ]
        m.d.comb += [
            self.offer.eq(may_inject & (slots.some | has_row)),
            self.asks.eq(may_ask & slots.some & ~rows.busy),
            self.slot.eq(Mux(has_row, rows.slot, slots.lowest)),
            self.words.eq(Mux(has_row, rows.words, 0)),
            slots.take.eq(self.reserve | self.take & ~has_row),
            Cat(rows.next_turn, rows.turn).eq(Cat(turns)),
            rows.ask.eq(self.reserve),
            rows.ask_slot.eq(slots.lowest),
            rows.instance.eq(self.instance),
            rows.use.eq(self.take & has_row),
        ]
        for name in ("data", "come", "come_words"):
            m.d.comb += getattr(rows, name).eq(getattr(self, name))
        m.d.comb += [self.row_at.eq(rows.at), self.asked.eq(rows.asked)]
        connect(m, flipped(self.retire), slots.retire)
        connect(m, flipped(self.left), slots.left)

    def _turns(self, m: Module) -> tuple[Signal, Signal]:
        """Return the time, and the stream whose turn is two cycles later."""
        state, now, following = self.state, Signal(CYCLE), Signal(STREAM)
        m.d.comb += now.eq(Mux(state.running, state.cycle, (state.x + state.y) * (1 + self.config.link_latency)))
        m.d.comb += following.eq((now + 1 + (state.running | state.starts)) & state.streams)
        return now, following

    def _progress(self, m: Module, following: Signal, turn: Signal) -> tuple[Value, Value, Value]:
        """Count what each stream has injected; loading its row sets the number to 0.

        Return how many the stream of `following` had before this cycle, whether there is one more in this cycle, and
        how many the stream of the next turn has.
        """
        listed, row_columns = layouts(self.config).listed, layouts(self.config).stream_row.columns
        m.submodules.progress = progress = Storage(
            shape=listed, depth=self.streams, init=[], attrs={"ram_style": "distributed"}
        )
        read, write = progress.read_port(domain="comb"), progress.write_port()
        next_done, done = Signal(listed), Signal(listed)
        again = self.take & (turn == following)
        m.d.comb += [
            read.addr.eq(following),
            write.addr.eq(turn),
            write.data.eq(done + 1),
            write.en.eq(self.take),
        ]
        m.d.sync += [
            next_done.eq(Mux(again, read.data + 1, read.data)),
            done.eq(next_done),
        ]
        with m.If(self.loads.valid & (self.loads.word.memory == LoadTarget.STREAM)):
            row = self.loads.word.address[row_columns.bit_length() - 1 :]
            m.d.comb += [write.addr.eq(row), write.data.eq(0), write.en.eq(1)]
        return read.data, again, next_done
