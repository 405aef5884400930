# SPDX-License-Identifier: Apache-2.0
"""The places of a TBU: their tokens, what these draw, and the sums of their results (docs/timing.md#places).

::

    accept ──▶ [ token table ] ──▶ tokens at start, at finish, for the completion
         ├───▶ [ draw queue ] ──▶ [ draw ] ──▶ [ cycles, values ] ──▶ cycles at start, value at finish
         │                           ▼ keys
         └───────────────────────▶ [ tally ] ──▶ [ sums ] ──▶ sum at finish
    finish ──▶ [ completion queue ] ──▶ done

A token that is accepted in cycle t is in the table and at the ends of the queues of both units in t + 1. What the draw
unit gives in cycle r, and the tally unit in z + 1, is visible in the next. A place that finishes in cycle f gives a
completion in f + 1 at the earliest. The queues of draws and completions hold numbers of places only: a place keeps its
token until its completion has been answered.
"""

from amaranth.hdl import Cat, Module, Signal, Value, unsigned
from amaranth.lib import data
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import INDEX, INSTANCE, NUMBER, ROUND, WEIGHT, WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import Loads, accept, chip_state, completions
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.rows import row_reads, row_writes
from octopus_hw.parts.draw import Draw
from octopus_hw.parts.queue import Queue
from octopus_hw.tbu.bank import PeaSelect
from octopus_hw.tbu.tally import Tally
from octopus_hw.verilog.unit import Unit

__all__ = ["Places", "who"]


def who(config: Config) -> data.StructLayout:
    """Lay out what an event record says of a token."""
    block = layouts(config).block
    return data.StructLayout({"instance": INSTANCE, "block": block, "index": INDEX, "round": ROUND})


