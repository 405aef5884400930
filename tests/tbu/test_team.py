# SPDX-License-Identifier: Apache-2.0
"""Proofs about splitting: the rule of docs/timing.md#splitting written with sums."""

from functools import reduce
from operator import add

import pytest
from amaranth.hdl import Assert, Assume, Cover, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.contract.config import Config
from octopus_hw.parts.onehot import lowest
from octopus_hw.tbu.team import Team
from octopus_sim import formal

pytestmark = pytest.mark.formal


def total(bits: Value) -> Value:
    return reduce(add, bits)


class Rule(wiring.Component):
    """Any idle PEAs, any list, any slot; `generous` allows one token too many."""

    def __init__(self, config: Config, *, generous: bool = False) -> None:
        self.config = config
        self.generous = generous
        peas, slots = config.peas, config.config_slots
        ports = {"split": 1, "in_two": slots, "in_four": slots, "waiting": config.queue_depth, "idle": peas}
        ports |= {"has": peas, "other": 1, "slot": slots}
        super().__init__({name: In(width) for name, width in ports.items()})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.dut = dut = Team(self.config)
        for name in self.signature.members:
            m.d.comb += getattr(dut, name).eq(getattr(self, name))
        bound, suited = self.slot.any(), self.idle & Mux(self.other, -1, self.has)
        m.d.comb += [
            dut.bind.eq(Mux(bound, lowest(suited), 0)),
            Assume(~(self.in_four & ~self.in_two).any()),
            Assume(total(self.slot) <= 1),
            # What is bound has a PEA, and waits.
            Assume(~bound | (suited.any() & self.waiting[0])),
        ]
        for older, younger in zip(self.waiting, self.waiting[1:], strict=False):
            m.d.comb += Assume(older | ~younger)
        self._rule(m, dut, bound)
        return m

    def _rule(self, m: Module, dut: Team, bound: Value) -> None:
        idle, waiting, k = total(self.idle), total(self.waiting) - self.generous, Signal(3)
        others, helpers = self.idle & ~dut.bind, dut.join & ~dut.bind
        m.d.comb += k.eq(1)
        with m.If(bound & self.split):
            with m.If((self.slot & self.in_four).any() & (idle - 4 >= waiting - 1)):
                m.d.comb += k.eq(4)
            with m.Elif((self.slot & self.in_two).any() & (idle - 2 >= waiting - 1)):
                m.d.comb += k.eq(2)
        m.d.comb += [
            Assert(k == Mux(dut.team == 2, 4, Mux(dut.team == 1, 2, 1))),
            Assert(dut.team != 3),
            Assert(~(dut.bind & ~dut.join).any()),
            Assert(total(helpers) == k - 1),
            Assert(~(helpers & ~others).any()),
            Assert(~bound | (dut.switch == (dut.join & ~self.has).any())),
        ]
        # The lowest: a PEA that could help and does not has no helper above it.
        for p in range(self.config.peas):
            m.d.comb += Assert(~(others[p] & ~helpers[p] & helpers[p + 1 :].any()))
        for size in (k for k in (2, 4) if k <= self.config.peas):
            m.d.comb += [Cover(k == size), Cover((k == size) & (dut.bind > helpers)), Cover(k == 1)]


SIZES = [
    Config(),
    Config(peas=1, queue_depth=1, config_slots=1),
    Config(peas=3, queue_depth=8, config_slots=2),
    Config(peas=8, queue_depth=3, config_slots=2),
    Config(peas=8, queue_depth=12, config_slots=2),
]


@pytest.mark.parametrize("config", SIZES, ids=lambda c: f"{c.peas} PEAs, {c.queue_depth} places")
def test_helpers_are_the_lowest_and_as_many_as_the_rule_says(config: Config) -> None:
    formal.bmc(Rule(config), depth=1)


@pytest.mark.parametrize("config", SIZES[:1], ids=lambda c: f"{c.peas} PEAs")
def test_every_team_is_possible(config: Config) -> None:
    formal.cover(Rule(config), depth=1)


def test_one_token_too_many_is_found_out() -> None:
    with pytest.raises(formal.ProofError):
        formal.bmc(Rule(Config(), generous=True), depth=1)
