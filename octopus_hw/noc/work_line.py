# SPDX-License-Identifier: Apache-2.0
"""A tile's end of the work lines to one neighbour (docs/timing.md#exchange).

::

    i ──▶[output register]══ line_out                line_in ══▶[L-1 registers]══▶[input register]──▶ o

What is sent in cycle t has come in t + 1 + L. There is no flow control, and no work looks like no message: both are 0.
"""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.layout import WORK
from octopus_hw.noc.link import delayed
from octopus_hw.verilog.unit import Unit

__all__ = ["WorkLine", "work_wires"]

#: The wires of a work line, seen from the sender: its output register.
work_wires = wiring.Signature({"work": Out(WORK)})


class WorkLine(Unit):
    """The registers at both lines' ends.

    Parameters
    ----------
    latency
        Cycles on the wire, L.

    Attributes
    ----------
    i : In(12)
        What to send in this cycle.
    o : Out(12)
        What has come.
    line_in, line_out : work_wires
        The lines from and to the neighbour.
    """

    def __init__(self, latency: int) -> None:
        self.latency = latency
        super().__init__({"i": In(WORK), "o": Out(WORK), "line_in": In(work_wires), "line_out": Out(work_wires)})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.d.sync += self.line_out.work.eq(self.i)
        m.d.sync += self.o.eq(delayed(m, "wire", self.line_in.work, self.latency - 1))
        return m
