# SPDX-License-Identifier: Apache-2.0
"""The data plane's router of a tile: five ports, and a routing policy (docs/timing.md#data-router).

::

    link_in[0..3]  ══▶[L-1 registers]──▶ FlitQueue of each VC ──▶ 1..4 (5..8) ┌──────────┐ 1..4 ──▶ LinkSender ══▶
                                                                                 │ Wormhole │        link_out[0..3]
    i ──▶ FlitQueue of 4 ──────────────────────────────────────────▶ 0           │  switch  │ 0 ────────────────▶ o
                                                                                 └──────────┘
    (links 0 to 3: north, east, south, west)

One cycle through the switch, 1+L to the next tile's queue. With two virtual channels of links the switch is hardly
larger: what goes straight on and what turns or ends are two queues, each with the turns of its own.
"""

from collections.abc import Sequence
from functools import partial

from amaranth.hdl import Module, Mux, Value
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import flits
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.link import LinkSender, arrivals, wires
from octopus_hw.noc.route import DIRECTIONS, INWARD, Port, Routing, header_of
from octopus_hw.noc.wormhole import WormholeSwitch, leave
from octopus_hw.parts.flit_queue import FlitQueue
from octopus_hw.verilog.unit import Unit

__all__ = ["LOCAL_DEPTH", "DataRouter", "data_route", "data_vc"]

#: Depth of the queue from the tile switch.
LOCAL_DEPTH = 4


def data_route(
    config: Config, routing: Routing, port: Port, word: Value, x: Value, y: Value, outputs: tuple[int, ...]
) -> Sequence[Value]:
    """Find a packet's output by its header. `functools.partial` binds sizes, policy and where it came in."""
    header = header_of(config, word)
    routes = routing.route(header.x, header.y, x, y, outputs)
    return routing.out_of_the_mesh(header.host, routes, outputs) if port in INWARD else routes


def data_vc(
    config: Config, routing: Routing, port: Port, word: Value, x: Value, y: Value, outputs: tuple[int, ...]
) -> Value:
    """Find a packet's virtual channel at its output by its header, as `data_route`.

    Towards the edge where it leaves the mesh, a packet for the host goes straight on to the last link.
    """
    header = header_of(config, word)
    vc = routing.ends_or_turns(header.x, header.y, x, y, outputs)
    if port not in INWARD or routing.leaves not in outputs:
        return vc
    routes = routing.route(header.x, header.y, x, y, outputs)
    there = routing.is_there(routes, outputs)
    to_edge = header.host & (there | routes[outputs.index(routing.leaves)])
    return Mux(to_edge, there, vc)


class DataRouter(Unit):
    """Data router with its links' ends.

    Parameters
    ----------
    config
        Sizes: `data_depth` of each receiving queue of a link, `link_latency`; `data_vcs` of a link: 1, or 2 that tell
        packets going straight on from others.
    routing
        The policy.

    Attributes
    ----------
    x, y : In(coord)
        The tile's coordinates.
    i : In(flits)
        From the tile switch.
    o : Out(flits)
        To the tile switch's input queue, whose `ready` comes from registers.
    stall : In(4)
        Links to the north, east, south and west that stall in this cycle.
    link_in, link_out : wires(flit, vcs) x 4
        The links to the north, east, south and west.
    """

    def __init__(self, config: Config, routing: Routing) -> None:
        self.config = config
        self.routing = routing
        widths = layouts(config)
        link = wires(struct(widths.flit), config.data_vcs)
        super().__init__(
            {
                "x": In(widths.coord),
                "y": In(widths.coord),
                "i": In(flits(config)),
                "o": Out(flits(config)),
                "stall": In(4),
                "link_in": In(link).array(4),
                "link_out": Out(link).array(4),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        config, flit, vcs = self.config, struct(layouts(self.config).flit), self.config.data_vcs
        inputs = self.routing.inputs(vcs)
        turns = tuple(outputs for _, _, outputs in inputs)
        m.submodules.switch = switch = WormholeSwitch(config, turns, (1, *(vcs,) * len(DIRECTIONS)))
        queues: dict[tuple[int, int], FlitQueue] = {}
        for number, (port, vc, outputs) in enumerate(inputs):
            depth = LOCAL_DEPTH if port == Port.LOCAL else 1 << (config.data_depth - 1).bit_length()
            route, vc_of = (partial(find, config, self.routing, port) for find in (data_route, data_vc))
            queue = FlitQueue(config, depth, route, outputs, len(Port), vc_of if vcs == 2 else None)
            queues[port, vc] = queue
            m.submodules[f"from_{port.name.lower()}_{vc}"] = queue
            m.d.comb += [queue.x.eq(self.x), queue.y.eq(self.y)]
            connect(m, queue.o, switch.i[number])
        connect(m, flipped(self.i), queues[Port.LOCAL, 0].i)
        leave(m, switch.o[Port.LOCAL], flipped(self.o))
        for number, port in enumerate(DIRECTIONS):
            self._receive(m, number, [queues[port, vc] for vc in range(vcs)])
            sender = LinkSender(flit, config.data_depth, config.link_latency, vcs)
            m.submodules[f"to_{port.name.lower()}"] = sender
            m.d.comb += sender.stall.eq(self.stall[number])
            for vc, i in enumerate(sender.i):
                outlet = switch.o[port]
                m.d.comb += [i.payload.eq(outlet.payload), i.valid.eq(outlet.valid[vc])]
                m.d.comb += outlet.ready[vc].eq(i.ready)
            connect(m, sender.link, flipped(self.link_out[number]))
        return m

    def _receive(self, m: Module, number: int, queues: list[FlitQueue]) -> None:
        """One link's receiving end: its queues always have room, or the sender would have no credit."""
        link = self.link_in[number]
        m.submodules[f"wires_{number}"] = inner = Module()
        payload, valid = arrivals(inner, link, self.config.link_latency)
        for vc, queue in enumerate(queues):
            m.d.comb += [queue.i.payload.eq(payload), queue.i.valid.eq(valid[vc])]
            m.d.sync += link.credit[vc].eq(queue.o.take)
