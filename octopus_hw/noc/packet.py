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

from octopus_hw.contract.layout import ADDRESS, BLOCK, COUNTER, PLACE, WORD, WORDS
from octopus_hw.interfaces.bundles import Release, commands, flits, messages
from octopus_hw.interfaces.layouts import Command, ConfigRequest, Flit, Header, LibraryRow, Token
from octopus_hw.interfaces.payload import payload_as
from octopus_hw.parts.arbiter import RoundRobin
from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.unit import Unit

__all__ = ["Entry", "Receiver", "Sender", "Word", "Words"]

#: Words of a token.
TOKEN = Token.description.words

#: Reads data words: word `index` of what lies at `source`, asked for in one cycle, is `data` in the next.
#: A TBU's owner reads row place x buffer_words + index, the home's row source + index.
Words = wiring.Signature({"source": Out(ADDRESS), "index": Out(WORDS), "data": In(WORD)})

#: Reads the library's table: asked for in a cycle with `enable`, the row of `block` is `row` from the next cycle on,
#: until the next `enable`.
Entry = wiring.Signature({"enable": Out(1), "block": Out(BLOCK), "row": In(LibraryRow)})

#: A data or configuration word taken in the cycle of `valid`; `index` counts from 0 in each packet.
Word = wiring.Signature({"valid": Out(1), "index": Out(WORDS), "data": Out(WORD)})


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
    entry : Out(Entry)
        With `library` only: reads the library's table.
    words : Out(Words)
        Reads the data words.
    token : Out(Token)
        The token under way, from the cycle of its header until the next command is taken.
    tx : Out(flits)
        To the tile switch.
    release : Out(Release)
        A place freed in this cycle: with the last flit, or when an `empty` command is taken.
    """

    def __init__(self, library: bool) -> None:
        self.serves_library = library
        super().__init__(
            {
                "command": In(commands),
                "vacant": Out(1),
                "words": Out(Words),
                "token": Out(Token),
                "tx": Out(flits),
                "release": Out(Release),
            }
            | ({"library": In(messages), "entry": Out(Entry)} if library else {})
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.queue = queue = Queue(Command, 2)
        connect(m, flipped(self.command), queue.i)
        m.d.comb += self.vacant.eq(queue.level == 0)
        self._head = queue.o
        self._header, self._release = Signal(Header), Signal()
        header = Signal(Header)
        self._source, self._count = Signal(ADDRESS), Signal(WORDS)
        self._command_words, self._command_source = Signal(WORDS), Signal(ADDRESS)
        index, part, total = Signal(WORDS), Signal(range(TOKEN)), Signal(WORD)
        push, flit = Signal(), Signal(Flit)
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
                    for i in range(TOKEN):
                        with m.Case(i):
                            m.d.comb += flit.data.eq(self.token.as_value()[WORD * i : WORD * i + WORD])
                with m.If(push):
                    m.d.sync += part.eq(part + 1)
                    with m.If(part == TOKEN - 1):
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
                    m.d.comb += [self.release.valid.eq(self._release), self.release.place.eq(self._source[:PLACE])]
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
        wanted = payload_as(ConfigRequest, request)
        m.d.comb += [self.entry.enable.eq(arbiter.grant[1]), self.entry.block.eq(wanted.block)]
        with m.If(arbiter.grant[1]):
            m.d.sync += [
                self._header.eq(Cat(request.source_x, request.source_y, wanted.tbu, Const(1, 1))),
                self._release.eq(0),
            ]
            m.next = "header"

    def _command(self, m: Module, take: Value, head: data.View) -> None:
        with m.If(take & head.empty):
            m.d.comb += [self.release.valid.eq(head.release), self.release.place.eq(head.source[:PLACE])]
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
    header : Out(Header)
        Of the packet under way, from the cycle after its first flit was taken on.
    token : Out(Token)
        Complete in the cycle of `done`, if the packet is no configuration.
    word : Out(Word)
        A data or configuration word taken in this cycle.
    done : Out(1)
        The last flit is taken in this cycle.
    errors : Out(32)
        Packets with a wrong checksum so far; a packet counts two cycles after its last flit was taken.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "rx": In(flits),
                "hold": In(1),
                "header": Out(Header),
                "token": Out(Token),
                "word": Out(Word),
                "done": Out(1),
                "errors": Out(COUNTER),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.queue = queue = Queue(Flit, 2)
        connect(m, flipped(self.rx), queue.i)
        head, index, part, total = queue.o, Signal(WORDS), Signal(range(TOKEN)), Signal(WORD)
        take, wrong, raw = Signal(), Signal(), Signal(TOKEN * WORD)
        last = head.payload.last & ~self.header.config
        m.d.comb += [head.ready.eq(~(self.hold & last)), take.eq(head.valid & head.ready)]
        m.d.comb += [self.done.eq(take & head.payload.last), self.word.index.eq(index)]
        m.d.comb += [self.word.data.eq(head.payload.data), self.token.eq(raw[: Token.description.size])]
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
                    with m.If(data.View(Header, head.payload.data).config):
                        m.next = "words"
            with m.State("token"):
                with m.If(take):
                    m.d.sync += [raw.eq(Cat(raw[WORD:], head.payload.data)), part.eq(part + 1)]
                    with m.If(part == TOKEN - 1):
                        m.next = "words"
            with m.State("words"):
                with m.If(take):
                    m.d.comb += self.word.valid.eq(~head.payload.last)
                    m.d.sync += index.eq(index + 1)
                    with m.If(head.payload.last):
                        m.next = "header"
        return m
