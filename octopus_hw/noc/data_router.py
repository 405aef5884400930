# SPDX-License-Identifier: Apache-2.0
"""The data plane's router of a tile: five ports, and a routing policy (docs/timing.md#data-router).

::

    link_in[0..3]  ══▶[L-1 registers]──▶ FlitQueue of each class ──▶ 1..4 (5..8) ┌──────────┐ 1..4 ──▶ LinkSender ══▶
                                                                                 │ Wormhole │        link_out[0..3]
    i ──▶ FlitQueue of 4 ──────────────────────────────────────────▶ 0           │  switch  │ 0 ────────────────▶ o
                                                                                 └──────────┘
    (links 0 to 3: north, east, south, west)

One cycle through the switch, 1+L to the next tile's queue. With two classes of links the switch is hardly larger: what
goes straight on and what turns or ends are two queues, each with the turns of its own.
"""

from collections.abc import Sequence
from functools import partial

from amaranth.hdl import Module, Value
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.layout import COORD
from octopus_hw.interfaces.bundles import flits
from octopus_hw.interfaces.layouts import Flit, Header
from octopus_hw.noc.link import LinkSender, arrivals, wires
from octopus_hw.noc.route import DIRECTIONS, Port, Routing
from octopus_hw.noc.wormhole import WormholeSwitch, leave
from octopus_hw.parts.flit_queue import FlitQueue
from octopus_hw.verilog.unit import Unit

__all__ = ["LOCAL_DEPTH", "DataRouter", "data_class", "data_way"]

#: Depth of the queue from the tile switch.
LOCAL_DEPTH = 4


def data_way(routing: Routing, word: Value, x: Value, y: Value, outputs: tuple[int, ...]) -> Sequence[Value]:
    """Find a packet's output by its header. `functools.partial` binds the policy."""
    header = Header(word)
    return routing.way(header.x, header.y, x, y, outputs)


def data_class(routing: Routing, word: Value, x: Value, y: Value, outputs: tuple[int, ...]) -> Value:
    """Find a packet's class at its output by its header, as `data_way`."""
    header = Header(word)
    return routing.ends_or_turns(header.x, header.y, x, y, outputs)


class DataRouter(Unit):
    """Data router with its links' ends.

    Parameters
    ----------
    routing
        The policy.
    link_depth
        Depth of each receiving queue of a link.
    latency
        Cycles on the wire, L.
    classes
        Classes of a link: 1, or 2 that tell packets going straight on from others.

    Attributes
    ----------
    x, y : In(7)
        The tile's coordinates.
    i : In(flits)
        From the tile switch.
    o : Out(flits)
        To the tile switch's input queue, whose `ready` comes from registers.
    pause : In(4)
        Links to the north, east, south and west that pause in this cycle.
    link_in, link_out : wires(Flit, classes) x 4
        The links to the north, east, south and west.
    """

    def __init__(self, routing: Routing, link_depth: int, latency: int, classes: int = 1) -> None:
        if classes not in (1, 2):
            raise ValueError(f"classes: {classes!r} is not 1 or 2")
        self.routing = routing
        self.link_depth = link_depth
        self.latency = latency
        self.classes = classes
        super().__init__(
            {
                "x": In(COORD),
                "y": In(COORD),
                "i": In(flits),
                "o": Out(flits),
                "pause": In(4),
                "link_in": In(wires(Flit, classes)).array(4),
                "link_out": Out(wires(Flit, classes)).array(4),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        inputs = self.routing.inputs(self.classes)
        turns = tuple(outputs for _, _, outputs in inputs)
        m.submodules.switch = switch = WormholeSwitch(turns, (1, *(self.classes,) * len(DIRECTIONS)))
        way = partial(data_way, self.routing)
        class_of = partial(data_class, self.routing) if self.classes == 2 else None
        queues: dict[tuple[int, int], FlitQueue] = {}
        for number, (port, class_, outputs) in enumerate(inputs):
            depth = LOCAL_DEPTH if port == Port.LOCAL else 1 << (self.link_depth - 1).bit_length()
            queues[port, class_] = queue = FlitQueue(depth, way, outputs, len(Port), class_of)
            m.submodules[f"from_{port.name.lower()}_{class_}"] = queue
            m.d.comb += [queue.x.eq(self.x), queue.y.eq(self.y)]
            connect(m, queue.o, switch.i[number])
        connect(m, flipped(self.i), queues[Port.LOCAL, 0].i)
        leave(m, switch.o[Port.LOCAL], flipped(self.o))
        for number, port in enumerate(DIRECTIONS):
            self._receive(m, number, [queues[port, class_] for class_ in range(self.classes)])
            m.submodules[f"to_{port.name.lower()}"] = sender = LinkSender(
                Flit, self.link_depth, self.latency, self.classes
            )
            m.d.comb += sender.pause.eq(self.pause[number])
            for class_, i in enumerate(sender.i):
                outlet = switch.o[port]
                m.d.comb += [i.payload.eq(outlet.payload), i.valid.eq(outlet.valid[class_])]
                m.d.comb += outlet.ready[class_].eq(i.ready)
            connect(m, sender.link, flipped(self.link_out[number]))
        return m

    def _receive(self, m: Module, number: int, queues: list[FlitQueue]) -> None:
        """One link's receiving end: its queues always have room, or the sender would have no credit."""
        link = self.link_in[number]
        m.submodules[f"wires_{number}"] = inner = Module()
        payload, valid = arrivals(inner, link, self.latency)
        for class_, queue in enumerate(queues):
            m.d.comb += [queue.i.payload.eq(payload), queue.i.valid.eq(valid[class_])]
            m.d.sync += link.credit[class_].eq(queue.o.take)
