# SPDX-License-Identifier: Apache-2.0
"""The control plane's crossbar: two classes of single-flit messages (docs/timing.md, section 3).

::

    i[1][p] reply   ─▶ route ─▶ can move? ─┐ reply first          ┌─▶ o[1][q]
                                           ├─▶ offer ─▶ RoundRobin ┤  (one of the two)
    i[0][p] request ─▶ route ─▶ can move? ─┘   of input  of output └─▶ o[0][q]

Combinational: what is head and finds room in cycle t can move in t. An input moves at most one message in a cycle, an
output accepts at most one. A reply is offered whenever it can move, so no request of its input is ever in its
way; it waits for other offers to its output alone.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.arbiter import RoundRobin
from octopus_hw.layout import COORD
from octopus_hw.noc.route import Route, Turns
from octopus_hw.noc.wormhole import one_hot_mux, sources_of
from octopus_hw.ports import messages
from octopus_hw.unit import Unit

__all__ = ["REPLY", "REQUEST", "ControlSwitch"]

#: The two classes.
REQUEST, REPLY = 0, 1


class ControlSwitch(Unit):
    """The control router without its queues.

    Parameters
    ----------
    route
        The output of a message: a module-level function.
    turns
        For each input the outputs that it can reach. There are as many outputs as inputs.

    Attributes
    ----------
    x, y : In(7)
        The tile's coordinates.
    i : In(messages).array(2, ports)
        Heads of the input queues: requests, replies.
    o : Out(messages).array(2, ports)
        The outputs: requests, replies. `ready` must come from registers: whether a message is offered depends on it.
    """

    def __init__(self, route: Route, turns: Turns) -> None:
        self.route = route
        self.turns = turns
        ports = len(turns)
        # By output, then class. Proofs read them.
        self.arbiters = [[RoundRobin(len(sources_of(turns, port))) for _ in range(2)] for port in range(ports)]
        super().__init__(
            {"x": In(COORD), "y": In(COORD), "i": In(messages).array(2, ports), "o": Out(messages).array(2, ports)}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        ports = len(self.turns)
        wants = [Signal(ports, name=f"wants_{number}") for number in range(ports)]
        reply = Signal(ports)
        offered = [Signal.like(Value.cast(self.i[0][0].payload), name=f"offered_{number}") for number in range(ports)]
        moves = [Signal(ports, name=f"moves_{number}") for number in range(ports)]
        for number in range(ports):
            ways = [self._way(m, number, class_) for class_ in (REQUEST, REPLY)]
            payloads = [Value.cast(self.i[class_][number].payload) for class_ in (REQUEST, REPLY)]
            moved = moves[number].any()
            m.d.comb += [
                reply[number].eq(ways[REPLY].any()),
                wants[number].eq(Mux(reply[number], ways[REPLY], ways[REQUEST])),
                offered[number].eq(Mux(reply[number], payloads[REPLY], payloads[REQUEST])),
                self.i[REQUEST][number].ready.eq(moved & ~reply[number]),
                self.i[REPLY][number].ready.eq(moved & reply[number]),
            ]
        for number in range(ports):
            self._output(m, number, wants, reply, offered, moves)
        return m

    def _way(self, m: Module, number: int, class_: int) -> Value:
        """One-hot: the output that a head can move to in this cycle."""
        i = self.i[class_][number]
        turns = sum(1 << output for output in self.turns[number])
        routed = Cat(self.route(Value.cast(i.payload), self.x, self.y)) & turns
        way = Signal(len(self.turns), name=f"way_{class_}_{number}")
        m.d.comb += way.eq(routed & Cat(o.ready for o in self.o[class_]) & i.valid.replicate(len(self.turns)))
        return way

    def _output(
        self, m: Module, number: int, wants: list[Signal], reply: Signal, offered: list[Signal], moves: list[Signal]
    ) -> None:
        """One output: grants an input that offers it a reply, or else one that offers it a request."""
        sources = sources_of(self.turns, number)
        turns = self.arbiters[number]
        m.submodules[f"requests_{number}"], m.submodules[f"replies_{number}"] = turns
        asking = Cat(wants[source][number] for source in sources)
        replies = asking & Cat(reply[source] for source in sources)
        is_reply = replies.any()
        grant = turns[REQUEST].grant | turns[REPLY].grant
        payload = one_hot_mux(grant, [offered[source] for source in sources])
        m.d.comb += [
            turns[REPLY].requests.eq(replies),
            turns[REQUEST].requests.eq(Mux(is_reply, 0, asking)),
            self.o[REQUEST][number].valid.eq(asking.any() & ~is_reply),
            self.o[REPLY][number].valid.eq(is_reply),
        ]
        m.d.comb += [turn.take.eq(1) for turn in turns]
        m.d.comb += [out.payload.eq(payload) for out in (self.o[REQUEST][number], self.o[REPLY][number])]
        m.d.comb += [moves[source][number].eq(grant[bit]) for bit, source in enumerate(sources)]
