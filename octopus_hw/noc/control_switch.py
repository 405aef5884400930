# SPDX-License-Identifier: Apache-2.0
"""The control plane's crossbar: two virtual channels of single-flit messages (docs/timing.md#control-router).

::

    asks[1] replies ──────────────┐              ┌─ RoundRobin ─┐ reply first
                     ┌─▶ reply ─┐ ├─▶ of output ─┤              ├─────────────▶ sends[1], sends[0]
    ready[1] ─────────┘          ▼ │              └─ RoundRobin ─┘
    asks[0] requests ───────▶ not if the input's reply can move          payload ═▶ one-hot mux ═▶ o

Combinational: what is head and finds room in cycle t can move in t. An input moves at most one message in a cycle, an
output accepts at most one. A reply is offered whenever it can move, so no request of its input is ever in its
way; it waits for other offers to its output alone. Both virtual channels' round robins work side by side.
"""

from amaranth.hdl import Cat, Module, ShapeLike, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.noc.route import Turns
from octopus_hw.noc.wormhole import sources_of
from octopus_hw.parts.arbiter import RoundRobin
from octopus_hw.parts.onehot import pick
from octopus_hw.verilog.unit import Unit

__all__ = ["REPLY", "REQUEST", "ControlSwitch"]

#: The two virtual channels.
REQUEST, REPLY = 0, 1


class ControlSwitch(Unit):
    """The control router without its queues.

    Parameters
    ----------
    shape
        Of a message.
    turns
        For each input the outputs that it can reach. There are as many outputs as inputs.

    Attributes
    ----------
    asks : In(ports).array(2, ports)
        By virtual channel and input: the output that its head wants, one-hot, 0 without a head. Bits without a turn do
        not count.
    reply : In(ports)
        The inputs whose reply has room where it goes, and is offered; the others offer their request.
    ready : In(ports).array(2)
        By virtual channel: outputs that can accept.
    payload : In(shape).array(ports)
        What each input offers.
    moves : Out(ports)
        Inputs whose offer moves in this cycle.
    sends : Out(ports).array(2)
        By virtual channel: outputs to which one moves.
    o : Out(shape).array(ports)
        What moves there.
    """

    def __init__(self, shape: ShapeLike, turns: Turns) -> None:
        self.shape = shape
        self.turns = turns
        ports = len(turns)
        # By output, then virtual channel. Proofs read them.
        self.arbiters = [[RoundRobin(len(sources_of(turns, port))) for _ in range(2)] for port in range(ports)]
        super().__init__(
            {
                "asks": In(ports).array(2, ports),
                "reply": In(ports),
                "ready": In(ports).array(2),
                "payload": In(shape).array(ports),
                "moves": Out(ports),
                "sends": Out(ports).array(2),
                "o": Out(shape).array(ports),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        grants = [self._output(m, output) for output in range(len(self.turns))]
        for number, outputs in enumerate(self.turns):
            granted = [grants[output][sources_of(self.turns, output).index(number)] for output in outputs]
            m.d.comb += self.moves[number].eq(Cat(granted).any())
        return m

    def _output(self, m: Module, number: int) -> Signal:
        """One output: grants an input that offers it a reply, or else one that offers it a request."""
        sources = sources_of(self.turns, number)
        offers = [
            Cat(self.asks[REQUEST][source][number] & ~self.reply[source] for source in sources),
            Cat(self.asks[REPLY][source][number] for source in sources),
        ]
        free = [self.ready[REQUEST][number] & ~self.sends[REPLY][number], self.ready[REPLY][number]]
        granted = []
        for vc, name in ((REQUEST, "requests"), (REPLY, "replies")):
            m.submodules[f"{name}_{number}"] = arbiter = self.arbiters[number][vc]
            m.d.comb += [
                arbiter.requests.eq(offers[vc]),
                arbiter.take.eq(free[vc]),
                self.sends[vc][number].eq(offers[vc].any() & free[vc]),
            ]
            granted.append(arbiter.grant & free[vc].replicate(len(sources)))
        grant = Signal(len(sources), name=f"grant_{number}")
        payload = pick(grant, [Value.cast(self.payload[source]) for source in sources])
        m.d.comb += [grant.eq(granted[REQUEST] | granted[REPLY]), Value.cast(self.o[number]).eq(payload)]
        return grant
