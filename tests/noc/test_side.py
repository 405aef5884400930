# SPDX-License-Identifier: Apache-2.0
import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.link import wires
from octopus_hw.noc.side import attach, side_layouts
from octopus_hw.noc.work_line import work_wires
from tests.simulate import simulate


class Ends(wiring.Component):
    """A unit with both links to one neighbour."""

    def __init__(self, vcs: int) -> None:
        flit = struct(layouts(Config()).flit)
        super().__init__(
            {
                "data_in": wiring.In(wires(flit, vcs)),
                "data_out": wiring.Out(wires(flit, vcs)),
                "work_out": wiring.Out(work_wires),
            }
        )


@pytest.mark.parametrize("vcs", [1, 2])
def test_fields_meet_their_own_ports(vcs: int) -> None:
    down, up = side_layouts(Config(data_vcs=vcs))
    ends, comes, goes = Ends(vcs), down(Signal(down.size)), up(Signal(up.size))
    m = Module()
    attach(m, comes, goes, data=[ends.data_in, ends.data_out], work=[ends.work_out])

    async def testbench(ctx):
        ctx.set(comes.data, {"payload": {"data": 0x1234, "last": 1}, "valid": 1, "credit": vcs})
        assert ctx.get(ends.data_in.payload.data) == 0x1234 and ctx.get(ends.data_in.valid) == 1
        assert ctx.get(ends.data_out.credit) == vcs
        ctx.set(ends.data_out.payload, {"data": 0x5678, "last": 0})
        ctx.set(ends.data_out.valid, vcs)
        ctx.set(ends.data_in.credit, 1)
        ctx.set(ends.work_out.work, 99)
        sent = ctx.get(goes)
        assert (sent.data.payload.data, sent.data.valid, sent.data.credit, sent.work.work) == (0x5678, vcs, 1, 99)
        assert sent.control.as_bits() == 0

    simulate(m, testbench, clocked=False)


def test_a_port_of_another_width_is_refused() -> None:
    down, up = side_layouts(Config())
    with pytest.raises(ValueError, match=r"data.valid has 1 bits at a side, 2 at its unit"):
        attach(Module(), down(Signal(down.size)), up(Signal(up.size)), data=[Ends(2).data_out])


def test_layouts_differ_by_the_boot_words() -> None:
    down, up = (dict(layout) for layout in side_layouts(Config()))
    assert (down.pop("boot").width, up.pop("boot").width) == (33, 1)
    assert [(name, field.width) for name, field in down.items()] == [(name, field.width) for name, field in up.items()]
