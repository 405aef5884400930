# SPDX-License-Identifier: Apache-2.0
"""The control plane's router of a tile: five ports, two virtual channels (docs/timing.md#control-router).

::

    link_in[0..3] ═▶ [L-1 registers] ─▶ route ─▶ ControlInput 1..4 ┌─────────┐ 1..4 ═▶ ControlSender ═▶ link_out[0..3]
                                                                 │ Control │
    i[0], i[1] ───────────────────────▶ route ─▶ ControlInput 0    │ switch  │ 0 ──▶ EjectQueue x 2 ──▶ o[0], o[1]
                                                                 └─────────┘
    (links 0 to 3: north, east, south, west; virtual channels 0 requests, 1 replies)

One cycle through the switch, 1+L to the next tile's queue. What needs not be stored is not: where a message from here
comes from, and where one for here goes to.
"""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import messages
from octopus_hw.noc.control_input import ControlInput
from octopus_hw.noc.control_link import ControlSender
from octopus_hw.noc.control_route import control_route, control_turns
from octopus_hw.noc.control_switch import REPLY, REQUEST, ControlSwitch
from octopus_hw.noc.control_word import control_word, pack, unpack
from octopus_hw.noc.link import arrivals, wires
from octopus_hw.noc.route import DIRECTIONS, Port, Routing, opposite
from octopus_hw.parts.eject_queue import EjectQueue
from octopus_hw.verilog.unit import Unit

__all__ = ["EJECT_DEPTH", "LOCAL_DEPTH", "ControlRouter"]

#: Depth of the two queues into the network.
LOCAL_DEPTH = 4
#: Depth of the two queues out of the network.
EJECT_DEPTH = 4

_COMMON = ("x", "y", "source_x", "source_y", "body", "kind")
#: What only a message for the host needs, and the links that such messages take.
_FOR_HOST = ("host", "extra")
_TO_HOST = (Port.NORTH, Port.WEST)


