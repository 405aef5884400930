# SPDX-License-Identifier: Apache-2.0
"""The control plane's router of a tile: five ports, two classes (docs/timing.md, section 3).

::

    link_in[0..3] ══▶ LinkReceiver ══▶ 1..4 ┌─────────┐ 1..4 ══▶ LinkSender ══▶ link_out[0..3]
                     (2 queues each)        │ Control │
    i[0], i[1] ──▶ [2 queues of 4] ══▶ 0    │ switch  │ 0 ══▶ [2 eject queues of 4] ──▶ o[0], o[1]
                                            └─────────┘
    (links 0 to 3: north, east, south, west; classes 0 requests, 1 replies)

One cycle through the switch, 1+L to the next tile's queue.
"""

from amaranth.hdl import Module
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.layout import COORD, ControlFlit
from octopus_hw.noc.control_switch import REPLY, REQUEST, ControlSwitch
from octopus_hw.noc.link import LinkReceiver, LinkSender, wires
from octopus_hw.noc.route import CONTROL_TURNS, DIRECTIONS, Port, control_route
from octopus_hw.ports import messages
from octopus_hw.queue import Queue
from octopus_hw.unit import Unit

__all__ = ["EJECT_DEPTH", "LOCAL_DEPTH", "ControlRouter"]

#: Depth of the two queues into the network.
LOCAL_DEPTH = 4
#: Depth of the two queues out of the network.
EJECT_DEPTH = 4


class ControlRouter(Unit):
    """Control router with its links' ends, local queues and eject queues.

    Parameters
    ----------
    link_depth
        Depth of a link's receiving queues.
    latency
        Cycles on the wire, L.

    Attributes
    ----------
    x, y : In(7)
        The tile's coordinates.
    i : In(messages).array(2)
        Requests and replies into the network.
    o : Out(messages).array(2)
        Requests and replies for this tile: heads of the eject queues.
    pause : In(4)
        Links to the north, east, south and west that pause in this cycle.
    link_in, link_out : wires(ControlFlit, 2) x 4
        The links to the north, east, south and west.
    """

    def __init__(self, link_depth: int, latency: int) -> None:
        self.link_depth = link_depth
        self.latency = latency
        super().__init__(
            {
                "x": In(COORD),
                "y": In(COORD),
                "i": In(messages).array(2),
                "o": Out(messages).array(2),
                "pause": In(4),
                "link_in": In(wires(ControlFlit, 2)).array(4),
                "link_out": Out(wires(ControlFlit, 2)).array(4),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.switch = switch = ControlSwitch(control_route, CONTROL_TURNS)
        m.d.comb += [switch.x.eq(self.x), switch.y.eq(self.y)]
        for class_, name in ((REQUEST, "request"), (REPLY, "reply")):
            m.submodules[f"local_{name}"] = local = Queue(ControlFlit, LOCAL_DEPTH)
            m.submodules[f"eject_{name}"] = eject = Queue(ControlFlit, EJECT_DEPTH)
            connect(m, flipped(self.i[class_]), local.i)
            connect(m, local.o, switch.i[class_][Port.LOCAL])
            connect(m, switch.o[class_][Port.LOCAL], eject.i)
            connect(m, eject.o, flipped(self.o[class_]))
        for number, port in enumerate(DIRECTIONS):
            receiver = LinkReceiver(ControlFlit, self.link_depth, self.latency, classes=2)
            sender = LinkSender(ControlFlit, self.link_depth, self.latency, classes=2)
            m.submodules[f"from_{port.name.lower()}"] = receiver
            m.submodules[f"to_{port.name.lower()}"] = sender
            connect(m, flipped(self.link_in[number]), receiver.link)
            m.d.comb += sender.pause.eq(self.pause[number])
            connect(m, sender.link, flipped(self.link_out[number]))
            for class_ in (REQUEST, REPLY):
                connect(m, receiver.o[class_], switch.i[class_][port])
                connect(m, switch.o[class_][port], sender.i[class_])
        return m
