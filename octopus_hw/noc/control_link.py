# SPDX-License-Identifier: Apache-2.0
"""The sending end of a link of the control plane: as `octopus_hw.noc.link.LinkSender`, with room known from registers.

::

    send[vc], payload ─▶ [output register] ═▶ link: payload, valid
    ready[vc] ◀─ [Credits] ◀─ [L-1 registers] ◀─ link: credit
"""

from amaranth.hdl import Module, ShapeLike, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.noc.link import delayed, wires
from octopus_hw.parts.credits import Credits
from octopus_hw.verilog.unit import Unit

__all__ = ["ControlSender"]


class ControlSender(Unit):
    """Sends one message of two virtual channels, for which there is a credit.

    Parameters
    ----------
    shape
        Of a message.
    depth
        Of each of the receiver's queues.
    latency
        Cycles on the wire, L.

    Attributes
    ----------
    sends : In(2)
        The virtual channel that is sent in this cycle, one-hot; only if it has room.
    payload : In(shape)
        What is sent.
    stall : In(1)
        There is no room in this cycle.
    ready, soon : Out(2)
        Virtual channels with a credit, in this cycle and, stalls apart, in the next.
    link : Out(wires(shape, 2))
        The wires to the receiver.
    """

    def __init__(self, shape: ShapeLike, depth: int, latency: int) -> None:
        self.shape = shape
        self.depth = depth
        self.latency = latency
        super().__init__(
            {
                "sends": In(2),
                "payload": In(shape),
                "stall": In(1),
                "ready": Out(2),
                "soon": Out(2),
                "link": Out(wires(shape, 2)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        back = delayed(m, "back", self.link.credit, self.latency - 1)
        for vc in range(2):
            m.submodules[f"credits_{vc}"] = credits = Credits(self.depth)
            m.d.comb += [
                credits.give.eq(back[vc]),
                credits.take.eq(self.sends[vc]),
                self.ready[vc].eq(credits.some & ~self.stall),
                self.soon[vc].eq(credits.soon),
            ]
        m.d.sync += [self.link.valid.eq(self.sends), Value.cast(self.link.payload).eq(Value.cast(self.payload))]
        return m
