# SPDX-License-Identifier: Apache-2.0
"""Results on their way out: offered by tiles, asked for, kept for the host (docs/timing.md#results-out).

::

    i ──▶ [RESULTs] ──▶ a credit? a buffer? ──▶ SEND ══▶ send
                          ▲           ▲
    gives ──▶ [credits] ──┘           └── freed
                                                            ┌──▶ [heads] ────────────────────┐
    link ══▶ Receiver ──────────────────────────────────────┴──▶ [buffer │ buffer │ ...] ──▶ o   words for the host

A buffer is taken with the SEND and free again when the last word has gone: so all of a result has room when it is
sent, and nothing in the mesh waits for the host. Buffers are written W bits, and read a word at a time; results go to
the host in the order in which they came.
"""

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, stream
from amaranth.lib.memory import ReadPort
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COORD, INSTANCE, ROW_BUFFERS, VALUE, WORD, HostWord
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import messages
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.rows import per_row, place_rows
from octopus_hw.noc.control_link import ControlSender
from octopus_hw.noc.control_switch import REPLY
from octopus_hw.noc.control_word import control_word, pack
from octopus_hw.noc.link import arrivals, wires
from octopus_hw.noc.receiver import Receiver
from octopus_hw.parts.block_ram import block_ram
from octopus_hw.parts.credits import Credits
from octopus_hw.parts.deep_queue import queue_of
from octopus_hw.parts.onehot import pick
from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.unit import Unit

__all__ = ["CREDIT", "HostResults", "Marked"]

#: Bits of how many credits the host may have given.
CREDIT = 16
#: Words before a result's data.
_HEAD = 3


class Marked(data.Struct):
    """A word for the host; the last one of what belongs together is marked."""

    word: WORD
    last: 1


class HostResults(Unit):
    """RESULTs, credits, and result buffers.

    Parameters
    ----------
    tiles
        How many may offer a result, one each.
    config
        Sizes.

    Attributes
    ----------
    i : In(messages)
        RESULTs of tiles: at most one of each that has not got its SEND.
    gives, more : In(1), In(16)
        The host gives so many credits.
    credits : Out(16)
        How many are left; with `more` no more than 16 bits.
    send : Out(wires(control_word, 2))
        SENDs to tile 0,0.
    link : In(wires(flit, vcs))
        Results from tile 0,0, in the last VC.
    o : Out(stream.Signature(Marked))
        Words of results: header, instance, value and length, then the data.
    freed : Out(1)
        The last word of a result goes: its buffer is free from the next cycle on.
    """

    def __init__(self, tiles: int, config: Config) -> None:
        self.tiles = tiles
        self.config = config
        super().__init__(
            {
                "i": In(messages(config)),
                "gives": In(1),
                "more": In(CREDIT),
                "credits": Out(CREDIT),
                "send": Out(wires(control_word(config), 2)),
                "link": In(wires(struct(layouts(config).flit), config.data_vcs)),
                "o": Out(stream.Signature(Marked)),
                "freed": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        self._ask(m)
        heads, rows = self._receive(m)
        head, part, index = heads.o.payload, Signal(range(_HEAD + 1)), Signal.like(heads.o.payload.words)
        moves, is_data, reading = self.o.valid & self.o.ready, part == _HEAD, Signal(range(ROW_BUFFERS))
        first = Cat(Const(Message.RESULT, HostWord["message"].width), head.x | Const(0, COORD), head.y)
        width = per_row(self.config)
        words = [rows.data.word_select(number, WORD) for number in range(width)]
        word = pick([index % width == number for number in range(width)], words)
        row = (index + (moves & is_data)) >> width.bit_length() - 1
        m.d.comb += [
            self.o.valid.eq(heads.o.valid),
            self.o.payload.word.eq(Array([first, head.instance, Cat(head.value, head.words), word])[part]),
            self.o.payload.last.eq(Mux(is_data, index + 1 == head.words, (part == _HEAD - 1) & (head.words == 0))),
            self.freed.eq(moves & self.o.payload.last),
            heads.o.ready.eq(self.freed),
            rows.addr.eq(Cat(row[: len(rows.addr) - len(reading)], reading)),
        ]
        with m.If(moves):
            m.d.sync += [part.eq(part + ~is_data), index.eq(index + is_data)]
        with m.If(self.freed):
            m.d.sync += [part.eq(0), index.eq(0), reading.eq(reading + 1)]
        return m

    def _ask(self, m: Module) -> None:
        """Send a SEND for each result for which there is room, and a credit."""
        coord, word = layouts(self.config).coord, control_word(self.config)
        m.submodules.queue = queue = queue_of(data.StructLayout({"x": coord, "y": coord}), self.tiles)
        m.submodules.buffers = free = Credits(ROW_BUFFERS)
        m.submodules.sender = sender = ControlSender(word, self.config.link_depth, self.config.link_latency)
        sends, message = Signal(), Signal(struct(layouts(self.config).control_flit))
        fields = pack(self.config, message, reply=True)
        m.d.comb += [
            queue.i.valid.eq(self.i.valid),
            self.i.ready.eq(queue.i.ready),
            Value.cast(queue.i.payload).eq(Cat(self.i.payload.source_x, self.i.payload.source_y)),
            sends.eq(queue.o.valid & (self.credits != 0) & free.some & sender.ready[REPLY]),
            queue.o.ready.eq(sends),
            free.take.eq(sends),
            free.give.eq(self.freed),
            Cat(message.x, message.y).eq(Value.cast(queue.o.payload)),
            message.message.eq(Message.SEND),
            sender.sends.eq(sends << REPLY),
            Value.cast(sender.payload).eq(Cat(fields[name] for name in word.members)),
        ]
        connect(m, sender.link, flipped(self.send))
        m.d.sync += self.credits.eq(self.credits + Mux(self.gives, self.more, 0) - sends)

    def _receive(self, m: Module) -> tuple[Queue, ReadPort]:
        """Take results apart; return the queue of their heads, and what reads their rows."""
        widths, bits = layouts(self.config), (place_rows(self.config) - 1).bit_length()
        head = {"x": widths.coord, "y": widths.coord, "instance": INSTANCE, "value": VALUE, "words": widths.words}
        m.submodules.heads = heads = Queue(data.StructLayout(head), ROW_BUFFERS)
        m.submodules.receiver = receiver = Receiver(self.config)
        m.submodules.memory = memory = block_ram(self.config.data_width, ROW_BUFFERS << bits)
        write, token, filling = memory.write_port(), receiver.token.token, Signal(range(ROW_BUFFERS))
        payload, valid = arrivals(m, self.link, self.config.link_latency)
        came = Signal()
        m.d.comb += [
            Value.cast(receiver.rx.payload).eq(payload),
            receiver.rx.valid.eq(valid[-1]),
            heads.i.valid.eq(receiver.accepts),
            Value.cast(heads.i.payload).eq(
                Cat(token.home_x, token.home_y, token.instance, token.value, token.words[: widths.words])
            ),
            write.en.eq(receiver.rows.valid),
            write.addr.eq(Cat(receiver.rows.index[:bits], filling)),
            write.data.eq(receiver.rows.data),
        ]
        # What comes is taken in the cycle after.
        m.d.sync += [came.eq(valid[-1]), self.link.credit[-1].eq(came)]
        with m.If(receiver.accepts):
            m.d.sync += filling.eq(filling + 1)
        return heads, memory.read_port()
