# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from amaranth.hdl import Module, Print, Signal
from amaranth.lib.wiring import In, Out

from octopus_hw.chip.mesh import Octopus
from octopus_hw.contract.config import Config
from octopus_hw.noc.tile_switch import TileSwitch
from octopus_hw.verilog.unit import Definitions, Unit
from octopus_lab.measure.cosimulation import cosimulate
from octopus_lab.measure.equivalence import Verdict, verdicts
from tests.chip.test_mesh import SMALL
from tests.verilog.samples import Mesh


class Counter(Unit):
    """Counts by a step that another unit made before it may have changed."""

    steps = 0

    def __init__(self, secret: str) -> None:
        self.secret = secret
        Counter.steps += 1
        self.step = Counter.steps
        super().__init__({"i": In(8), "o": Out(8)})

    def parameters(self) -> dict[str, object]:
        return {}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        step = self.step if self.secret == "step" else 1
        count = Signal(8, init=self.step if self.secret == "start" else 0)
        m.d.sync += count.eq(count + (self.i if self.secret == "nothing" else step))
        if self.secret == "print" and self.step % 2:
            m.d.sync += Print(self.i)
        m.d.comb += self.o.eq(count)
        return m


class Pair(Unit):
    """Two counters, one behind the other."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        super().__init__({"i": In(8), "o": Out(8)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.first = first = Counter(self.secret)
        m.submodules.second = second = Counter(self.secret)
        m.d.comb += [first.i.eq(self.i), second.i.eq(first.o), self.o.eq(second.o)]
        return m


def told(unit: Unit) -> dict[str, Verdict]:
    return {verdict.unit: verdict for verdict in verdicts(unit, "top")}


def test_every_unit_of_a_sound_design_is_equal() -> None:
    found = told(Mesh(2, 2))
    assert list(found) == ["top_mixer_1", "top_mixer_3", "top_cell", "top"]
    assert [verdict.differences for verdict in found.values()] == [[]] * 4
    assert (found["top_mixer_1"].states, found["top_cell"].states, found["top"].states) == (0, 2, 6)
    assert told(Pair("nothing"))["top"].differences == []


@pytest.mark.parametrize(("secret", "difference"), [("step", "o[0]"), ("start", "o[0]"), ("print", "what is printed")])
def test_a_unit_that_is_not_what_its_parameters_say_is_caught(secret: str, difference: str) -> None:
    Counter.steps = 0
    assert difference in told(Pair(secret))["top"].differences


@pytest.mark.parametrize(("old", "new"), [("cell $add", "cell $sub"), ("connect \\A \\b ", "connect \\A \\a ")])
def test_a_wrong_definition_is_caught(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Definitions.rtlil

    def broken(definitions: Definitions) -> list[str]:
        texts: list[str] = sound.fget(definitions)  # type: ignore[attr-defined]
        assert old in texts[0]
        return [texts[0].replace(old, new), *texts[1:]]

    monkeypatch.setattr(Definitions, "rtlil", property(broken))
    (verdict,) = verdicts(Mesh(1, 1), "top", "mixer_1")
    assert verdict.differences


def test_a_switch_sees_its_arbiters_through_their_ports() -> None:
    (verdict,) = verdicts(TileSwitch(Config(tbus=2)), "top", "wormhole")
    assert verdict.differences == []


@pytest.mark.slow
def test_every_unit_of_the_chip() -> None:
    found = list(verdicts(Octopus(2, 2, SMALL), "octopus"))
    assert len(found) > 40 and found[-1].unit == "octopus"
    assert [verdict.unit for verdict in found if verdict.differences] == []


@pytest.mark.slow
@pytest.mark.long
def test_both_exports_have_the_same_events() -> None:
    runs = list(cosimulate(3, 2, replace(Config(), tbus=1, peas=2)))
    assert len(runs) == 6 and all(run.events > 100 for run in runs)
    assert [run.difference for run in runs if run.difference] == []