class ControlRouter(Unit):
    """Control router with its links' ends, local queues and eject queues.

    Parameters
    ----------
    config
        Sizes: `link_depth` of a link's receiving queues, `link_latency`.
    routing
        The policy.

    Attributes
    ----------
    x, y : In(coord)
        The tile's coordinates.
    i : In(messages).array(2)
        Requests and replies into the network; a request's source is this tile, whatever it says.
    o : Out(messages).array(2)
        Requests and replies for this tile: heads of the eject queues, as far as `unpack` promises.
    stall : In(4)
        Links to the north, east, south and west that stall in this cycle.
    link_in, link_out : wires(word, 2) x 4
        The links to the north, east, south and west.
    """

    def __init__(self, config: Config, routing: Routing) -> None:
        self.config = config
        self.routing = routing
        self.turns = control_turns(routing)
        self.word = word = control_word(config)
        coord = layouts(config).coord
        super().__init__(
            {
                "x": In(coord),
                "y": In(coord),
                "i": In(messages(config)).array(2),
                "o": Out(messages(config)).array(2),
                "stall": In(4),
                "link_in": In(wires(word, 2)).array(4),
                "link_out": Out(wires(word, 2)).array(4),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.switch = switch = ControlSwitch(self.word, self.turns)
        inputs = [self._local(m, switch), *(self._receiver(m, switch, port) for port in DIRECTIONS)]
        ends = [self._eject(m, switch), *(self._sender(m, switch, port) for port in DIRECTIONS)]
        ready, early = zip(*ends, strict=True)
        for vc in (REQUEST, REPLY):
            m.d.comb += switch.ready[vc].eq(Cat(end[vc] for end in ready))
        soon, stall = [end[REPLY] for end in early], [Const(0, 1), *self.stall]
        for port, (input_, turns) in enumerate(zip(inputs, self.turns, strict=True)):
            for asks, routes in zip(switch.asks, input_.routes, strict=True):
                m.d.comb += [asks[port][turn].eq(route) for turn, route in zip(turns, routes, strict=True)]
            m.d.comb += [
                input_.soon.eq(Cat(soon[turn] for turn in turns)),
                input_.stall.eq(Cat(stall[turn] for turn in turns)),
                switch.reply[port].eq(input_.reply),
                input_.moves.eq(switch.moves[port]),
            ]
        return m

    def _route(self, port: Port, to: Any, host: Value) -> Value:
        return control_route(self.routing, port, to.x, to.y, host, self.x, self.y)

    def _local(self, m: Module, switch: ControlSwitch) -> ControlInput:
        """Queues into the network."""
        kept = [_only(self.word, "x", "y", "body", "kind"), self.word]
        m.submodules.local = local = ControlInput(kept, LOCAL_DEPTH, len(self.turns[Port.LOCAL]))
        for vc, (i, shape) in enumerate(zip(self.i, kept, strict=True)):
            fields = pack(self.config, i.payload, vc == REPLY)
            m.d.comb += [
                i.ready.eq(local.ready[vc]),
                local.push[vc].eq(i.valid & i.ready),
                local.route[vc].eq(self._route(Port.LOCAL, i.payload, fields["host"])),
                _all(getattr(local, f"came_{vc}")).eq(Cat(fields[name] for name in shape.members)),
            ]
        own = {"source_x": self.x, "source_y": self.y}
        m.d.comb += _all(switch.payload[Port.LOCAL]).eq(
            Mux(local.reply, _all(local.head_1), _filled(self.word, local.head_0, own))
        )
        return local

    def _receiver(self, m: Module, switch: ControlSwitch, port: Port) -> ControlInput:
        """Receiving queues of a link."""
        link, turns, name = self.link_in[port - 1], self.turns[port], port.name.lower()
        kept = _only(self.word, *_COMMON, *(_FOR_HOST if opposite(port) in _TO_HOST else ()))
        m.submodules[f"from_{name}"] = input_ = ControlInput([kept], self.config.link_depth, len(turns))
        came = Signal(self.word, name=f"came_{name}")
        payload, valid = arrivals(m, link, self.config.link_latency)
        m.d.comb += [
            _all(came).eq(payload),
            input_.push.eq(valid),
            _all(input_.came_0).eq(Cat(came[name] for name in kept.members)),
            _all(switch.payload[port]).eq(_filled(self.word, input_.head_0, {})),
        ]
        m.d.comb += [route.eq(self._route(port, came, came.host)) for route in input_.route]
        m.d.sync += link.credit.eq(input_.taken)
        return input_

    def _sender(self, m: Module, switch: ControlSwitch, port: Port) -> tuple[Value, Value]:
        """Sending end of a link; returns the virtual channels that have room, now and soon."""
        sender = ControlSender(self.word, self.config.link_depth, self.config.link_latency)
        m.submodules[f"to_{port.name.lower()}"] = sender
        sent = _only(self.word, *_COMMON, *(_FOR_HOST if port in _TO_HOST else ()))
        word = {name: switch.o[port][name] for name in sent.members}
        m.d.comb += [
            sender.sends.eq(Cat(sends[port] for sends in switch.sends)),
            _all(sender.payload).eq(_filled(self.word, word, {})),
            sender.stall.eq(self.stall[port - 1]),
        ]
        connect(m, sender.link, flipped(self.link_out[port - 1]))
        return sender.ready, sender.soon

    def _eject(self, m: Module, switch: ControlSwitch) -> tuple[Value, Value]:
        """Queues out of the network, as `_sender`."""
        kept = _only(self.word, "source_x", "source_y", "body", "kind")
        ready, soon = Signal(2, name="eject_ready"), Signal(2, name="eject_soon")
        for vc, o in enumerate(self.o):
            m.submodules[f"eject_{vc}"] = eject = EjectQueue(kept, EJECT_DEPTH)
            m.d.comb += [
                ready[vc].eq(eject.ready),
                soon[vc].eq(eject.soon),
                eject.push.eq(switch.sends[vc][Port.LOCAL]),
                _all(eject.payload).eq(Cat(switch.o[Port.LOCAL][name] for name in kept.members)),
                o.valid.eq(eject.o.valid),
                eject.o.ready.eq(o.ready),
            ]
            unpack(m, self.config, o.payload, self.x, self.y, eject.o.payload, vc == REPLY)
        return ready, soon


def _all(view: Any) -> Value:
    return Value.cast(view)


def _only(word: data.StructLayout, *names: str) -> data.StructLayout:
    return data.StructLayout({name: word.members[name] for name in names})


def _filled(word: data.StructLayout, fields: Any, others: dict[str, Value]) -> Value:
    """Make a word of the fields there are, the others, and zeros."""
    have = fields if isinstance(fields, dict) else {name: fields[name] for name in fields.shape().members}
    parts = [(have | others).get(name, Const(0, 1)) for name in word.members]
    return Cat((part | Const(0, field.width))[: field.width] for part, (_, field) in zip(parts, word, strict=True))
