# SPDX-License-Identifier: Apache-2.0
"""Senders turn commands, and requests for configurations, into packets (docs/timing.md#senders).

::

    Sender       command ──▶ [ queue of 2 ] ──▶ slice ──▶ [ serializer ] ──▶ tx
                                   └────▶ release             ▲ rows of the buffers

    HomeSender   command ──▶ [ queue of 2 ] ──▶ slice ──▶ (round robin) ──▶ [ serializer ] ──▶ tx
                 library ─────────────────────────────────────▲                  ▲ rows of the store
                          entry: row of the block, seen in the first cycle of the chunk

What an idle sender takes in cycle t gives its first flit in t + 1 at the earliest, then one flit in each cycle in which
`tx` is ready. In the cycle of the last one the sender takes the next.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CHUNK
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import commands, flits, messages, release, slot_release
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.payload import payload_as
from octopus_hw.interfaces.rows import per_row, row_reads
from octopus_hw.noc.serializer import Serializer
from octopus_hw.noc.slice import TOLD, Slice
from octopus_hw.parts.arbiter import RoundRobin
from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.unit import Unit

__all__ = ["HomeSender", "Sender", "library_entry"]


def library_entry(config: Config) -> wiring.Signature:
    """Return the bundle that reads the library's table.

    Asked for in a cycle with `enable`, the row of `block` is `row` from the next cycle on, until the next `enable`.
    """
    widths = layouts(config)
    return wiring.Signature(
        {"enable": Out(1), "block": Out(widths.block), "row": In(struct(widths.library_row))},
    )


class Sender(Unit):
    """The sender of a TBU.

    Attributes
    ----------
    command : In(commands)
        Fills the command queue of depth 2; `source` is a place.
    vacant : Out(1)
        The command queue holds nothing at the start of the cycle: it has room for two.
    rows : Out(row_reads)
        Reads the places' buffers.
    tx : Out(flits)
        To the tile switch.
    release : Out(release)
        A place freed in this cycle: with the last flit, or when an `empty` command is taken.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "command": In(commands(config)),
                "vacant": Out(1),
                "rows": Out(row_reads(config)),
                "tx": Out(flits(config)),
                "release": Out(release(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.queue = queue = Queue(struct(layouts(self.config).command), 2)
        m.submodules.serializer = serializer = Serializer(self.config)
        connect(m, flipped(self.command), queue.i)
        connect(m, serializer.tx, flipped(self.tx))
        command, take, empty = queue.o.payload, Signal(), Signal()
        source, releases = Signal.like(self.rows.source), Signal()
        m.submodules.slice = slice_ = Slice(self.config)
        m.d.comb += [slice_.command.eq(command), slice_.take.eq(take)]
        m.d.comb += [getattr(serializer, name).eq(getattr(slice_, name)) for name in TOLD]
        m.d.comb += [
            self.vacant.eq(queue.level == 0),
            queue.o.ready.eq(~serializer.busy | (serializer.ends & ~command.empty)),
            take.eq(queue.o.valid & queue.o.ready),
            empty.eq(take & command.empty),
            serializer.load.eq(take & ~command.empty),
            serializer.row.eq(self.rows.data),
            self.rows.reads.eq(serializer.reads),
            self.rows.source.eq(source),
            self.rows.index.eq(serializer.index),
            # What is empty is taken only while no packet is under way.
            self.release.valid.eq((serializer.ends & releases) | (empty & command.release)),
            self.release.place.eq(Mux(serializer.busy, source, command.source)),
        ]
        with m.If(take):
            m.d.sync += [source.eq(command.source), releases.eq(command.release)]
        return m


class HomeSender(Unit):
    """The sender of a home, which serves its library too.

    Attributes
    ----------
    command : In(commands)
        Fills the command queue of depth 2; `source` is a quad of the store. Nothing is `empty` here.
    vacant : Out(1)
        The command queue holds nothing at the start of the cycle: it has room for two.
    library : In(messages)
        CONFIG requests; taken with the first chunk of the configuration, which goes to the request's source.
    left : Out(slot_release)
        The slot of a result, whose last flit leaves in this cycle.
    entry : Out(library_entry)
        Reads the library's table.
    rows : Out(row_reads)
        Reads the store.
    tx : Out(flits)
        To the tile switch.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "command": In(commands(config)),
                "vacant": Out(1),
                "library": In(messages(config)),
                "left": Out(slot_release(config)),
                "entry": Out(library_entry(config)),
                "rows": Out(row_reads(config)),
                "tx": Out(flits(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.queue = queue = Queue(struct(layouts(self.config).command), 2)
        m.submodules.serializer = self._serializer = serializer = Serializer(self.config)
        m.submodules.arbiter = arbiter = RoundRobin(2)
        m.submodules.slice = slice_ = Slice(self.config)
        connect(m, flipped(self.command), queue.i)
        connect(m, serializer.tx, flipped(self.tx))
        idle, source, command = Signal(), Signal.like(self.rows.source), queue.o.payload
        self._more, self._chooses, self._is_chunk = Signal(), Signal(), Signal()
        m.d.comb += [
            idle.eq(~serializer.busy | serializer.ends),
            arbiter.requests.eq(Cat(queue.o.valid, self.library.valid | self._more)),
            arbiter.take.eq(idle),
            serializer.load.eq(idle & arbiter.requests.any()),
            queue.o.ready.eq(idle & arbiter.grant[0]),
            self._chooses.eq(idle & arbiter.grant[1]),
            self.vacant.eq(queue.level == 0),
            slice_.command.eq(command),
            slice_.take.eq(queue.o.ready),
            serializer.row.eq(self.rows.data),
            self.rows.reads.eq(serializer.reads),
            self.rows.source.eq(Mux(self._is_chunk, self.entry.row.address, source)),
            self.rows.index.eq(serializer.index),
            *(getattr(serializer, name).eq(getattr(slice_, name)) for name in TOLD),
        ]
        releases = Signal()
        m.d.comb += self.left.valid.eq(serializer.ends & releases)
        with m.If(serializer.load):
            m.d.sync += [source.eq(command.source), self._is_chunk.eq(arbiter.grant[1])]
            m.d.sync += [self.left.slot.eq(command.token.slot), releases.eq(command.release & arbiter.grant[0])]
        number = self._choose(m, arbiter.grant[1])
        self._tell(m, number)
        return m

    def _choose(self, m: Module, granted: Value) -> Signal:
        """Choose the next chunk of the configuration under way, or the first of the next one; return its number."""
        widths, serializer, asked = layouts(self.config), self._serializer, self.library.payload
        header, kept = Signal(struct(widths.header)), Signal(struct(widths.header))
        number, chosen = Signal(widths.chunk), Signal(widths.chunk)
        wanted = payload_as(widths.config_request, asked)
        m.d.comb += [
            self.library.ready.eq(self._chooses & ~self._more),
            self.entry.enable.eq(self._chooses & ~self._more),
            self.entry.block.eq(wanted.block),
            chosen.eq(Mux(self._more, number + 1, 0)),
            Cat(header.x, header.y).eq(Cat(asked.source_x, asked.source_y)),
            header.unit.eq(wanted.tbu),
            header.config.eq(1),
        ]
        with m.If(self._more):
            m.d.comb += header.eq(kept)
        with m.If(granted):
            m.d.comb += [
                serializer.chunk.eq(1),
                serializer.head.eq(header),
                serializer.first.eq(chosen * (CHUNK // per_row(self.config))),
            ]
        with m.If(self._chooses):
            m.d.sync += [kept.eq(header), number.eq(chosen), self._more.eq(0)]
        return number

    def _tell(self, m: Module, number: Signal) -> None:
        """Tell the serializer of a chunk, now that the library's row is seen."""
        row, serializer, head = self.entry.row, self._serializer, Signal(struct(layouts(self.config).chunk_head))
        bits = CHUNK.bit_length() - 1
        beyond, rest = row.words[bits:] - number, row.words[:bits]
        m.d.comb += [
            head.parallel.eq(row.parallel),
            head.complete.eq((beyond == 0) | ((beyond == 1) & (rest == 0))),
            head.chunk.eq(number),
        ]
        with m.If(self._is_chunk):
            m.d.comb += [
                serializer.late.eq(head),
                serializer.some.eq(row.words != 0),
                serializer.words.eq(Mux(beyond == 0, rest, CHUNK)),
                serializer.length.eq(serializer.words),
            ]
            # Whether another one is to come is known before this one can end.
            with m.If(serializer.starts):
                m.d.sync += self._more.eq(~head.complete)
