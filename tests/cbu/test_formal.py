# SPDX-License-Identifier: Apache-2.0
"""What never happens in the CBU's parts, proved."""

import pytest
from amaranth.hdl import Array, Assert, Assume, Cover, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.cbu.free_places import FreePlaces
from octopus_hw.cbu.grants import GRANTS, Grants, grant_at
from octopus_hw.cbu.joins import Arrival, LaneClaim
from octopus_hw.cbu.records import LANES, join_record
from octopus_hw.contract.config import Config
from octopus_hw.parts.deep_queue import DeepQueue
from octopus_sim import formal

pytestmark = pytest.mark.formal

PLACES = Config(tbus=2, queue_depth=3, peas=2)
JOINS = Config()


class FreePlacesProperties(wiring.Component):
    """A busy place is never allocated, a free one never lost, and the loads count what is busy.

    A place that is granted to another tile stays allocated until it is freed: after its use, or when it is given back.
    """

    def __init__(self, *, careless: bool = False) -> None:
        self.careless = careless
        super().__init__(
            {"take": In(1), "tbu": In(1), "grant": In(1), "give": In(1), "give_tbu": In(1), "give_place": In(2)}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = FreePlaces(PLACES)
        m.d.comb += [
            unit.take.eq(self.take),
            unit.tbu.eq(self.tbu),
            unit.grant.eq(self.grant),
            unit.give.eq(self.give),
            unit.give_tbu.eq(self.give_tbu),
            unit.give_place.eq(self.give_place),
            unit.state.dead.eq(0x300),
        ]
        m.d.sync += unit.state.running.eq(1)
        released = formal.any_seq(m, 1, "released"), formal.any_seq(m, 2, "place")
        m.d.comb += [unit.release[0].valid.eq(released[0]), unit.release[0].place.eq(released[1])]
        watched = formal.any_const(m, 2, "watched")
        m.d.comb += Assume(watched < 3)
        holds, granted = Signal(), Signal()
        m.d.comb += Assume(~(self.take & self.grant))
        with m.If(unit.state.running):
            if not self.careless:
                m.d.comb += Assume(~self.take | unit.available.bit_select(self.tbu, 1))
                m.d.comb += Assume(~self.grant | unit.available.any())
            self._frees(m, unit, self.give, self.give_tbu, self.give_place)
            self._frees(m, unit, released[0], 0, released[1])
            both = self.give & released[0] & (self.give_tbu == 0) & (self.give_place == released[1])
            m.d.comb += Assume(~both)
            grants = self.grant & (unit.least == 0) & (unit.least_place == watched)
            takes = self.take & (self.tbu == 0) & (unit.lowest[0] == watched) | grants
            gives = self.give & (self.give_tbu == 0) & (self.give_place == watched)
            with m.If(takes):
                m.d.comb += Assert(~holds)
            frees = gives | released[0] & (released[1] == watched)
            m.d.sync += [holds.eq((holds | takes) & ~frees), granted.eq((granted | grants) & ~frees)]
            m.d.comb += [
                Assert(~granted | ~unit.free[0].bit_select(watched, 1)),
                Assert(~unit.available.any() | (unit.least == 0)),
                Assert((~unit.free[0]).bit_select(watched, 1) == holds),
                Assert(unit.load[0] == sum((~unit.free[0])[n] for n in range(3))),
                Assert(unit.load[1] == 3),
                Assert(~unit.available[1]),
            ]
        with m.Else():
            m.d.comb += [Assume(~self.take), Assume(~self.grant), Assume(~self.give), Assume(~released[0])]
            m.d.comb += [Assert(~holds), Assert(~granted)]
        m.d.comb += [Cover(holds & (unit.load[0] == 3)), Cover(granted & (unit.load[0] == 3))]
        return m

    def _frees(self, m: Module, unit: FreePlaces, valid: Signal, tbu: object, place: Signal) -> None:
        """Only what is busy is freed."""
        busy = Array([~unit.free[0], ~unit.free[1]])[tbu]
        m.d.comb += Assume(~valid | ((place < 3) & busy.bit_select(place, 1)))
        m.d.comb += Assume(~valid | (tbu == 0))


class GrantsProperties(wiring.Component):
    """Sixteen partners, each with one promise at a time: under way to here, waiting here, or its answer under way back.

    There is room for every grant; none is lost, each is used or given back, once; and what is old or stale is there.
    """

    def __init__(self, *, careless: bool = False) -> None:
        self.careless = careless
        super().__init__(
            {"promise": In(1), "come": In(1), "use": In(1), "give_back": In(1), "told": In(1), "tick": In(1)}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = Grants(PLACES)
        queue = unit.queue
        going, coming = Signal(5), Signal(5)
        pushed, used, returned = Signal(5), Signal(5), Signal(5)
        take = self.use | self.give_back
        m.d.comb += [
            unit.i.valid.eq(self.come),
            unit.o.ready.eq(take),
            unit.tick.eq(self.tick),
            # The engine handles one item at a time: it uses a grant that is there, or gives a stale one back.
            Assume(~(self.use & self.give_back)),
            Assume(~self.use | unit.o.valid),
            Assume(~self.give_back | unit.late),
            Assume(~self.come | (going != 0)),
            Assume(~self.told | (coming != 0)),
        ]
        promised = going + queue.level + coming
        if self.careless:
            m.d.comb += [Assume(self.promise), Assume(~take), Assume(~self.tick)]
        else:
            m.d.comb += Assume(~self.promise | (promised < GRANTS))
        m.d.sync += [
            going.eq(going + self.promise - self.come),
            coming.eq(coming + take - self.told),
            pushed.eq(pushed + self.come),
            used.eq(used + self.use),
            returned.eq(returned + self.give_back),
        ]
        m.d.comb += [
            Assert(~self.come | queue.i.ready),
            Assert(queue.level <= GRANTS),
            Assert(self.careless | (promised <= GRANTS)),
            Assert((pushed - used - returned)[:5] == queue.level),
            Assert(unit.stale <= unit.old),
            Assert(unit.old <= queue.level),
            Assert(unit.late == (unit.stale != 0)),
            Assert(~unit.late | unit.o.valid),
            Cover(queue.level == GRANTS),
            Cover((unit.stale == 3) & self.tick & self.give_back),
        ]
        return m


class GrantsInOrder(wiring.Component):
    """A grant that comes in leaves once, after those before it; by the second tick at the latest it is stale."""

    def __init__(self) -> None:
        super().__init__({"come": In(1), "grant": In(grant_at(PLACES)), "take": In(1), "tick": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = Grants(PLACES)
        watched, here, ticks = formal.any_const(m, grant_at(PLACES).description.size, "watched"), Signal(), Signal(2)
        before, chosen = Signal(5), formal.any_seq(m, 1, "chosen")
        takes = self.take & unit.o.valid
        m.d.comb += [
            unit.i.valid.eq(self.come),
            unit.i.payload.eq(self.grant),
            unit.o.ready.eq(self.take),
            unit.tick.eq(self.tick),
            Assume(~chosen | (self.come & (self.grant.as_value() == watched) & ~here)),
        ]
        with m.If(chosen):
            m.d.sync += [here.eq(1), before.eq(unit.queue.level - takes), ticks.eq(0)]
        with m.If(here):
            m.d.comb += [Assert(unit.queue.level > before), Assert((ticks < 2) | (unit.stale > before))]
            m.d.comb += Cover((ticks == 2) & (before == 2))
            with m.If(self.tick & (ticks < 2)):
                m.d.sync += ticks.eq(ticks + 1)
            with m.If(before == 0):
                m.d.comb += Assert(unit.o.payload.as_value() == watched)
            with m.If(takes):
                m.d.sync += [before.eq(before - 1), here.eq(before != 0)]
        return m


class JoinProperties(wiring.Component):
    """A join under whatever claims and arrivals: it fires once, with the last, and a lane has one child."""

    def __init__(self, *, of_spawn: bool, careless: bool = False, bounded: bool = False) -> None:
        self.of_spawn = of_spawn
        self.careless = careless
        self.bounded = bounded
        super().__init__({"claim": In(1), "arrive": In(1), "lane": In(5), "mode": In(2), "value": In(16)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.arrival = arrival = Arrival(JOINS)
        m.submodules.claims = claims = LaneClaim(JOINS)
        record, total = Signal(join_record(JOINS)), formal.any_const(m, 6, "total")
        begun, sent, come, flying = Signal(), Signal(7), Signal(7), Signal(LANES)
        m.d.comb += [
            Assume(total > 0),
            arrival.record.eq(record),
            arrival.row.mode.eq(self.mode),
            arrival.row.all.eq(not self.of_spawn),
            arrival.row.count.eq(total),
            arrival.body.value.eq(self.value),
            arrival.body.index.eq(self.lane),
            claims.record.eq(record),
            claims.index.eq(sent),
            Assume(~(self.claim & self.arrive)),
        ]
        if self.of_spawn:
            self._spawn(m, record, claims, begun, sent, come, flying, total)
        else:
            m.d.comb += [begun.eq(1), Assume(~self.claim)]
            m.d.comb += [Assert(record.missing == Mux(come == 0, 0, total - come)), Assert(record.busy == 0)]
        with m.If(begun):
            m.d.comb += [Assert(record.some == (record.missing != 0)), Assert(record.one == (record.missing == 1))]
        with m.If(self.arrive):
            m.d.sync += [record.eq(arrival.after), come.eq(come + 1)]
            m.d.comb += Assert(arrival.fires == (come + 1 == total))
            with m.If(arrival.fires):
                m.d.comb += [Assert(arrival.after.missing == 0), Cover(total > 2)]
                if self.bounded:
                    # Follows from counting lanes, which is too hard for induction.
                    m.d.comb += Assert(arrival.after.busy == 0)
                m.d.sync += [come.eq(0), sent.eq(0)]
        m.d.comb += Assert(come < total)
        return m

    def _spawn(
        self, m: Module, record: Signal, claims: LaneClaim, begun: Signal, sent: Signal, come: Signal, flying: Signal,
        total: Signal,
    ) -> None:  # fmt: skip
        m.d.comb += [
            Assert(record.busy == flying),
            Assert(sent <= total),
        ]
        lane = Signal(5)
        m.d.comb += lane.eq(sent)
        with m.If(~begun):
            m.d.comb += [Assume(~self.claim), Assume(~self.arrive), Assert((come == 0) & (sent == 0))]
            m.d.sync += [begun.eq(1), record.total.eq(total), record.missing.eq(total)]
            m.d.sync += [record.some.eq(1), record.one.eq(total == 1)]
            m.d.sync += [record.busy.eq(0), flying.eq(0)]
        with m.Else():
            m.d.comb += [Assert(record.missing == total - come), Assert(record.total == total)]
        with m.If(self.claim):
            m.d.comb += Assume(sent < total)
            m.d.sync += record.eq(claims.after)
            granted = 1 if self.careless else claims.granted
            with m.If(granted):
                m.d.comb += Assert(~flying.bit_select(lane, 1))
                m.d.comb += Assert(claims.last == (sent + 1 == total))
                m.d.sync += [flying.bit_select(lane, 1).eq(1), sent.eq(sent + 1)]
        with m.If(self.arrive):
            m.d.comb += [Assume(flying.bit_select(self.lane, 1)), Assume(come < sent)]
            m.d.sync += flying.bit_select(self.lane, 1).eq(0)
            with m.If(come + 1 == total):
                m.d.sync += begun.eq(0)


class HolderQueues(wiring.Component):
    """Holders that wait in at most one of two queues, once, find room in both, and come out as they went in."""

    def __init__(self, *, short: bool = False) -> None:
        self.short = short
        super().__init__({"push": In(2), "holder": In(2), "take": In(2)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        queues = [DeepQueue(2, 2 if self.short else 3) for _ in range(2)]
        waiting = Signal(3)
        taken = []
        for number, queue in enumerate(queues):
            m.submodules[f"queue_{number}"] = queue
            m.d.comb += [
                queue.i.valid.eq(self.push[number]),
                queue.i.payload.eq(self.holder),
                queue.o.ready.eq(self.take[number]),
                Assert(queue.level <= queue.depth),
            ]
            with m.If(self.push[number]):
                m.d.comb += Assert(queue.i.ready)
            takes = self.take[number] & queue.o.valid
            with m.If(takes):
                m.d.comb += Assert(waiting.bit_select(queue.o.payload, 1))
            taken.append(Mux(takes, 1 << queue.o.payload, 0))
        m.d.comb += [
            Assume(~self.push.all()),
            Assume(self.holder < 3),
            Assume(~self.push.any() | ~waiting.bit_select(self.holder, 1)),
        ]
        m.d.sync += waiting.eq((waiting | Mux(self.push.any(), 1 << self.holder, 0)) & ~(taken[0] | taken[1]))
        m.d.comb += Assert(sum(waiting[n] for n in range(3)) == queues[0].level + queues[1].level)
        return m


def test_free_places_are_conserved() -> None:
    formal.prove(FreePlacesProperties(), depth=2)
    formal.cover(FreePlacesProperties(), depth=6)


def test_taking_where_nothing_is_free_is_caught() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(FreePlacesProperties(careless=True), depth=6)


def test_a_grant_is_used_or_given_back() -> None:
    formal.prove(GrantsProperties(), depth=2)
    formal.cover(GrantsProperties(), depth=20)


def test_a_partner_that_promises_twice_is_caught() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(GrantsProperties(careless=True), depth=20)


def test_grants_keep_their_order_and_grow_stale() -> None:
    formal.bmc(GrantsInOrder(), depth=8)
    formal.cover(GrantsInOrder(), depth=8)


@pytest.mark.parametrize("of_spawn", [False, True])
def test_a_join_fires_once_with_the_last(of_spawn: bool) -> None:
    formal.prove(JoinProperties(of_spawn=of_spawn), depth=2)
    formal.bmc(JoinProperties(of_spawn=of_spawn, bounded=True), depth=8)
    formal.cover(JoinProperties(of_spawn=of_spawn), depth=9)


def test_two_children_in_a_lane_are_caught() -> None:
    with pytest.raises(formal.ProofError):
        formal.prove(JoinProperties(of_spawn=True, careless=True), depth=2)


def test_holder_queues_never_overflow() -> None:
    formal.bmc(HolderQueues(), depth=7)


def test_a_queue_with_too_little_room_is_caught() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(HolderQueues(short=True), depth=6)
