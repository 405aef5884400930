# SPDX-License-Identifier: Apache-2.0
"""Instances to inject: in each cycle one stream has its turn (docs/timing.md, section 5, IDLE, source 5+T).

::

    cycle t-1     (t AND streams) ──▶ [ streams ] ──▶ first + done ──▶ [ list ]
                                      [ done    ] ──┘
    cycle t       left, slot mask: registers           row: due, instance, variant
                  offer = left & due <= t & (free & mask) != 0 ──▶ take

A stream has its turn every second cycle at most, so what is read in t-1 counts what was taken in its last turn. Until
the tile runs, t-1 is the cycle (x+y)(1+L) in which it will take the start command.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory as Storage
from amaranth.lib.wiring import In, Out

from octopus_hw.cbu.table import Table
from octopus_hw.config import Config
from octopus_hw.layout import FLOW, INSTANCE, SLOT, VARIANT, ListRow, Memory, StreamRow, boot_columns
from octopus_hw.ports import ChipState, Loads

__all__ = ["Inject"]

_STREAMS = 16


class Inject(wiring.Component):
    """Streams, instance list and slots.

    Attributes
    ----------
    state, loads
        Time, coordinates, the `streams` register; STREAM and LIST words.
    offer : Out(1)
        The stream whose turn it is can inject.
    entry, slot, instance, variant : Out(12), Out(6), Out(24), Out(16)
        What it injects.
    take : In(1)
        It does; its slot is taken, visible in the next cycle.
    retire, retired : In(1), In(6)
        A slot is free again, visible in the next cycle.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "state": In(ChipState),
                "loads": In(Loads),
                "offer": Out(1),
                "entry": Out(FLOW),
                "slot": Out(SLOT),
                "instance": Out(INSTANCE),
                "variant": Out(VARIANT),
                "take": In(1),
                "retire": In(1),
                "retired": In(SLOT),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        config = self.config
        rows = min(_STREAMS, max(2, 1 << (config.max_streams - 1).bit_length()))
        m.submodules.streams = streams = Table(StreamRow, rows, Memory.STREAM, immediate=True, small=True)
        m.submodules.list = list_ = Table(ListRow, config.list_depth, Memory.LIST)
        for table in (streams, list_):
            m.d.comb += [table.loads.valid.eq(self.loads.valid), table.loads.word.eq(self.loads.word)]
        following = self._following(m)
        injected = self._progress(m, rows, following)
        stream, mask, left = streams.row, Signal(config.max_instances), Signal()
        m.d.comb += [
            streams.address.eq(following),
            list_.address.eq(stream.first + injected),
            list_.read.eq(1),
            self.instance.eq(list_.row.instance),
            self.variant.eq(list_.row.variant),
        ]
        m.d.sync += [
            self.entry.eq(stream.entry),
            mask.eq(((1 << stream.slots) - 1) << stream.slot),
            left.eq(injected < stream.count),
        ]
        some = self._slots(m, mask)
        m.d.comb += self.offer.eq(left & some & (list_.row.due <= self.state.cycle))
        return m

    def _following(self, m: Module) -> Signal:
        """Return the stream whose turn is the next cycle."""
        state, now, following = self.state, Signal(4), Signal(4)
        m.d.comb += now.eq(Mux(state.running, state.cycle, (state.x + state.y) * (1 + self.config.link_latency)))
        m.d.comb += following.eq((now + 1) & state.streams)
        return following

    def _progress(self, m: Module, rows: int, following: Signal) -> Signal:
        """Return how many instances the following stream has injected; loading a stream's row sets it to 0."""
        m.submodules.progress = progress = Storage(shape=16, depth=rows, init=[], attrs={"ram_style": "distributed"})
        read, write = progress.read_port(domain="comb"), progress.write_port()
        number, injected = Signal(4), Signal(16)
        m.d.comb += [
            read.addr.eq(following),
            write.addr.eq(number),
            write.data.eq(injected + 1),
            write.en.eq(self.take),
        ]
        m.d.sync += [number.eq(following), injected.eq(read.data)]
        with m.If(self.loads.valid & (self.loads.word.memory == Memory.STREAM)):
            row = self.loads.word.address[boot_columns(StreamRow).bit_length() - 1 :]
            m.d.comb += [write.addr.eq(row), write.data.eq(0), write.en.eq(1)]
        return read.data

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
