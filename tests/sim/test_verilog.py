# SPDX-License-Identifier: Apache-2.0
import re

from octopus_hw.verilog.export import convert
from octopus_sim.verilog import module_texts, placed, reachable, settled
from tests.verilog.samples import EchoMesh


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
