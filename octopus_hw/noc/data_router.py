# SPDX-License-Identifier: Apache-2.0
"""The data plane's router of a tile: five ports, x first, then y (docs/timing.md, section 2).

::

    link_in[0..3]  ══▶ LinkReceiver ──▶ 1..4 ┌──────────┐ 1..4 ──▶ LinkSender ══▶ link_out[0..3]
                                             │ Wormhole │
    i ──▶ [queue of 4] ────────────────▶ 0   │  switch  │ 0 ─────────────────────▶ o
                                             └──────────┘
    (links 0 to 3: north, east, south, west)

One cycle through the switch, 1+L to the next tile's queue.
"""

from amaranth.hdl import Module
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.layout import COORD, Flit
from octopus_hw.noc.link import LinkReceiver, LinkSender, wires
from octopus_hw.noc.route import DATA_TURNS, DIRECTIONS, Port, data_route
from octopus_hw.noc.wormhole import WormholeSwitch
from octopus_hw.ports import flits
from octopus_hw.queue import Queue
from octopus_hw.unit import Unit

__all__ = ["LOCAL_DEPTH", "DataRouter"]

#: Depth of the queue from the tile switch.
LOCAL_DEPTH = 4


class DataRouter(Unit):
    """Data router with its links' ends.

    Parameters
    ----------
    link_depth
        Depth of a link's receiving queue.
    latency
        Cycles on the wire, L.

    Attributes
    ----------
    x, y : In(7)
        The tile's coordinates.
    i : In(flits)
        From the tile switch.
    o : Out(flits)
        To the tile switch's input queue.
    pause : In(4)
        Links to the north, east, south and west that pause in this cycle.
    link_in, link_out : wires(Flit) x 4
        The links to the north, east, south and west.
    """

    def __init__(self, link_depth: int, latency: int) -> None:
        self.link_depth = link_depth
        self.latency = latency
        super().__init__(
            {
                "x": In(COORD),
                "y": In(COORD),
                "i": In(flits),
                "o": Out(flits),
                "pause": In(4),
                "link_in": In(wires(Flit)).array(4),
                "link_out": Out(wires(Flit)).array(4),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.switch = switch = WormholeSwitch(data_route, DATA_TURNS)
        m.d.comb += [switch.x.eq(self.x), switch.y.eq(self.y)]
        m.submodules.local = local = Queue(Flit, LOCAL_DEPTH)
        connect(m, flipped(self.i), local.i)
        connect(m, local.o, switch.i[Port.LOCAL])
        connect(m, switch.o[Port.LOCAL], flipped(self.o))
        for number, port in enumerate(DIRECTIONS):
            receiver = LinkReceiver(Flit, self.link_depth, self.latency)
            sender = LinkSender(Flit, self.link_depth, self.latency)
            m.submodules[f"from_{port.name.lower()}"] = receiver
            m.submodules[f"to_{port.name.lower()}"] = sender
            connect(m, flipped(self.link_in[number]), receiver.link)
            connect(m, receiver.o[0], switch.i[port])
            connect(m, switch.o[port], sender.i[0])
            m.d.comb += sender.pause.eq(self.pause[number])
            connect(m, sender.link, flipped(self.link_out[number]))
        return m
