# SPDX-License-Identifier: Apache-2.0
"""Proofs that a place's token is drawn once and completed once, and that nobody is passed over for ever."""

from functools import reduce
from operator import or_
from typing import Any

import pytest
from amaranth.hdl import Array, Assert, Assume, Cover, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import Mode
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.draw import Draw
from octopus_hw.tbu import places
from octopus_hw.tbu.dispatcher import PATIENCE, Dispatcher
from octopus_hw.tbu.places import Places
from octopus_hw.tbu.waiting import Entries
from octopus_sim import formal

pytestmark = pytest.mark.formal

TWO = Config(queue_depth=2, peas=2, number_words=2)
LIST = Config(queue_depth=3, config_slots=2, peas=2, max_blocks=4)


class AnyDraw(wiring.Component):
    """Draws anything, in any time: what a draw unit's neighbours may rely on."""

    def __init__(self) -> None:
        self.busy = Signal()
        super().__init__(dict(Draw(TWO, 2).signature.members))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        gives, busy = formal.any_seq(m, 1, "gives"), self.busy
        m.d.comb += [
            self.request.ready.eq(~busy),
            self.valid.eq(gives & busy),
            self.result.eq(formal.any_seq(m, 16, "result")),
        ]
        with m.If(self.request.valid & self.request.ready):
            m.d.sync += [busy.eq(1), self.field.eq(0)]
        with m.If(self.valid):
            m.d.sync += [self.field.eq(1), busy.eq(~self.field)]
        return m


class PlacesProperties(wiring.Component):
    """Each token is drawn once, in its turn, and completed once, with its own value; none is lost or doubled.

    Assumed: a token comes to a place that holds none, and finishes once, with its value drawn. Its index is its place.
    """

    def __init__(self, draw: AnyDraw) -> None:
        self._draw = draw
        place = TWO.place_bits
        super().__init__({"accept": In(1), "place": In(place), "finish": In(1), "finishes": In(place), "take": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = Places(TWO)
        depth = TWO.queue_depth
        held, to_draw, done = Signal(depth), Signal(depth), Signal(depth)
        drawn, valued = Signal(depth), Signal(depth)
        values = Array(Signal(16, name=f"value_{place}") for place in range(depth))
        draw, drawing = self._draw, Signal(TWO.place_bits)
        asked, completion = draw.request.payload.index, unit.done.payload
        m.d.comb += [
            unit.accept.valid.eq(self.accept),
            unit.accept.place.eq(self.place),
            unit.accept.token.index.eq(self.place),
            unit.finish.valid.eq(self.finish),
            unit.finish.place.eq(self.finishes),
            unit.done.ready.eq(self.take),
            Assume(~self.accept | ~(held | done).bit_select(self.place, 1)),
            Assume(~self.finish | (held & unit.settled).bit_select(self.finishes, 1)),
            Assert(draw.request.valid == to_draw.any()),
            Assert(~draw.request.valid | to_draw.bit_select(asked[: len(drawing)], 1)),
            Assert((unit.drawn == drawn) & ~(unit.settled & ~valued).any()),
            Assert(unit.done.valid == done.any()),
            Assert(~unit.done.valid | done.bit_select(completion.place, 1)),
            Assert(~unit.done.valid | (completion.token.index == completion.place)),
            Assert(~unit.done.valid | (completion.token.value == values[completion.place[: len(drawing)]])),
            Cover(done.all() & self.take),
        ]
        here, there = 1 << self.place, 1 << self.finishes
        with m.If(self.accept):
            m.d.sync += [drawn.eq(drawn & ~here), valued.eq(valued & ~here)]
        with m.If(draw.request.valid & draw.request.ready):
            m.d.sync += drawing.eq(asked)
        self._draws(m, draw, drawing, drawn, valued, values)
        leaves = Mux(draw.request.valid & draw.request.ready, 1 << asked[: len(drawing)], 0)
        goes = Mux(unit.done.valid & self.take, 1 << completion.place[: len(drawing)], 0)
        m.d.sync += [
            held.eq((held | Mux(self.accept, here, 0)) & ~Mux(self.finish, there, 0)),
            to_draw.eq((to_draw | Mux(self.accept, here, 0)) & ~leaves),
            done.eq((done | Mux(self.finish, there, 0)) & ~goes),
        ]
        return m

    def _draws(self, m: Module, draw: AnyDraw, place: Signal, drawn: Signal, valued: Signal, values: Any) -> None:
        """Keep what has been drawn."""
        with m.If(draw.valid):
            with m.If(draw.field):
                m.d.sync += [valued.bit_select(place, 1).eq(1), values[place].eq(draw.result)]
            with m.Else():
                m.d.sync += drawn.bit_select(place, 1).eq(1)


class Patience(wiring.Component):
    """A token is bound whenever one can be, and the oldest, once resident, is passed over 7 times at most.

    Assumed: the list has no gaps, and its oldest token stays until it is bound.
    """

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        super().__init__(
            {"entries": In(Entries(LIST)), "idle": In(LIST.peas), "contexts": In(LIST.peas * LIST.config_slots)}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = Dispatcher(LIST)
        mode, entries, oldest = struct(Mode)(formal.any_const(m, 8, "mode")), self.entries, self.entries[0]
        passes, stays, place = Signal(4), Signal(), Signal(LIST.place_bits)
        m.d.comb += [
            unit.mode.eq(mode),
            unit.entries.eq(entries),
            unit.idle.eq(self.idle),
            unit.contexts.eq(self.contexts),
            Assume(~stays | (oldest.valid & (oldest.place == place))),
        ]
        for number, entry in enumerate(entries):
            m.d.comb += [Assume(entry.valid | ~entry.as_value().any()), Assume(~entry.match.all())]
            if number:
                m.d.comb += Assume(entries[number - 1].valid | ~entry.valid)
        bound = unit.remove
        others = Mux(mode.adaptive, reduce(or_, (entry.match.any() for entry in entries)), oldest.match.any())
        m.d.comb += [
            Assert(bound.any() == (self.idle.any() & others)),
            Assert((bound & (bound - 1)) == 0),
            Assert(~oldest.match.any() | ~bound.any() | bound[0] | (passes < PATIENCE - self.broken)),
            Cover(bound[0] & (passes == PATIENCE)),
        ]
        m.d.sync += [stays.eq(oldest.valid & ~bound[0]), place.eq(oldest.place)]
        with m.If(bound[0]):
            m.d.sync += passes.eq(0)
        with m.Elif(bound.any() & (passes != 15)):
            m.d.sync += passes.eq(passes + 1)
        return m


@pytest.fixture
def any_draw(monkeypatch: pytest.MonkeyPatch) -> AnyDraw:
    draw = AnyDraw()
    monkeypatch.setattr(places, "Draw", lambda config, fields: draw)
    return draw


def test_a_token_is_drawn_and_completed_once(any_draw: AnyDraw) -> None:
    formal.bmc(PlacesProperties(any_draw), depth=11, registers=True)


def test_all_places_can_be_done_at_once(any_draw: AnyDraw) -> None:
    formal.cover(PlacesProperties(any_draw), depth=11, registers=True)


def test_nobody_is_passed_over_for_ever() -> None:
    formal.bmc(Patience(), depth=18)
    formal.cover(Patience(), depth=10)


def test_less_patience_than_there_is_is_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(Patience(broken=True), depth=10)
