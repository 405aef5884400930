# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw.chip.boot_node import BootNode
from octopus_hw.chip.host_port import HostPort
from octopus_hw.chip.status import Status
from octopus_hw.noc.balancer import Balancer
from octopus_hw.noc.control_router import ControlRouter
from octopus_hw.noc.data_router import DataRouter
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.tile_switch import TileSwitch
from octopus_hw.verilog.export import convert
from octopus_sim.lint import verilator_warnings, yosys_problems


@pytest.mark.parametrize(
    "unit",
    [
        DataRouter(XY, 4, 1), DataRouter(XY, 16, 1, 2), ControlRouter(XY, 8, 3), TileSwitch(1), TileSwitch(4),
        Status(6), BootNode(3, 100), HostPort(4, 4, 1), Balancer(32, 1), Balancer(64, 3),
    ],
    ids=lambda unit: type(unit).__name__,
)  # fmt: skip
def test_the_fabrics_verilog_is_clean(unit):
    verilog = convert(unit, "octopus").verilog
    assert verilator_warnings(verilog) == []
    assert yosys_problems(verilog) == []
