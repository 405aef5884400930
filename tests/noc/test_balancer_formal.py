# SPDX-License-Identifier: Apache-2.0
"""What a balancer never does, proved for all works, grants, answers and strides."""

import pytest
from amaranth.hdl import Assert, Assume, Cat, Const, Cover, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import PARTNER, WORK, Mode
from octopus_hw.noc.balancer import PARTNERS, Balancer
from octopus_sim import formal
from octopus_sim.reference.work import WORTH

pytestmark = pytest.mark.formal

PERIOD, HOP = 32, 2
DECIDED = 8 * HOP + 2


class BalancerProperties(wiring.Component):
    """A balancer under whatever comes, that is granted what it wants, and answered what was promised.

    Parameters
    ----------
    nominal, shift
        Of `Balance`; hysteresis and strides are any.
    careless
        Grants come whether it wants or not.
    first
        The first cycle.
    """

    def __init__(self, nominal: int, shift: int, *, careless: bool = False, first: int = 0) -> None:
        self.nominal, self.shift = nominal, shift
        self.careless = careless
        self.first = first
        super().__init__({"granted": In(1), "taken": In(1), "taken_partner": In(PARTNER), "work": In(WORK)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = Balancer(Config(balance_period=PERIOD, link_latency=HOP - 1))
        cycle = Signal(32, init=self.first)
        balance, hysteresis = unit.state.balance, formal.any_const(m, WORK, "hysteresis")
        m.d.sync += [unit.state.running.eq(1), cycle.eq(cycle + 1)]
        m.d.comb += [
            unit.state.cycle.eq(cycle),
            unit.state.mode.eq(Mode.pack(balance=1)),
            balance.nominal.eq(self.nominal),
            balance.shift.eq(self.shift),
            balance.hysteresis.eq(hysteresis),
            balance.strides.eq(formal.any_const(m, 4, "strides")),
            unit.work.eq(self.work),
            unit.granted.eq(self.granted),
            unit.taken.eq(self.taken),
            unit.taken_partner.eq(self.taken_partner),
            Assume(~self.taken | unit.promised.bit_select(self.taken_partner, 1)),
        ]
        for number, line in enumerate(unit.work_in):
            m.d.comb += line.work.eq(formal.any_seq(m, WORK, f"come_{number}"))
        if not self.careless:
            m.d.comb += Assume(~self.granted | unit.wants)
        self._wanting(m, unit, cycle[:5])
        self._counting(m, unit, cycle[:5], hysteresis)
        return m

    def _wanting(self, m: Module, unit: Balancer, phase: Signal) -> None:
        """A promised partner is not wanted, the wanted one stays, and is wanted only after a decision, up to a tick."""
        is_promised = unit.promised.bit_select(unit.wanted, 1)
        wanted, wants, granted = Signal(PARTNER), Signal(), Signal()
        m.d.sync += [wanted.eq(unit.wanted), wants.eq(unit.wants), granted.eq(self.granted)]
        decided = (phase >= DECIDED) | (phase == 0)
        looked = Cat(phase == hops * HOP + 1 for hops in (1, 2, 4, 8)).any()
        m.d.comb += [
            Assert(~unit.wants | ~is_promised),
            Assert(~unit.wants | decided & unit.ticked & (unit.best != 0)),
            Assert(~(unit.wants & wants) | (unit.wanted == wanted)),
            Assert(~(unit.wants & granted)),
            # What has been looked at has not been promised since.
            Assert((unit.best == 0) | decided | ~is_promised),
            Assert((unit.largest == 0) | looked & unit.ticked & ~unit.promised.bit_select(unit.place, 1)),
            Cover(unit.wants & (unit.wanted == 14)),
        ]

    def _counting(self, m: Module, unit: Balancer, phase: Signal, hysteresis: Signal) -> None:
        """What is pending is what the promises are worth; the allowance stays within bounds."""
        rate, count = WORTH[self.nominal] << self.shift, Signal(PARTNER + 1)
        decision, before = unit.decision, Signal(unit.decision.allowance.shape())
        allowance, lead, need = decision.allowance, decision.lead, decision.need
        is_allowed = unit.wants | decision.spent
        m.d.sync += [count.eq(count + self.granted - self.taken), before.eq(decision.allowance)]
        m.d.comb += [
            Assert(count == sum(unit.promised[number] for number in range(PARTNERS))),
            Assert(unit.pending == count * Const(WORTH[self.nominal])),
            Assert(allowance <= 2 * rate),
            Assert(~unit.state.running | (decision.rate == rate)),
            Assert(~(unit.wants & decision.spent)),
            Assert(~is_allowed | unit.ticked & ((phase >= DECIDED) | (phase <= 1))),
        ]
        with m.If(unit.ticked):
            m.d.comb += Assert(unit.state.running)
            m.d.comb += Assert((need > hysteresis) & (before + need >= rate) & (need <= max(rate, 1 << WORK)))
            m.d.comb += Assert((phase <= 2) | (phase > DECIDED + 1) | (before == allowance))
            m.d.comb += Assert(decision.adds == (phase == DECIDED))
            m.d.comb += Assert(decision.settles == (phase == DECIDED + 1))
        with m.Else():
            m.d.comb += Assert(~decision.adds & ~decision.settles)
        # The difference itself is at most the best partner's work.
        with m.If(decision.adds):
            m.d.comb += Assert(lead + need < 1 << WORK)
        with m.Elif(decision.settles):
            m.d.comb += Assert(lead < 1 << WORK)
        with m.If(is_allowed & (phase == DECIDED)):
            m.d.comb += Assert(lead >= 0)
        with m.Elif(is_allowed & (phase == DECIDED + 1)):
            m.d.comb += Assert((lead > hysteresis) & (allowance + lead >= rate))
        with m.Elif(is_allowed):
            m.d.comb += Assert(allowance >= rate)


@pytest.mark.parametrize(
    ("nominal", "shift"),
    [pytest.param(0, 0, marks=pytest.mark.slow), (1, 0), (6, 2), pytest.param(15, 7, marks=pytest.mark.slow)],
)
def test_no_promised_partner_is_wanted_and_sums_hold(nominal: int, shift: int) -> None:
    formal.prove(BalancerProperties(nominal, shift), depth=2)


def test_the_farthest_partner_can_be_wanted() -> None:
    formal.cover(BalancerProperties(1, 0, first=PERIOD - 1), depth=DECIDED + 4)


def test_a_grant_that_nobody_wanted_is_caught() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(BalancerProperties(1, 0, careless=True, first=PERIOD - 1), depth=8)