class Places(Unit):
    """Q places.

    Parameters
    ----------
    config
        Q = `queue_depth`; `number_words`.

    Attributes
    ----------
    state, loads : In(chip_state), In(Loads)
        For the draw unit.
    accept : In(accept)
        A token that is accepted in this cycle.
    read, reading, write, writing : Out(row_reads), In(1), Out(row_writes), In(1)
        Of the tally unit.
    drawn, settled : Out(Q)
        By place: the cycles that its token draws are visible; its value and the sum of its result are.
    start, finish : In(PeaSelect)
        The places whose tokens start and finish in this cycle.
    cycles : Out(16)
        Cycles of the token that starts, in the same cycle.
    starting, finishing : Out(who)
        The tokens that start and finish, in the same cycle.
    weight, told : Out(4), Out(32)
        The weight of the token that finishes, and the event's `data`, in the same cycle.
    done : Out(completions)
        Completions in the order of the finishes; a token is as accepted, but for its value, the drawn one, and its
        words, those of its result.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "state": In(chip_state(config)),
                "loads": In(Loads),
                "accept": In(accept(config)),
                "read": Out(row_reads(config)),
                "reading": In(1),
                "write": Out(row_writes(config)),
                "writing": In(1),
                "drawn": Out(config.queue_depth),
                "settled": Out(config.queue_depth),
                "start": In(PeaSelect(config)),
                "finish": In(PeaSelect(config)),
                "cycles": Out(NUMBER),
                "starting": Out(who(config)),
                "finishing": Out(who(config)),
                "weight": Out(WEIGHT),
                "told": Out(WORD),
                "done": Out(completions(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        # Never of a single row: an address of no bits has no faithful form in Verilog.
        self._rows = max(2, self.config.queue_depth)
        m.submodules.tokens = self._tokens = Memory(shape=struct(layouts(self.config).token), depth=self._rows, init=[])
        write = self._tokens.write_port()
        m.d.comb += [
            write.addr.eq(self.accept.place),
            write.data.eq(self.accept.token),
            write.en.eq(self.accept.valid),
        ]
        self._draw(m)
        self._tally(m)
        for select, said in ((self.start, self.starting), (self.finish, self.finishing)):
            token = self._token(m, select.place)
            m.d.comb += said.eq(Cat(token.instance, token.block, token.index, token.round))
        value, total = (self._result(m, table, self.finish.place) for table in (self._values, self._sums))
        m.d.comb += [
            self.weight.eq(token.weight),
            self.told.eq(total + Cat(value, value)),
            self.cycles.eq(self._result(m, self._cycles, self.start.place)),
            self.settled.eq(self._valued & self._summed),
        ]
        self._done(m)
        return m

    def _token(self, m: Module, place: Value) -> data.View:
        """Return the token at a place, in the same cycle."""
        read = self._tokens.read_port(domain="comb")
        m.d.comb += read.addr.eq(place)
        return read.data

    def _result(self, m: Module, table: Memory, place: Value) -> Value:
        read = table.read_port(domain="comb")
        m.d.comb += read.addr.eq(place)
        return read.data

    def _table(self, m: Module, name: str, valid: Value, place: Value, number: Value) -> tuple[Memory, Signal]:
        """Keep a number for each place from when it is given, in a cycle of `valid`; return also which are there."""
        m.submodules[name] = table = Memory(shape=unsigned(len(number)), depth=self._rows, init=[])
        write, visible = table.write_port(), Signal(self.config.queue_depth, name=f"{name}_visible")
        m.d.comb += [write.addr.eq(place), write.data.eq(number), write.en.eq(valid)]
        for i in range(self.config.queue_depth):
            with m.If(self.accept.valid & (self.accept.place == i)):
                m.d.sync += visible[i].eq(0)
            with m.Elif(valid & (place == i)):
                m.d.sync += visible[i].eq(1)
        return table, visible

    def _draw(self, m: Module) -> None:
        """Draw for the accepted tokens in their order."""
        place = Signal(self.config.place_bits)
        m.submodules.waiting = waiting = Queue(unsigned(self.config.place_bits), self.config.queue_depth)
        m.submodules.draw = self._drawing = draw = Draw(self.config, 2)
        connect(m, flipped(self.state), draw.state)
        connect(m, flipped(self.loads), draw.loads)
        m.d.comb += [
            waiting.i.valid.eq(self.accept.valid),
            waiting.i.payload.eq(self.accept.place),
            draw.request.valid.eq(waiting.o.valid),
            draw.request.payload.eq(self._token(m, waiting.o.payload)),
            waiting.o.ready.eq(draw.request.ready),
        ]
        with m.If(draw.request.ready):
            m.d.sync += place.eq(waiting.o.payload)
        self._cycles, drawn = self._table(m, "cycles", draw.valid & ~draw.field, place, draw.result)
        self._values, self._valued = self._table(m, "values", draw.valid & draw.field, place, draw.result)
        m.d.comb += self.drawn.eq(drawn)

    def _tally(self, m: Module) -> None:
        """Go over the results of the accepted tokens in their order."""
        m.submodules.tally = tally = Tally(self.config)
        connect(m, tally.read, flipped(self.read))
        connect(m, tally.write, flipped(self.write))
        m.d.comb += [
            tally.reading.eq(self.reading),
            tally.writing.eq(self.writing),
            tally.accept.eq(self.accept.valid),
            tally.at.eq(self.accept.place),
            tally.operands.eq(self.accept.token.words),
            tally.words.eq(self.accept.token.result),
            tally.keyed.eq(self._drawing.keyed),
            tally.key.eq(self._drawing.key),
        ]
        self._sums, self._summed = self._table(m, "sums", tally.done, tally.place, tally.sum)

    def _done(self, m: Module) -> None:
        """Queue what finishes; the queue has room for every place."""
        m.submodules.finished = finished = Queue(unsigned(self.config.place_bits), self.config.queue_depth)
        place = finished.o.payload
        m.d.comb += [
            finished.i.valid.eq(self.finish.valid),
            finished.i.payload.eq(self.finish.place),
            self.done.valid.eq(finished.o.valid),
            finished.o.ready.eq(self.done.ready),
            self.done.payload.place.eq(place),
            self.done.payload.token.eq(self._token(m, place)),
            self.done.payload.token.value.eq(self._result(m, self._values, place)),
            self.done.payload.token.words.eq(self.done.payload.token.result),
        ]
