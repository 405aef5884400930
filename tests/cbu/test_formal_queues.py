# SPDX-License-Identifier: Apache-2.0
"""Proofs that the engine's sources take turns, and that a deep queue loses and reorders nothing."""

import pytest
from amaranth.hdl import Assert, Assume, Const, Cover, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.cbu.source_arbiter import SourceArbiter
from octopus_hw.parts.deep_queue import DeepQueue
from octopus_sim import formal

pytestmark = pytest.mark.formal


class SourceArbiterProperties(wiring.Component):
    """One source is granted whenever one asks; while a source asks, at most count - 1 others go first."""

    def __init__(self, count: int, first: int, *, late_first: bool = False) -> None:
        self.count = count
        self.first = first
        self.late_first = late_first
        super().__init__({"early": In(count - 1), "late": In(1), "take": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.turn = turn = SourceArbiter(self.count, self.first)
        granted, late = Signal(self.count), Signal()
        m.d.comb += [
            turn.early.eq(self.early),
            turn.late.eq(self.late),
            turn.take.eq(self.take),
            late.eq(self.late if self.late_first else turn.takes_late),
            Assert(~turn.takes_late | self.late),
            Assert(turn.some == self.early.any()),
            Assert(~turn.some | self.early.bit_select(turn.likely, 1)),
            # The pointer is a place: ones from there upwards, or none if it is the late source's.
            Assert((~turn.mask & (turn.mask << 1))[: self.count - 1] == 0),
        ]
        with m.If(late):
            m.d.comb += granted.eq(1 << self.count - 1)
        with m.Elif(turn.some):
            m.d.comb += granted.eq(1 << turn.likely)
        asks = [*self.early, self.late]
        for number, source in enumerate(asks):
            waited, way = Signal(range(self.count + 1)), Signal(range(self.count))
            for pointer in reversed(range(self.count)):
                here = turn.mask[pointer] if pointer < self.count - 1 else Const(1, 1)
                with m.If(here & ~(turn.mask[pointer - 1] if pointer else Const(0, 1))):
                    m.d.comb += way.eq((number - pointer) % self.count)
            m.d.comb += [Assert(waited + way < self.count), Cover(waited == self.count - 1)]
            with m.If(~source | self.take & granted[number]):
                m.d.sync += waited.eq(0)
            with m.Elif(self.take & granted.any()):
                m.d.sync += waited.eq(waited + 1)
        return m


class DeepQueueProperties(wiring.Component):
    """What is pushed comes out once, unchanged, after what was pushed before it; the level counts, room is used up."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        super().__init__({"push": In(1), "item": In(2), "take": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.queue = queue = DeepQueue(2, self.depth)
        watched, chosen = formal.any_const(m, 2, "watched"), formal.any_seq(m, 1, "chosen")
        here, before, level = Signal(), Signal(range(self.depth + 1)), Signal(range(self.depth + 1))
        pushes, takes = self.push & queue.i.ready, self.take & queue.o.valid
        m.d.comb += [
            queue.i.valid.eq(self.push),
            queue.i.payload.eq(self.item),
            queue.o.ready.eq(self.take),
            Assume(~chosen | (pushes & (self.item == watched) & ~here)),
            Assert(queue.level == level),
            Assert(queue.i.ready == (level != self.depth)),
            Assert(queue.o.valid == (level != 0)),
            Assert(~here | (before < level)),
            Assert(~here | (before != 0) | (queue.o.payload == watched)),
            Cover(here & takes & (before == self.depth - 1)),
        ]
        m.d.sync += level.eq(level + pushes - takes)
        with m.If(chosen):
            m.d.sync += [here.eq(1), before.eq(level - takes)]
        with m.Elif(here & takes):
            m.d.sync += [here.eq(before != 0), before.eq(before - (before != 0))]
        return m


@pytest.mark.parametrize(("count", "first"), [(2, 0), (5, 1), (13, 2)])
def test_the_engines_sources_take_turns(count: int, first: int) -> None:
    formal.prove(SourceArbiterProperties(count, first), depth=2)
    if count <= 5:
        formal.cover(SourceArbiterProperties(count, first), depth=count + 2)


def test_a_late_source_that_always_goes_first_is_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(SourceArbiterProperties(5, 1, late_first=True), depth=8)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_a_deep_queue_keeps_all_in_order(depth: int) -> None:
    formal.bmc(DeepQueueProperties(depth), depth=2 * depth + 3, registers=True)
    formal.cover(DeepQueueProperties(depth), depth=2 * depth + 3, registers=True)
