# SPDX-License-Identifier: Apache-2.0
"""What the control plane's crossbar never does, proved for all heads, rooms and pointers."""

from itertools import chain

import pytest
from amaranth.hdl import Assert, Assume, Cat, Const, Cover, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In

from octopus_hw.noc.control_switch import REPLY, REQUEST, ControlSwitch
from octopus_hw.noc.wormhole import sources_of
from octopus_sim import formal
from tests.noc.properties import assert_pointers

pytestmark = pytest.mark.formal

TURNS = ((0, 1, 2), (0, 2), (0, 1, 2))
PORTS = range(len(TURNS))
#: A message says where it wants to go, where it comes from, its virtual channel, and anything else.
OFFER = data.StructLayout({"to": len(TURNS), "source": 2, "reply": 1, "free": 1})


class SwitchProperties(wiring.Component):
    """Any heads of both virtual channels on three inputs, any room at three outputs."""

    def __init__(self) -> None:
        flags = In(len(TURNS))
        super().__init__({"asks": flags.array(2, len(TURNS)), "ready": flags.array(2), "free": flags})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.switch = switch = ControlSwitch(OFFER, TURNS)
        m.d.comb += [ours.eq(any_) for ours, any_ in zip(switch.ready, self.ready, strict=True)]
        for number, turns in enumerate(TURNS):
            requests, replies = (self.asks[vc][number] for vc in (REQUEST, REPLY))
            reply = (replies & self.ready[REPLY]).any()
            for asks, any_ in ((switch.asks[REQUEST], requests), (switch.asks[REPLY], replies)):
                m.d.comb += [
                    asks[number].eq(any_),
                    Assume(((any_ & (any_ - 1)) == 0) & ((any_ & ~sum(1 << turn for turn in turns)) == 0)),
                ]
            offer = Cat(Mux(reply, replies, requests), Const(number, 2), reply, self.free[number])
            m.d.comb += [switch.reply[number].eq(reply), Value.cast(switch.payload[number]).eq(offer)]
        self._properties(m, switch)
        assert_pointers(m, chain.from_iterable(switch.arbiters))
        return m

    def _properties(self, m: Module, switch: ControlSwitch) -> None:
        """What moves comes to the output it wants, once and as it was; a reply waits for its output's others alone."""
        sends = [switch.sends[REQUEST][number] | switch.sends[REPLY][number] for number in PORTS]
        m.d.comb += [
            Assert((switch.sends[REQUEST] & switch.sends[REPLY]) == 0),
            Assert(sum(switch.moves) == sum(sends)),
            Cover(switch.sends[REQUEST].all()),
            Cover(switch.sends[REPLY].all()),
        ]
        for number in PORTS:
            o: data.View = switch.o[number]
            with m.If(sends[number]):
                m.d.comb += [
                    Assert(o.to == 1 << number),
                    Assert(o.reply == switch.sends[REPLY][number]),
                    Assert(Mux(o.reply, self.ready[REPLY][number], self.ready[REQUEST][number])),
                    Assert(Cat((o.source == source) & switch.moves[source] for source in PORTS).any()),
                    Assert(Cat(Value.cast(o) == Value.cast(switch.payload[source]) for source in PORTS).any()),
                ]
            for source in sources_of(TURNS, number):
                asks = [self.asks[vc][source][number] & self.ready[vc][number] for vc in (REQUEST, REPLY)]
                with m.If(asks[REPLY] | asks[REQUEST] & ~switch.reply[source]):
                    m.d.comb += Assert(sends[number])


class Waiting(wiring.Component):
    """An input that asks an output for one virtual channel until it moves, while the others do what they want.

    Parameters
    ----------
    vc
        Of what waits. Requests are asked of others only once replies have ceased.
    bound
        Cycles in which it is at most passed over.
    """

    def __init__(self, vc: int, bound: int) -> None:
        self.vc = vc
        self.bound = bound
        super().__init__({"asks": In(len(TURNS)).array(2, len(TURNS))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.switch = switch = ControlSwitch(OFFER, TURNS)
        source, output, waited = 2, 0, Signal(range(self.bound + 2))
        m.d.comb += [room.eq(-1) for room in switch.ready]
        for number in PORTS:
            requests, replies = (self.asks[vc][number] for vc in (REQUEST, REPLY))
            m.d.comb += [
                Assume(((any_ & (any_ - 1)) == 0) & ((any_ & ~sum(1 << turn for turn in TURNS[number])) == 0))
                for any_ in (requests, replies)
            ]
            m.d.comb += [switch.asks[REQUEST][number].eq(requests), switch.asks[REPLY][number].eq(replies)]
            m.d.comb += switch.reply[number].eq(replies.any())
            if self.vc == REQUEST:
                m.d.comb += Assume(replies == 0)
        m.d.comb += Assume(self.asks[self.vc][source] == 1 << output)
        m.d.sync += waited.eq(Mux(switch.moves[source], 0, waited + 1))
        # How long it still may wait follows from whom the pointer puts before it: those that were not passed.
        arbiter = switch.arbiters[output][self.vc]
        bit = sources_of(TURNS, output).index(source)
        before = [Mux(self._first(arbiter, other, bit), 1, 0) for other in range(arbiter.count) if other != bit]
        m.d.comb += [
            Assert(waited <= self.bound),
            Assert(waited + sum(before) <= self.bound),
            Cover(waited == self.bound),
        ]
        assert_pointers(m, chain.from_iterable(switch.arbiters))
        return m

    @staticmethod
    def _first(arbiter, other: int, bit: int) -> Value:
        """Whether another requester comes first."""
        if other < bit:
            return arbiter.before[arbiter.pairs.index((other, bit))]
        return ~arbiter.before[arbiter.pairs.index((bit, other))]


def test_proof_no_message_lost_doubled_or_misrouted_and_replies_go_first():
    formal.prove(SwitchProperties(), depth=2)
    formal.cover(SwitchProperties(), depth=3)


@pytest.mark.parametrize("vc", [REQUEST, REPLY])
def test_proof_waiting_is_bounded(vc):
    """A reply is passed over by each other input at most once, a request too if there are no replies."""
    formal.prove(Waiting(vc, len(TURNS) - 1), depth=2)


def test_a_bound_that_is_too_low_is_found_out(tmp_path):
    with pytest.raises(formal.ProofError):
        formal.bmc(Waiting(REPLY, len(TURNS) - 2), depth=6, cache=tmp_path)
