# SPDX-License-Identifier: Apache-2.0
"""What the control router's queues never do, proved: all traces of some cycles, credits for all time."""

import pytest
from amaranth.hdl import Assert, Assume, Const, Cover, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.noc.control_input import ControlInput
from octopus_hw.parts.credits import Credits
from octopus_hw.parts.eject_queue import EjectQueue
from octopus_sim import formal

pytestmark = pytest.mark.formal

OUTPUTS = 2


def watch(m, push, came, take, seen, start, *, depth, also=None):
    """A watched item is seen in its turn, unchanged; as many are inside as were pushed and not taken.

    Of `also`, if given, the first comes with the item, and the second is seen when it is taken.
    """
    also = also or (Const(0), Const(0))
    with_it = Signal.like(also[0])
    inside, watched, ahead, count = Signal(), Signal.like(came), Signal(range(depth + 1)), Signal(range(depth + 2))
    m.d.sync += count.eq(count + push - take)
    m.d.comb += [Assert(count <= depth), Assert(~take | (count != 0)), Cover(count == depth)]
    with m.If(inside):
        m.d.sync += ahead.eq(ahead - take)
        with m.If(ahead == 0):
            m.d.comb += [Assert(seen == watched), Assert(~take | (also[1] == with_it))]
            m.d.sync += inside.eq(~take)
            with m.If(take):
                m.d.sync += ahead.eq(0)
    with m.Elif(push & start):
        m.d.sync += [inside.eq(1), watched.eq(came), with_it.eq(also[0]), ahead.eq(count - take)]
    return count


class InputProperties(wiring.Component):
    """Whatever comes and wherever there is room, both VCs keep their order, and a reply is offered if it can move.

    Parameters
    ----------
    shared
        Both virtual channels come over the same wires.
    depth
        Of the queues.
    """

    def __init__(self, shared: bool, depth: int) -> None:
        self.shared = shared
        self.depth = depth
        routes = In(OUTPUTS).array(2)
        super().__init__(
            {
                "push": In(2),
                "route": routes,
                "came": In(1).array(2),
                "start": In(2),
                "soon": In(OUTPUTS),
                "moves": In(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = ControlInput([1] if self.shared else [1, 1], self.depth, OUTPUTS)
        room = Signal(OUTPUTS)
        m.d.sync += room.eq(self.soon)
        offered = Mux(unit.reply, unit.routes[1], unit.routes[0])
        m.d.comb += [
            unit.push.eq(self.push),
            unit.soon.eq(self.soon),
            unit.moves.eq(self.moves),
            Assume(~self.moves | offered.any()),
            Assume((self.push & ~unit.ready) == 0),
            Assert(unit.reply == (unit.routes[1] & room).any()),
            Assert((unit.taken[0] | unit.taken[1]) == self.moves),
        ]
        if self.shared:
            m.d.comb += [Assume(~self.push.all()), Assume(self.route[0] == self.route[1])]
        for vc in range(2):
            route, number = self.route[vc], 0 if self.shared else vc
            m.d.comb += [
                Assume((route != 0) & ((route & (route - 1)) == 0)),
                unit.route[vc].eq(route),
                getattr(unit, f"came_{number}").eq(self.came[number]),
            ]
            head = getattr(unit, f"head_{number}")
            count = watch(
                m, self.push[vc], route, unit.taken[vc], unit.routes[vc], self.start[vc],
                depth=self.depth, also=(self.came[number], head),
            )  # fmt: skip
            m.d.comb += [
                Assert((count != 0) == (unit.routes[vc] != 0)),
                Assert((count != self.depth) == unit.ready[vc]),
            ]
        return m


class EjectProperties(wiring.Component):
    """An eject queue into which nothing is pushed without room."""

    push: In(1)
    came: In(2)
    take: In(1)
    start: In(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.queue = queue = EjectQueue(2, 4)
        room = Signal(init=1)
        m.d.sync += room.eq(queue.soon)
        taken = queue.o.valid & queue.o.ready
        m.d.comb += [
            queue.push.eq(self.push), queue.payload.eq(self.came), queue.o.ready.eq(self.take),
            Assume(~self.push | queue.ready), Assert(room == queue.ready),
        ]  # fmt: skip
        count = watch(m, self.push, self.came, taken, queue.o.payload, self.start, depth=4)
        m.d.comb += [Assert(queue.o.valid == (count != 0)), Assert(queue.ready == (count != 4))]
        return m


class CreditProperties(wiring.Component):
    """Credits against a plain counter."""

    give: In(1)
    take: In(1)

    def __init__(self, depth: int) -> None:
        self.depth = depth
        super().__init__()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = Credits(self.depth)
        count, some = Signal(range(self.depth + 2), init=self.depth), Signal(init=1)
        m.d.sync += [count.eq(count + self.give - self.take), some.eq(unit.soon)]
        m.d.comb += [
            unit.give.eq(self.give),
            unit.take.eq(self.take),
            Assume(~self.give | (count != self.depth)),
            Assume(~self.take | (count != 0)),
            Assert(unit.free == (Const(1, self.depth + 1) << count)[: self.depth + 1] - 1),
            Assert(unit.some == some),
            Assert(unit.all == (count == self.depth)),
            Assert(count <= self.depth),
            Cover(count == 0),
        ]
        return m


@pytest.mark.parametrize("shared", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_proof_classes_keep_their_order_and_replies_are_offered_when_they_can_move(shared):
    formal.bmc(InputProperties(shared, 4), depth=7)


def test_proof_an_eject_queue_keeps_all_in_order():
    formal.bmc(EjectProperties(), depth=8)


@pytest.mark.parametrize("depth", [1, 4, 6])
def test_proof_credits_are_conserved(depth):
    formal.prove(CreditProperties(depth), depth=1)
    formal.cover(CreditProperties(depth), depth=depth + 2)
