# SPDX-License-Identifier: Apache-2.0
"""Packets of the data plane: how they are sent and taken apart (docs/timing.md#packets).

::

    token packet           header | token | data words          | checksum (last)
    configuration packet   header | configuration words         | checksum (last)

    Sender     command ──▶ [ queue of 2 ] ──▶ (round robin) ──▶ [ header, words, sum ] ──▶ tx
               library ────────────────────────▶      │                  ▲
                                   entry: row of the block    words: data memory

    Receiver   rx ──▶ [ queue of 2 ] ──▶ [ header, token, sum ] ──▶ header, token, word, done

A command or library request that an idle sender takes in cycle t gives its first flit in t + 1 at the earliest, then
one flit in each cycle in which `tx` is ready. The sender is idle in the cycle after the last. The receiver takes a flit
in every cycle unless `hold` keeps the last flit of a token packet.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COUNTER, WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import commands, flits, messages, release
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.payload import payload_as
from octopus_hw.noc.route import header_of
from octopus_hw.parts.arbiter import RoundRobin
from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.unit import Unit

__all__ = ["Receiver", "Sender", "library_entry", "packet_word", "packet_words"]


def _index(config: Config) -> int:
    """Return the bits of how many words a packet carries."""
    return max(layouts(config).words, layouts(config).config_words)


def packet_words(config: Config) -> wiring.Signature:
    """Return the bundle that reads data words.

    Word `index` of what lies at `source`, asked for in one cycle, is `data` in the next. A TBU's owner reads row
    place x buffer_words + index, the home's row source + index.
    """
    return wiring.Signature({"source": Out(layouts(config).at), "index": Out(_index(config)), "data": In(WORD)})


def library_entry(config: Config) -> wiring.Signature:
    """Return the bundle that reads the library's table.

    Asked for in a cycle with `enable`, the row of `block` is `row` from the next cycle on, until the next `enable`.
    """
    widths = layouts(config)
    return wiring.Signature({"enable": Out(1), "block": Out(widths.block), "row": In(struct(widths.library_row))})


def packet_word(config: Config) -> wiring.Signature:
    """Return the bundle of a data or configuration word taken in the cycle of `valid`.

    `index` counts from 0 in each packet.
    """
    return wiring.Signature({"valid": Out(1), "index": Out(_index(config)), "data": Out(WORD)})


class Sender(Unit):
    """Turns commands, and requests for configurations if `library`, into packets.

    Attributes
    ----------
    command : In(commands)
        Fills the command queue of depth 2.
    vacant : Out(1)
        The command queue holds nothing at the start of the cycle: it has room for two.
    library : In(messages)
        With `library` only: CONFIG requests from their queue's head; the packet goes to the request's source, with the
        row's `parallel` in the header's `arg`.
    entry : Out(library_entry)
        With `library` only: reads the library's table.
    words : Out(packet_words)
        Reads the data words.
    token : Out(token)
        The token under way, from the cycle of its header until the next command is taken.
    tx : Out(flits)
        To the tile switch.
    release : Out(release)
        A place freed in this cycle: with the last flit, or when an `empty` command is taken.
    """

    def __init__(self, config: Config, library: bool) -> None:
        self.config = config
        self.serves_library = library
        super().__init__(
            {
                "command": In(commands(config)),
                "vacant": Out(1),
                "words": Out(packet_words(config)),
                "token": Out(struct(layouts(config).token)),
                "tx": Out(flits(config)),
                "release": Out(release(config)),
            }
            | ({"library": In(messages(config)), "entry": Out(library_entry(config))} if library else {})
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        widths, words = layouts(self.config), layouts(self.config).token.words
        m.submodules.queue = queue = Queue(struct(widths.command), 2)
        connect(m, flipped(self.command), queue.i)
        m.d.comb += self.vacant.eq(queue.level == 0)
        self._head = queue.o
        self._header, self._release = Signal(struct(widths.header)), Signal()
        header = Signal(struct(widths.header))
        self._source, self._count = Signal(widths.at), Signal(_index(self.config))
        self._command_words, self._command_source = Signal(widths.words), Signal(widths.at)
        index, part, total = Signal(_index(self.config)), Signal(range(words)), Signal(WORD)
        push, flit = Signal(), Signal(struct(widths.flit))
        m.d.comb += [self.tx.payload.eq(flit), push.eq(self.tx.valid & self.tx.ready)]
        m.d.comb += [self.words.source.eq(self._source), self.words.index.eq(index)]
        self._size(m, header)
        with m.If(push):
            m.d.sync += total.eq(total + flit.data)
        with m.FSM():
            with m.State("idle"):
                m.d.sync += [index.eq(0), part.eq(0), total.eq(0)]
                self._take(m)
            with m.State("header"):
                m.d.comb += [self.tx.valid.eq(1), flit.data.eq(header.as_value())]
                with m.If(push):
                    m.next = "token"
                    with m.If(self._header.config):
                        self._go_on(m, self._count == 0)
            with m.State("token"):
                m.d.comb += self.tx.valid.eq(1)
                with m.Switch(part):
                    for i in range(words):
                        with m.Case(i):
                            m.d.comb += flit.data.eq(self.token.as_value()[WORD * i : WORD * i + WORD])
                with m.If(push):
                    m.d.sync += part.eq(part + 1)
                    with m.If(part == words - 1):
                        self._go_on(m, self._count == 0)
            with m.State("words"):
                m.d.comb += [self.tx.valid.eq(1), flit.data.eq(self.words.data)]
                # The next word is asked for while this one leaves; one that cannot leave is asked for again.
                m.d.comb += self.words.index.eq(index + push)
                m.d.sync += index.eq(index + push)
                with m.If(push):
                    self._go_on(m, index + 1 == self._count)
            with m.State("sum"):
                m.d.comb += [self.tx.valid.eq(1), flit.data.eq(total), flit.last.eq(1)]
                with m.If(push):
                    m.d.comb += [self.release.valid.eq(self._release), self.release.place.eq(self._source)]
                    m.next = "idle"
        return m

    def _go_on(self, m: Module, complete: Value) -> None:
        m.next = "words"
        with m.If(complete):
            m.next = "sum"

    def _size(self, m: Module, header: data.View) -> None:
        """Give the header, where the packet's words lie and how many they are, from the cycle of the header on."""
        m.d.comb += [
            header.eq(self._header),
            self._source.eq(self._command_source),
            self._count.eq(self._command_words),
        ]
        if self.serves_library:
            row = self.entry.row
            with m.If(self._header.config):
                m.d.comb += [header.arg.eq(row.parallel), self._source.eq(row.address), self._count.eq(row.words)]

    def _take(self, m: Module) -> None:
        """Take a command or a library request, if there is one."""
        head = self._head.payload
        if not self.serves_library:
            m.d.comb += self._head.ready.eq(1)
            self._command(m, self._head.valid, head)
            return
        m.submodules.arbiter = arbiter = RoundRobin(2)
        m.d.comb += [arbiter.requests.eq(Cat(self._head.valid, self.library.valid)), arbiter.take.eq(1)]
        m.d.comb += [self._head.ready.eq(arbiter.grant[0]), self.library.ready.eq(arbiter.grant[1])]
        self._command(m, arbiter.grant[0], head)
        request = self.library.payload
        wanted = payload_as(layouts(self.config).config_request, request)
        m.d.comb += [self.entry.enable.eq(arbiter.grant[1]), self.entry.block.eq(wanted.block)]
        with m.If(arbiter.grant[1]):
            m.d.sync += [
                self._header.eq(0),
                self._header.x.eq(request.source_x),
                self._header.y.eq(request.source_y),
                self._header.unit.eq(wanted.tbu),
                self._header.config.eq(1),
                self._release.eq(0),
            ]
            m.next = "header"

    def _command(self, m: Module, take: Value, head: data.View) -> None:
        with m.If(take & head.empty):
            m.d.comb += [self.release.valid.eq(head.release), self.release.place.eq(head.source)]
        with m.Elif(take):
            m.d.sync += [
                self._header.eq(Cat(head.x, head.y, head.unit, Const(0, 1), head.arg)),
                self._command_source.eq(head.source),
                self._command_words.eq(head.words),
                self._release.eq(head.release),
                self.token.eq(head.token),
            ]
            m.next = "header"


