# SPDX-License-Identifier: Apache-2.0
from octopus_hw.verilog.export import convert
from octopus_sim.lint import verilator_warnings, yosys_problems
from tests.verilog.samples import EchoMesh

GOOD = convert(EchoMesh(3, 2), "octopus").verilog
LATCH = "module octopus(a, b);\ninput a;\noutput reg b;\nalways @* if (a) b = 1;\nendmodule\n"
DANGLING = "module octopus(a);\noutput a;\nwire b;\nassign a = b;\nmissing m(.x(b));\nendmodule\n"


def test_exported_verilog_is_clean() -> None:
    assert verilator_warnings(GOOD) == []
    assert yosys_problems(GOOD) == []


def test_verilator_finds_a_latch() -> None:
    assert any("LATCH" in warning for warning in verilator_warnings(LATCH))


def test_yosys_finds_a_missing_module() -> None:
    assert any("missing" in problem for problem in yosys_problems(DANGLING))
