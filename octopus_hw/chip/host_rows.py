# SPDX-License-Identifier: Apache-2.0
"""Rows of words on their way in: asked for by tiles, sent by the host, passed on as packets (docs/timing.md#rows-in).

::

    i ──▶ [ROWs] ──▶ told, if a buffer is free ──▶ [tiles of told ones] ─┐
                                                                        ▼
    words ──▶ [buffer │ buffer │ buffer │ buffer] ──rows──▶ Serializer ──▶ LinkSender ══▶ link
                └──▶ [how many words]  ──────────────────────▲

A buffer belongs to a ROW from the cycle on in which the host is told, until the packet has left: what the host sends
has room. Buffers are filled and emptied in turn; they are written a word, and read W bits at a time.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import INSTANCE, ROW_BUFFERS, UNIT_ROW, WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import messages
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.rows import per_row, place_rows
from octopus_hw.noc.link import LinkSender, wires
from octopus_hw.noc.route import Routing, opposite
from octopus_hw.noc.serializer import Serializer
from octopus_hw.parts.block_ram import block_ram
from octopus_hw.parts.credits import Credits
from octopus_hw.parts.deep_queue import queue_of
from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.unit import Unit

__all__ = ["HostRows"]


class HostRows(Unit):
    """ROWs, row buffers, and their sender.

    Parameters
    ----------
    tiles
        How many may have a ROW under way, one each.
    config
        Sizes.
    routing
        By which side of tile 0,0 packets enter, and the virtual channel that they have there.

    Attributes
    ----------
    i : In(messages)
        ROWs of tiles: at most one of each that has not got its row.
    told : Out(messages)
        The next ROW for the host; there is a buffer for its row.
    due : Out(1)
        A ROW that the host was told waits for an answer.
    came : In(32)
        A word of the host.
    counts, fills, filled : In(1)
        It says how many words the row has that is due, at most as many as a buffer holds; it is the next of them; with
        this one there are all.
    words : Out(length)
        With `filled`: how many they are.
    link : Out(wires(flit, vcs))
        To tile 0,0.
    """

    def __init__(self, tiles: int, config: Config, routing: Routing) -> None:
        self.tiles = tiles
        self.config = config
        self.routing = routing
        widths = layouts(config)
        super().__init__(
            {
                "i": In(messages(config)),
                "told": Out(messages(config)),
                "due": Out(1),
                "came": In(WORD),
                "counts": In(1),
                "fills": In(1),
                "filled": In(1),
                "words": Out(widths.length),
                "link": Out(wires(struct(widths.flit), config.data_vcs)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        widths = layouts(self.config)
        tile = data.StructLayout({"x": widths.coord, "y": widths.coord})
        m.submodules.places = places = Queue(tile, ROW_BUFFERS)
        m.submodules.counts = counts = Queue(widths.length, ROW_BUFFERS)
        m.submodules.serializer = serializer = Serializer(self.config)
        take, is_told = Signal(), self.told.valid & self.told.ready
        self._tell(m, is_told, serializer.ends)
        m.d.comb += [
            places.i.valid.eq(is_told),
            Cat(places.i.payload.x, places.i.payload.y).eq(Cat(self.told.payload.source_x, self.told.payload.source_y)),
            counts.i.valid.eq(self.filled),
            counts.i.payload.eq(self.words),
            take.eq(counts.o.valid & (~serializer.busy | serializer.ends)),
            counts.o.ready.eq(take),
            places.o.ready.eq(take),
        ]
        m.d.comb += serializer.row.eq(self._buffers(m, take, serializer.index))
        self._send(m, take, places.o.payload, counts.o.payload, serializer)
        return m

    def _tell(self, m: Module, is_told: Value, is_free: Value) -> None:
        """Tell the host of ROWs for which there is a buffer, and count how many it has not answered."""
        coord = layouts(self.config).coord
        shape = data.StructLayout({"x": coord, "y": coord, "instance": INSTANCE})
        m.submodules.queue = queue = queue_of(shape, self.tiles)
        m.submodules.buffers = free = Credits(ROW_BUFFERS)
        due, came, next_ = Signal(range(ROW_BUFFERS + 1)), self.i.payload, queue.o.payload
        m.d.comb += [
            queue.i.valid.eq(self.i.valid),
            self.i.ready.eq(queue.i.ready),
            Value.cast(queue.i.payload).eq(Cat(came.source_x, came.source_y, came.payload[:INSTANCE])),
            self.told.valid.eq(queue.o.valid & free.some),
            self.told.payload.message.eq(Message.ROW),
            self.told.payload.source_x.eq(next_.x),
            self.told.payload.source_y.eq(next_.y),
            self.told.payload.payload.eq(next_.instance),
            queue.o.ready.eq(is_told),
            free.take.eq(is_told),
            free.give.eq(is_free),
            self.due.eq(due != 0),
        ]
        m.d.sync += due.eq(due + is_told - self.counts)

    def _buffers(self, m: Module, take: Value, index: Value) -> Value:
        """Fill the buffers in turn; return what was read: of the buffer that is sent, this row."""
        per, bits = per_row(self.config), (place_rows(self.config) - 1).bit_length()
        m.submodules.memory = memory = block_ram(self.config.data_width, ROW_BUFFERS << bits)
        write, read = memory.write_port(granularity=WORD), memory.read_port()
        at, count = Signal(bits + per.bit_length() - 1), Signal.like(self.words)
        filling, taken, sent = (Signal(range(ROW_BUFFERS), name=name) for name in ("filling", "taken", "sent"))
        m.d.comb += [
            self.words.eq(Mux(self.counts, self.came, count)),
            write.addr.eq(Cat(at[per.bit_length() - 1 :], filling)),
            write.data.eq(self.came.replicate(per)),
            write.en.eq(Cat(self.fills & (at % per == word) for word in range(per))),
            read.addr.eq(Cat(index[:bits], sent)),
        ]
        with m.If(self.counts):
            m.d.sync += [count.eq(self.came), at.eq(0)]
        with m.If(self.fills):
            m.d.sync += at.eq(at + 1)
        with m.If(self.filled):
            m.d.sync += filling.eq(filling + 1)
        with m.If(take):
            m.d.sync += [sent.eq(taken), taken.eq(taken + 1)]
        return read.data

    def _send(self, m: Module, take: Value, tile: data.View, count: Value, serializer: Serializer) -> None:
        """Make the next row a packet, and send its flits."""
        vcs, words, vc = self.config.data_vcs, Signal.like(self.words), Signal()
        head, late = (Signal(struct(layouts(self.config).token_head), name=name) for name in ("head", "late"))
        sender = LinkSender(serializer.tx.payload.shape(), self.config.data_depth, self.config.link_latency, vcs)
        m.submodules.sender = sender
        m.d.comb += [
            head.header.x.eq(tile.x),
            head.header.y.eq(tile.y),
            head.header.unit.eq(UNIT_ROW),
            late.token.words.eq(words),
            serializer.load.eq(take),
            serializer.head.eq(head),
            serializer.late.eq(late),
            serializer.some.eq(words != 0),
            serializer.words.eq(words),
            serializer.length.eq(words),
            serializer.tx.ready.eq(Mux(vc, sender.i[-1].ready, sender.i[0].ready)),
        ]
        with m.If(take):
            m.d.sync += [words.eq(count), vc.eq(self._turns(tile) if vcs == 2 else 0)]
        for number, i in enumerate(sender.i):
            m.d.comb += [i.payload.eq(serializer.tx.payload), i.valid.eq(serializer.tx.valid & (vc == number))]
        connect(m, sender.link, flipped(self.link))

    def _turns(self, tile: data.View) -> Value:
        """Whether a packet turns or ends in tile 0,0; else it goes straight on."""
        outputs, origin = self.routing.turns[self.routing.enters], Const(0, len(tile.x))
        routes = self.routing.route(tile.x, tile.y, origin, origin, outputs)
        return ~routes[outputs.index(opposite(self.routing.enters))]
