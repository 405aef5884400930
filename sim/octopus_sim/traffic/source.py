# SPDX-License-Identifier: Apache-2.0
"""Makes packets, at random times and for random targets.

::

    Draws < chance ──▶ [births, waiting] ──head──▶ Head, Body, Body ... ──▶ o
                                            │ ▲
              Draws ──▶ Destination ──▶ [target]──▶ [next sequence number by target]

Open loop: whether a packet is born does not depend on the network, but when BACKLOG of them wait: then it is refused
and counted. A packet born in cycle t shows its first flit in t+1 at the earliest.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.interfaces.bundles import chip_state, flits
from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.unit import Unit
from octopus_sim.traffic.destination import Destination
from octopus_sim.traffic.draws import Draws
from octopus_sim.traffic.layout import (
    BACKLOG,
    INDEX,
    SEQUENCE,
    SIDE,
    SOURCE,
    TILE,
    Birth,
    Body,
    head_layout,
    settings,
    spread,
)

__all__ = ["TrafficSource"]


class TrafficSource(Unit):
    """A tile's source of packets.

    Parameters
    ----------
    columns, rows
        The mesh.
    config
        Sizes.

    Attributes
    ----------
    state : In(chip_state)
        Place, time, seed. While the tile does not run the sequence numbers are cleared, one each cycle.
    settings : In(settings)
        Registers.
    stall : In(1)
        Offer no flit in this cycle.
    o : Out(flits)
        To the router.
    counters : Out(32) each
        As `layout.SOURCE` says.
    """

    def __init__(self, columns: int, rows: int, config: Config) -> None:
        self.config = config
        self.columns = columns
        self.rows = rows
        super().__init__(
            {"state": In(chip_state(config)), "settings": In(settings), "stall": In(1), "o": Out(flits(config))}
            | {name: Out(32) for name in SOURCE}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.waiting = waiting = Queue(Birth, BACKLOG)
        m.submodules.where = where = Draws(self.config, 1)
        m.submodules.destination = destination = Destination(self.columns, self.rows)
        connect(m, flipped(self.state), where.state)
        connect(m, flipped(self.settings), destination.settings)
        m.d.comb += [destination.x.eq(self.state.x), destination.y.eq(self.state.y), destination.word.eq(where.word)]
        self._births(m, waiting, destination.silent)
        to, done = Signal(TILE), Signal()
        with m.If(done | ~self.state.running):
            m.d.sync += to.eq(Cat(destination.to_x, destination.to_y))
        index = Signal(INDEX)
        self._flits(m, waiting, to, index)
        m.d.comb += [
            done.eq(self.o.valid & self.o.ready & self.o.payload.last),
            waiting.o.ready.eq(done),
        ]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += index.eq(index + 1)
        with m.If(done):
            m.d.sync += index.eq(0)
        return m

    def _births(self, m: Module, waiting: Queue, silent: Signal) -> None:
        """Draw in each cycle whether a packet is born."""
        state, word, inside = self.state, self.settings.word, self.settings.inside
        m.submodules.when = when = Draws(self.config, 0)
        connect(m, flipped(self.state), when.state)
        m.d.comb += [
            waiting.i.valid.eq(state.running & (state.cycle < word.stop) & (when.word <= word.chance) & ~silent),
            waiting.i.payload.birth.eq(state.cycle),
            waiting.i.payload.marked.eq(inside),
        ]
        with m.If(waiting.i.valid & waiting.i.ready):
            m.d.sync += self.born.eq(self.born + 1)
            with m.If(inside):
                m.d.sync += [self.marked.eq(self.marked + 1), self.birth_sum.eq(self.birth_sum + state.cycle)]
        with m.If(waiting.i.valid & ~waiting.i.ready & inside):
            m.d.sync += self.refused.eq(self.refused + 1)

    def _flits(self, m: Module, waiting: Queue, to: Signal, index: Signal) -> None:
        """Make the flits of the oldest packet."""
        m.submodules.sequences = memory = Memory(shape=SEQUENCE, depth=1 << TILE, init=[])
        read, write = memory.read_port(domain="comb"), memory.write_port()
        clearing, here, birth = (
            Signal(TILE),
            Cat(self.state.x[: TILE // 2], self.state.y[: TILE // 2]),
            waiting.o.payload,
        )
        head, body = Signal(head_layout(self.config)), Signal(Body)
        m.d.comb += [
            self.o.valid.eq(waiting.o.valid & ~self.stall),
            self.o.payload.last.eq(index + 1 == self.settings.word.length),
            self.o.payload.data.eq(spread(self.config, Mux(index == 0, head.as_value(), body.as_value()))),
            read.addr.eq(to),
            write.addr.eq(to),
            write.data.eq(read.data + 1),
            write.en.eq(self.o.valid & self.o.ready & (index == 0)),
            head.x.eq(to[:SIDE]),
            head.y.eq(to[SIDE:]),
            Cat(head.source_x, head.source_y).eq(here),
            Cat(body.source_x, body.source_y).eq(here),
            head.sequence.eq(read.data),
            head.marked.eq(birth.marked),
            body.birth.eq(birth.birth),
            body.index.eq(index),
        ]
        with m.If(~self.state.running):
            m.d.sync += clearing.eq(clearing + 1)
            m.d.comb += [write.addr.eq(clearing), write.data.eq(0), write.en.eq(1)]
