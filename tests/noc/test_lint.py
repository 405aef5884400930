# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw.chip.boot_node import BootNode
from octopus_hw.chip.host_port import HostPort
from octopus_hw.chip.status import Status
from octopus_hw.contract.config import Config
from octopus_hw.noc.balancer import Balancer
from octopus_hw.noc.control_router import ControlRouter
from octopus_hw.noc.data_router import DataRouter
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.receiver import Receiver
from octopus_hw.noc.sender import HomeSender, Sender
from octopus_hw.noc.tile_switch import TileSwitch
from octopus_hw.verilog.export import convert
from octopus_sim.lint import verilator_warnings, yosys_problems

SLOW, WIDE, NARROW = (
    Config(link_latency=3),
    Config(data_width=128),
    Config(coord_bits=3, tbus=1, queue_depth=1, max_blocks=1),
)


@pytest.mark.parametrize(
    "unit",
    [
        DataRouter(Config(), XY), DataRouter(Config(data_vcs=2, data_buffer=16), XY), ControlRouter(SLOW, XY),
        ControlRouter(NARROW, XY), TileSwitch(NARROW), TileSwitch(Config()), Status(Config(), 6), Status(NARROW, 3),
        Sender(NARROW), Sender(WIDE), HomeSender(NARROW), HomeSender(WIDE), Receiver(NARROW), Receiver(WIDE),
        BootNode(SLOW, 100), HostPort(2, 2, Config(), XY, True), HostPort(2, 2, NARROW, XY, False),
        Balancer(Config()), Balancer(SLOW),
    ],
    ids=lambda unit: type(unit).__name__,
)  # fmt: skip
def test_the_fabrics_verilog_is_clean(unit):
    verilog = convert(unit, "octopus").verilog
    assert verilator_warnings(verilog) == []
    assert yosys_problems(verilog) == []