class Receiver(Unit):
    """Takes packets apart.

    Attributes
    ----------
    rx : In(flits)
        Fills the receive queue of depth 2.
    hold : In(1)
        The last flit of a token packet must wait in this cycle.
    header : Out(header)
        Of the packet under way, from the cycle after its first flit was taken on.
    token : Out(token)
        Complete in the cycle of `done`, if the packet is no configuration.
    word : Out(packet_word)
        A data or configuration word taken in this cycle.
    done : Out(1)
        The last flit is taken in this cycle.
    errors : Out(32)
        Packets with a wrong checksum so far; a packet counts two cycles after its last flit was taken.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "rx": In(flits(config)),
                "hold": In(1),
                "header": Out(struct(layouts(config).header)),
                "token": Out(struct(layouts(config).token)),
                "word": Out(packet_word(config)),
                "done": Out(1),
                "errors": Out(COUNTER),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        widths, words = layouts(self.config), layouts(self.config).token.words
        m.submodules.queue = queue = Queue(struct(widths.flit), 2)
        connect(m, flipped(self.rx), queue.i)
        head, index, part, total = queue.o, Signal(_index(self.config)), Signal(range(words)), Signal(WORD)
        take, wrong, raw = Signal(), Signal(), Signal(words * WORD)
        last = head.payload.last & ~self.header.config
        m.d.comb += [head.ready.eq(~(self.hold & last)), take.eq(head.valid & head.ready)]
        m.d.comb += [self.done.eq(take & head.payload.last), self.word.index.eq(index)]
        m.d.comb += [self.word.data.eq(head.payload.data), self.token.eq(raw[: widths.token.size])]
        with m.If(take):
            m.d.sync += total.eq(Mux(head.payload.last, 0, total + head.payload.data))
        m.d.sync += wrong.eq(self.done & (head.payload.data != total))
        m.d.sync += self.errors.eq(self.errors + wrong)
        with m.FSM():
            with m.State("header"):
                m.d.sync += [index.eq(0), part.eq(0)]
                with m.If(take):
                    m.d.sync += self.header.eq(head.payload.data)
                    m.next = "token"
                    with m.If(header_of(self.config, head.payload.data).config):
                        m.next = "words"
            with m.State("token"):
                with m.If(take):
                    m.d.sync += [raw.eq(Cat(raw[WORD:], head.payload.data)), part.eq(part + 1)]
                    with m.If(part == words - 1):
                        m.next = "words"
            with m.State("words"):
                with m.If(take):
                    m.d.comb += self.word.valid.eq(~head.payload.last)
                    m.d.sync += index.eq(index + 1)
                    with m.If(head.payload.last):
                        m.next = "header"
        return m
