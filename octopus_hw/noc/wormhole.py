# SPDX-License-Identifier: Apache-2.0
"""Wormhole switch: packets go from queues' heads to outputs, one flit a cycle each (docs/timing.md, section 2).

::

    i[0] ──▶ route ─┐   wants    ┌─▶ RoundRobin ─▶ one-hot mux ──▶ o[0]
    i[1] ──▶ route ─┼───────────▶┼─▶ RoundRobin ─▶ one-hot mux ──▶ o[1]
     :              └─ held ◀────┘    :
                     (the output an input's packet has, until its last flit has moved)

Combinational from heads to outputs: what is head and finds room in cycle t moves in t. A queue in front of each input
and behind each output makes this one cycle per switch.
"""

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.arbiter import RoundRobin
from octopus_hw.layout import COORD
from octopus_hw.noc.route import Route, Turns
from octopus_hw.ports import flits
from octopus_hw.unit import Unit

__all__ = ["WormholeSwitch", "one_hot_mux", "sources_of"]


def sources_of(turns: Turns, output: int) -> list[int]:
    """List the inputs that can reach an output."""
    return [number for number, outputs in enumerate(turns) if output in outputs]


def one_hot_mux(select: Value, values: list[Value]) -> Value:
    """Pick the value whose bit of `select` is set; 0 if none is."""
    result: Value = values[0] & select[0].replicate(len(values[0]))
    for bit, value in zip(select[1:], values[1:], strict=True):
        result = result | value & bit.replicate(len(value))
    return result


class WormholeSwitch(Unit):
    """The switch without its queues.

    Parameters
    ----------
    route
        The output of a packet's first flit: a module-level function or a `functools.partial` of one.
    turns
        For each input the outputs that it can reach. There are as many outputs as inputs.

    Attributes
    ----------
    x, y : In(7)
        The tile's coordinates.
    i : In(flits).array(ports)
        Heads of the input queues.
    o : Out(flits).array(ports)
        The outputs; `valid` does not depend on `ready`, but what is offered may change until it is taken.
    """

    def __init__(self, route: Route, turns: Turns) -> None:
        self.route = route
        self.turns = turns
        ports = len(turns)
        # By input the output that its packet has, one-hot; 0 between packets. Proofs read it.
        self.held = [Signal(ports, name=f"held_{number}") for number in range(ports)]
        self.arbiters = [RoundRobin(len(sources_of(turns, number))) for number in range(ports)]
        super().__init__({"x": In(COORD), "y": In(COORD), "i": In(flits).array(ports), "o": Out(flits).array(ports)})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        ports = len(self.turns)
        first = Signal(ports)
        wants = [Signal(ports, name=f"wants_{number}") for number in range(ports)]
        held = self.held
        moves = [Signal(ports, name=f"moves_{number}") for number in range(ports)]
        for number, i in enumerate(self.i):
            routed = Cat(self.route(Value.cast(i.payload), self.x, self.y))
            turns = sum(1 << output for output in self.turns[number])
            m.d.comb += [
                first[number].eq(~held[number].any()),
                wants[number].eq((held[number] | routed & first[number].replicate(ports)) & turns),
                i.ready.eq(moves[number].any()),
            ]
            with m.If(i.valid & i.ready):
                m.d.sync += held[number].eq(wants[number] & ~i.payload.last.replicate(ports))
        for number in range(ports):
            self._output(m, number, first, wants, held, moves)
        return m

    def _output(
        self, m: Module, number: int, first: Signal, wants: list[Signal], held: list[Signal], moves: list[Signal]
    ) -> None:
        """One output: serves the input that holds it, else grants by round robin among first flits."""
        sources, o = sources_of(self.turns, number), self.o[number]
        m.submodules[f"arbiter_{number}"] = arbiter = self.arbiters[number]
        in_use = Signal(name=f"in_use_{number}")
        m.d.comb += [
            in_use.eq(Cat(held[source][number] for source in sources).any()),
            o.valid.eq(arbiter.requests.any()),
            o.payload.eq(one_hot_mux(arbiter.grant, [Value.cast(self.i[source].payload) for source in sources])),
            # A packet's later flits leave the pointer where its first one put it: behind the input.
            arbiter.take.eq(o.ready),
        ]
        for bit, source in enumerate(sources):
            asks = self.i[source].valid & wants[source][number] & ~(first[source] & in_use)
            m.d.comb += [
                arbiter.requests[bit].eq(asks),
                moves[source][number].eq(arbiter.grant[bit] & o.ready),
            ]
