# SPDX-License-Identifier: Apache-2.0
"""The places of a TBU: the tokens they hold and what these draw (docs/timing.md#places).

::

    accept ──▶ [ token table ] ──▶ tokens at start, at finish, for the completion
         └───▶ [ draw queue ] ──▶ [ draw ] ──▶ [ cycles, values ] ──▶ cycles at start, value for the completion
    finish ──▶ [ completion queue ] ──▶ done

A token that is accepted in cycle t is in the table and at the draw queue's end in t + 1. A result of the draw unit in
cycle r is visible (`drawn`, `valued`) in r + 1. A place that finishes in cycle f gives a completion in f + 1 at the
earliest. Both queues hold numbers of places only: a place keeps its token until its completion has been answered.
"""

from amaranth.hdl import Cat, Module, Signal, Value, unsigned
from amaranth.lib import data
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import INDEX, INSTANCE, NUMBER, ROUND, WEIGHT
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import Loads, accept, chip_state, completions
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.draw import Draw
from octopus_hw.parts.queue import Queue
from octopus_hw.tbu.bank import PeaSelect
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
    drawn, valued : Out(Q)
        By place: the cycles, the value that its token draws are visible.
    start, finish : In(PeaSelect)
        The places whose tokens start and finish in this cycle.
    cycles : Out(16)
        Cycles of the token that starts, in the same cycle.
    starting, finishing : Out(who)
        The tokens that start and finish, in the same cycle.
    weight : Out(4)
        The weight of the token that finishes, in the same cycle.
    done : Out(completions)
        Completions in the order of the finishes; the tokens are as accepted, but for the drawn value.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "state": In(chip_state(config)),
                "loads": In(Loads),
                "accept": In(accept(config)),
                "drawn": Out(config.queue_depth),
                "valued": Out(config.queue_depth),
                "start": In(PeaSelect(config)),
                "finish": In(PeaSelect(config)),
                "cycles": Out(NUMBER),
                "starting": Out(who(config)),
                "finishing": Out(who(config)),
                "weight": Out(WEIGHT),
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
        for select, said in ((self.start, self.starting), (self.finish, self.finishing)):
            token = self._token(m, select.place)
            m.d.comb += said.eq(Cat(token.instance, token.block, token.index, token.round))
        m.d.comb += self.weight.eq(token.weight)
        m.d.comb += self.cycles.eq(self._result(m, self._cycles, self.start.place))
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

    def _draw(self, m: Module) -> None:
        """Draw for the accepted tokens in their order."""
        depth, place = self.config.queue_depth, Signal(self.config.place_bits)
        m.submodules.waiting = waiting = Queue(unsigned(self.config.place_bits), depth)
        m.submodules.draw = draw = Draw(self.config, 2)
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
        m.submodules.cycles = self._cycles = Memory(shape=unsigned(NUMBER), depth=self._rows, init=[])
        m.submodules.values = self._values = Memory(shape=unsigned(NUMBER), depth=self._rows, init=[])
        results = ((self._cycles, self.drawn, ~draw.field), (self._values, self.valued, draw.field))
        for table, visible, selected in results:
            write = table.write_port()
            m.d.comb += [write.addr.eq(place), write.data.eq(draw.result), write.en.eq(draw.valid & selected)]
            for i in range(depth):
                with m.If(self.accept.valid & (self.accept.place == i)):
                    m.d.sync += visible[i].eq(0)
                with m.Elif(write.en & (place == i)):
                    m.d.sync += visible[i].eq(1)

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
        ]
