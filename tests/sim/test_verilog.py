# SPDX-License-Identifier: Apache-2.0
import re

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from octopus_hw.verilog.export import convert
from octopus_sim.verilog import module_texts, placed, reachable, settled, with_loops
from tests.verilog.samples import EchoMesh

WORDS = [0] * 9 + [7] + [0] * 3 + [5, 5] + [0] * 5


class Table(wiring.Component):
    """A memory with some words that are not 0."""

    address: In(5)
    word: Out(8)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.memory = memory = Memory(shape=8, depth=len(WORDS), init=WORDS)
        port = memory.read_port(domain="comb")
        m.d.comb += [port.addr.eq(self.address), self.word.eq(port.data)]
        return m


def words(verilog: str) -> dict[int, int]:
    """Execute what a text says of memory words, loops and all."""
    found: dict[int, int] = {}
    for line in verilog.splitlines():
        if loop := re.search(r"for \(word = (\d+); word < (\d+); .*= \d+'h(\w+);", line):
            found |= dict.fromkeys(range(int(loop[1]), int(loop[2])), int(loop[3], 16))
        elif word := re.match(r" +\w+\[(\d+)\] = \d+'h(\w+);", line):
            found[int(word[1])] = int(word[2], 16)
    return found


def test_loops_clear_what_was_cleared() -> None:
    verilog = convert(Table(), "table_").verilog
    looped = with_loops(verilog)
    assert words(verilog) == words(looped) == dict(enumerate(WORDS))
    assert looped.count("for (word") == 2
    assert len(re.findall(r"\[\d+\] = ", looped)) == 6


def test_a_module_has_the_same_text_in_every_mesh() -> None:
    large, small = (module_texts(convert(EchoMesh(*size), "octopus").verilog) for size in ((3, 2), (2, 1)))
    inside = reachable(large, "octopus_cell")
    assert "octopus_cell" in inside and "octopus" not in inside
    assert {name: large[name] for name in inside} == {name: small[name] for name in inside}
    assert reachable(large, "octopus") == set(large)


def test_places_are_counted_through_the_hierarchy() -> None:
    modules = module_texts(convert(EchoMesh(3, 2), "octopus").verilog)
    assert placed(modules, "octopus", ["octopus_cell"]) == 6
    assert placed(modules, "octopus_cell", ["octopus"]) == 0


def test_a_settled_module_keeps_its_ports() -> None:
    cell = module_texts(convert(EchoMesh(3, 2), "octopus").verilog)["octopus_cell"]
    texts = module_texts(settled(cell, "octopus_cell", fixed=("x", "nothing")))
    assert set(texts) == {"octopus_cell", "octopus_cell_settled"}
    ports = [set(re.findall(r"^  (?:input|output).*;$", text, re.MULTILINE)) for text in texts.values()]
    assert ports[0] == ports[1]
    assert "always @(posedge clk) x_settled <= x;" in texts["octopus_cell"]
