# SPDX-License-Identifier: Apache-2.0
"""Takes packets and checks every bit of them.

::

    i ──▶ Head: for this tile? the next from its source? ──▶ [source, sequence numbers]
      ──▶ Body: same source, right place, same birth? the last flit where it must be?

What is wrong is counted, and the check goes on from what came, so that one fault is not counted for ever.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.interfaces.bundles import chip_state, flits
from octopus_hw.verilog.unit import Unit
from octopus_sim.traffic.layout import BIRTH, INDEX, SEQUENCE, SIDE, SINK, TILE, Body, head_layout, settings, spread

__all__ = ["Sink"]


class Sink(Unit):
    """A tile's sink.

    Attributes
    ----------
    state : In(chip_state)
        Place and time. While the tile does not run the sequence numbers are cleared, one each cycle.
    settings : In(settings)
        Registers.
    stall : In(1)
        Take no flit in this cycle.
    i : In(flits)
        From the router; otherwise one is taken in every cycle.
    counters : Out(32) each
        As `layout.SINK` says.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {"state": In(chip_state(config)), "settings": In(settings), "stall": In(1), "i": In(flits(config))}
            | {name: Out(32) for name in SINK}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        taken, index, kept, word = Signal(), Signal(INDEX), Signal(32), self.i.payload.data[:32]
        m.d.comb += [self.i.ready.eq(~self.stall), taken.eq(self.i.valid & self.i.ready)]
        with m.If(taken):
            m.d.sync += index.eq(Mux(self.i.payload.last, 0, index + 1))
            with m.If(self.settings.inside):
                m.d.sync += self.flits.eq(self.flits + 1)
        layout = head_layout(self.config)
        head = layout(Mux(index == 0, word, kept)[: layout.size])
        with m.If(taken & (index == 0)):
            m.d.sync += kept.eq(word)
        self._order(m, taken & (index == 0), head)
        birth = self._body(m, taken, index, head)
        self._measure(m, taken & self.i.payload.last, head, Mux(index == 0, self.state.cycle, birth))
        return m

    def _order(self, m: Module, first: Value, head: data.View) -> None:
        """Check a packet's target, and its number among those from its source."""
        m.submodules.sequences = memory = Memory(shape=SEQUENCE, depth=1 << TILE, init=[])
        read, write = memory.read_port(domain="comb"), memory.write_port()
        source, clearing = Cat(head.source_x, head.source_y), Signal(TILE)
        m.d.comb += [
            read.addr.eq(source),
            write.addr.eq(source),
            write.data.eq(head.sequence + 1),
            write.en.eq(first),
        ]
        with m.If(first & (Cat(head.x, head.y) != Cat(self.state.x, self.state.y))):
            m.d.sync += self.misrouted.eq(self.misrouted + 1)
        with m.If(first & (head.sequence != read.data)):
            m.d.sync += self.disordered.eq(self.disordered + 1)
        with m.If(~self.state.running):
            m.d.sync += clearing.eq(clearing + 1)
            m.d.comb += [write.addr.eq(clearing), write.data.eq(0), write.en.eq(1)]

    def _body(self, m: Module, taken: Value, index: Signal, head: data.View) -> Value:
        """Check a flit behind the first one, and where the packet ends; return the packet's birth."""
        flit, known, wrong = self.i.payload.data, Signal(BIRTH), Signal()
        body = Body(flit[:32])
        source = Cat(body.source_x, body.source_y) != Cat(head.source_x, head.source_y)
        with m.If(index != 0):
            m.d.comb += wrong.eq(source | (body.index != index) | (index != 1) & (body.birth != known))
        torn = flit != spread(self.config, flit[:32])
        with m.If(taken):
            m.d.sync += known.eq(body.birth)
            with m.If(wrong | torn | (self.i.payload.last != (index + 1 == self.settings.word.length))):
                m.d.sync += self.broken.eq(self.broken + 1)
        return body.birth

    def _measure(self, m: Module, last: Value, head: data.View, birth: Value) -> None:
        """Count a packet that has come to its end."""
        now, x, y = self.state.cycle, self.state.x[:SIDE], self.state.y[:SIDE]
        latency, hops = Signal(BIRTH), Signal(SIDE + 1)
        m.d.comb += [
            latency.eq(now - birth),
            hops.eq(_distance(x, head.source_x) + _distance(y, head.source_y)),
        ]
        with m.If(last):
            m.d.sync += self.taken.eq(self.taken + 1)
        with m.If(last & head.marked):
            m.d.sync += [
                self.arrived.eq(self.arrived + 1),
                self.arrival_sum.eq(self.arrival_sum + now),
                self.hops.eq(self.hops + hops),
            ]
            with m.If(latency > self.longest):
                m.d.sync += self.longest.eq(latency)


def _distance(one: Value, other: Value) -> Value:
    return Mux(one > other, one - other, other - one)[:SIDE]
