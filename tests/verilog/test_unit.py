# SPDX-License-Identifier: Apache-2.0
import enum
import re
from dataclasses import dataclass

import pytest
from amaranth.hdl import Fragment, Instance, Module, Print, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.verilog.unit import Definitions, Unit, canonical, ports_of
from tests.verilog.samples import Cell, Mesh, Mixer


class Colour(enum.Enum):
    RED = 1


@dataclass(frozen=True)
class Size:
    rows: int
    columns: int


class Wires(Unit):
    """No logic at all."""

    def __init__(self) -> None:
        super().__init__({"i": In(4), "o": Out(4), "nothing": Out(0)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += self.o.eq(self.i)
        return m


class Loud(Mixer):
    """A subclass that extends its parent's logic."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.sync += Print("loud")
        return m


class Fickle(Unit):
    made = 0

    def __init__(self) -> None:
        Fickle.made += 1
        self.constant = Fickle.made
        super().__init__({"i": In(8), "o": Out(8)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += self.o.eq(self.i + self.constant)
        return m


def several(kind: type[Unit], count: int) -> Module:
    m = Module()
    for index in range(count):
        m.submodules[f"unit_{index}"] = kind()
    return m


def test_canonical_text_tells_values_apart() -> None:
    values = [None, 0, 1, "1", b"1", True, (1, 2), (1, (2,)), {"a": 1}, {"b": 1}, Colour.RED, Size(1, 2), Size(2, 1)]
    values += [Colour, Size, len.__class__, data.StructLayout({"a": 1}), data.StructLayout({"a": 2}), range(3)]
    texts = [canonical(value) for value in values]
    assert len(set(texts)) == len(texts)
    assert texts == [canonical(value) for value in values]


@pytest.mark.parametrize("value", [lambda: 0, object(), [object()]])
def test_values_without_a_telling_text_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be a unit's parameter"):
        canonical(value)


def test_name_follows_every_parameter() -> None:
    names = [Mixer(8, 1).unit_name, Mixer(8, 2).unit_name, Mixer(9, 1).unit_name, Cell(8).unit_name]
    assert len(set(names)) == 4
    assert Mixer(width=8, rotate=1).unit_name == names[0]


def test_wires_are_called_after_the_units_they_lead_to() -> None:
    definitions = Definitions()
    text = definitions.convert(Cell(8), "top", platform=definitions)
    wires = re.findall(r"wire .*\\(\S+)", text)
    ports = [f"{unit}_{port}" for port in ("x", "a", "b", "o") for unit in ("down", "right")]
    assert sorted(wires) == sorted([*ports_of(Cell(8)), "clk", "rst", *ports])


def test_plain_path_gives_logic() -> None:
    assert not isinstance(Fragment.get(Cell(8), None), Instance)
    assert isinstance(Fragment.get(Cell(8), Definitions()), Instance)


def test_each_unit_is_defined_once() -> None:
    definitions = Definitions(verify="all")
    definitions.convert(Mesh(3, 2), "top", platform=definitions)
    assert sorted(definitions.uses.values()) == [1, 1, 6]
    assert len(definitions.rtlil) == 3


def test_every_port_is_pinned_even_of_combinational_units() -> None:
    definitions = Definitions()
    instance = definitions.place(Mixer(8, 1))
    assert isinstance(instance, Instance)
    assert set(instance.ports) == {"clk", "rst", "x", "a", "b", "o"}


def test_unit_without_logic_has_a_module_too() -> None:
    definitions = Definitions()
    assert isinstance(Fragment.get(Wires(), definitions), Instance)
    assert "connect \\o \\i" in definitions.rtlil[0]


def test_ports_without_bits_are_left_out() -> None:
    assert set(ports_of(Wires())) == {"i", "o"}


def test_subclass_may_extend_its_parent() -> None:
    definitions = Definitions()
    assert isinstance(Fragment.get(Loud(8, 1), definitions), Instance)
    assert "loud" in definitions.rtlil[0]
    assert list(definitions.uses) == [Loud(8, 1).unit_name]


def test_hidden_parameter_is_found() -> None:
    with pytest.raises(ValueError, match="depends on more than its parameters"):
        Fragment.get(several(Fickle, 2), Definitions())
    Fragment.get(several(Fickle, 2), Definitions(verify="none"))


def test_equal_names_of_different_units_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mixer, "unit_name", "mixer")
    definitions = Definitions()
    definitions.place(Mixer(8, 1))
    with pytest.raises(ValueError, match="stands for two units"):
        definitions.place(Mixer(8, 2))


def test_component_keeps_its_signature() -> None:
    assert isinstance(Mixer(8, 1), wiring.Component)
    assert set(Mixer(8, 1).signature.members) == {"x", "a", "b", "o"}


class Counter(Unit):
    def __init__(self) -> None:
        self.count = Signal(4)
        super().__init__({"o": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.sync += self.count.eq(self.count + 1)
        m.d.comb += self.o.eq(self.count[3])
        return m


class Peeping(Unit):
    def __init__(self) -> None:
        super().__init__({"o": Out(4)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.counter = counter = Counter()
        m.d.comb += self.o.eq(counter.count)
        return m


def test_a_unit_shows_its_ports_alone() -> None:
    with pytest.raises(ValueError, match="Peeping: count of Counter is read by the logic around it"):
        Definitions().place(Peeping())


def test_structs_of_one_name_and_other_fields_are_told_apart() -> None:
    token, wider = (struct(layouts(Config(max_blocks=blocks)).token) for blocks in (4, 256))
    assert token.__qualname__ == wider.__qualname__
    assert canonical(token) != canonical(wider)
    assert canonical(token) == canonical(struct(layouts(Config(max_blocks=4, link_latency=2)).token))
