# SPDX-License-Identifier: Apache-2.0
import time
from pathlib import Path

import pytest
from amaranth.hdl import Assert, Assume, Cover, Module, Signal
from amaranth.lib import fifo, wiring
from amaranth.lib.wiring import In, Out

from octopus_sim import formal

pytestmark = pytest.mark.formal


class Counter(wiring.Component):
    """Counts to 5 and starts again, or goes on if it is broken."""

    def __init__(self, *, last: int = 5) -> None:
        self.last = last
        super().__init__({"step": In(1), "count": Out(4)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        with m.If(self.step):
            m.d.sync += self.count.eq(self.count + 1)
            with m.If(self.count == self.last):
                m.d.sync += self.count.eq(0)
        m.d.comb += Assert(self.count <= 5)
        with m.If(self.count == 5):
            m.d.comb += Cover(1)
        return m


class QueueProperties(wiring.Component):
    """Whatever word is watched, it comes out of a FIFO as it went in, in its turn."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        super().__init__({"put": In(1), "take": In(1), "word": In(4)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.queue = queue = fifo.SyncFIFO(width=4, depth=3)
        watched = formal.any_const(m, 4, "watched")
        flip = formal.any_seq(m, 1, "flip")
        ahead = Signal(range(4))
        inside = Signal()
        put, take = Signal(), Signal()
        m.d.comb += [
            queue.w_en.eq(self.put),
            queue.r_en.eq(self.take),
            queue.w_data.eq(self.word ^ (flip & self.broken)),
            put.eq(self.put & queue.w_rdy),
            take.eq(self.take & queue.r_rdy),
            Assert(queue.level <= 3),
        ]
        with m.If(inside):
            m.d.sync += ahead.eq(ahead - take)
            with m.If((ahead == 0) & take):
                m.d.sync += inside.eq(0)
                m.d.comb += Assert(queue.r_data == watched)
        with m.Elif(put & (self.word == watched)):
            m.d.sync += [inside.eq(1), ahead.eq(queue.level - take)]
        return m


class Impossible(wiring.Component):
    step: In(4)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += [Assume(self.step != 3), Cover(self.step == 3)]
        return m


def test_correct_counter_is_proved_and_covered(tmp_path: Path) -> None:
    assert formal.prove(Counter(), depth=3, cache=tmp_path).log.exists()
    formal.cover(Counter(), depth=8, cache=tmp_path)


def test_broken_counter_is_caught(tmp_path: Path) -> None:
    with pytest.raises(formal.ProofError, match=r"(?s)FAIL.*counterexample: .*\.vcd"):
        formal.bmc(Counter(last=6), depth=10, cache=tmp_path)
    assert list(tmp_path.glob("*.vcd"))
    formal.bmc(Counter(last=6), depth=5, cache=tmp_path)


def test_what_holds_but_is_not_inductive_is_no_proof(tmp_path: Path) -> None:
    with pytest.raises(formal.ProofError, match="UNKNOWN"):
        formal.prove(Counter(last=6), depth=4, cache=tmp_path)


def test_fifo_hands_on_what_it_was_given() -> None:
    formal.bmc(QueueProperties(), depth=8)


def test_fifo_that_flips_a_bit_is_caught(tmp_path: Path) -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(QueueProperties(broken=True), depth=8, cache=tmp_path)


def test_impossible_cover_is_told(tmp_path: Path) -> None:
    with pytest.raises(formal.ProofError):
        formal.cover(Impossible(), depth=5, cache=tmp_path)


def test_proof_is_remembered(tmp_path: Path) -> None:
    first = formal.prove(Counter(), depth=3, cache=tmp_path)
    began = time.perf_counter()
    assert formal.prove(Counter(), depth=3, cache=tmp_path) == first
    assert time.perf_counter() - began < 0.5
