# SPDX-License-Identifier: Apache-2.0
"""The queues of one input of the control router: one for each VC, with one message at most leaving in a cycle.

::

    push[vc], route[vc] ─▶ [route of the head] ──────────▶ routes[vc]
                         └───▶ [routes behind it ] ─┘          reply: the VC that is offered
                     came ───▶ [   messages    ] ──────────▶ head

Where a message goes is found before it is written, and stands in registers when it is head; so does whether a reply
has room there. Virtual channels that come over the same wires share a memory: one read port is enough, as one virtual
channel is offered.
"""

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Mux, ShapeLike, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.parts.lut_ram import lut_ram
from octopus_hw.parts.ring import row_after
from octopus_hw.verilog.unit import Unit

__all__ = ["ControlInput"]


class ControlInput(Unit):
    """Two queues, requests and replies, with one way out.

    Parameters
    ----------
    shapes
        Of a message: one if both virtual channels come over the same wires, at most one in a cycle; else one for each
        virtual channel.
    depth
        Of each queue, at least 2.
    outputs
        Number of outputs that can be reached from here.

    Attributes
    ----------
    push : In(2)
        Virtual channels in which a message comes; only with room.
    route : In(outputs).array(2)
        By virtual channel: the output of what comes, one-hot.
    came_0, came_1 : In(shape)
        What comes, for each shape.
    ready : Out(2)
        Virtual channels whose queues have room.
    routes : Out(outputs).array(2)
        By virtual channel: the head's output, one-hot; 0 without a head. Registers.
    soon : In(outputs)
        Outputs that will have ready for a reply in the next cycle.
    stall : In(outputs)
        Outputs that have none in this cycle, though they were to.
    reply : Out(1)
        A reply is offered, for it has room; else a request.
    moves : In(1)
        What is offered is taken.
    taken : Out(2)
        The virtual channel that is taken from, one-hot.
    head_0, head_1 : Out(shape)
        For each shape the head; of the virtual channel that is offered, if both share it.
    """

    def __init__(self, shapes: Sequence[ShapeLike], depth: int, outputs: int) -> None:
        self.shapes = tuple(shapes)
        self.depth = depth
        self.outputs = outputs
        routes, flags = In(outputs).array(2), In(outputs)
        super().__init__(
            {"push": In(2), "route": routes, "ready": Out(2), "routes": routes.flip(), "soon": flags, "stall": flags}
            | {"reply": Out(1), "moves": In(1), "taken": Out(2)}
            | {f"came_{number}": In(shape) for number, shape in enumerate(self.shapes)}
            | {f"head_{number}": Out(shape) for number, shape in enumerate(self.shapes)}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        rows = range(self.depth)
        writes, reads, nexts = (
            [Signal(rows, name=f"{name}_{vc}") for vc in range(2)] for name in ("write", "read", "next")
        )
        follows = self._follows(m, writes, nexts)
        can_reply = Signal()
        m.d.comb += [
            self.reply.eq(can_reply & ~(self.routes[1] & self.stall).any()),
            self.taken.eq(Cat(self.moves & ~self.reply, self.moves & self.reply)),
        ]
        for vc, (write, read, next_) in enumerate(zip(writes, reads, nexts, strict=True)):
            held, more = Signal(name=f"held_{vc}"), Signal(name=f"more_{vc}")
            push, taken, routes = self.push[vc], self.taken[vc], self.routes[vc]
            m.d.comb += [
                next_.eq(row_after(read, self.depth)),
                more.eq(held & (write != next_)),
                self.ready[vc].eq(~held | (write != read)),
            ]
            follower = Mux(more, follows[vc], self.route[vc] & push.replicate(self.outputs))
            with m.If(push):
                m.d.sync += write.eq(row_after(write, self.depth))
            with m.If(taken):
                m.d.sync += read.eq(next_)
            with m.If(taken | ~held):
                m.d.sync += [held.eq(more | push), routes.eq(follower)]
            if vc == 1:
                # That the head is taken is known late in the cycle, so it only chooses.
                m.d.sync += can_reply.eq(Mux(taken | ~held, (follower & self.soon).any(), (routes & self.soon).any()))
        self._messages(m, writes, reads)
        return m

    def _follows(self, m: Module, writes: list[Signal], rows: list[Signal]) -> list[Value]:
        """By virtual channel: where the message behind the head goes. The last output's bit follows from the others."""
        stored = self._store(m, "routes", [route[:-1] for route in self.route][: len(self.shapes)], writes, rows)
        return [Cat(routes, ~routes.any()) for routes in stored]

    def _messages(self, m: Module, writes: list[Signal], rows: list[Signal]) -> None:
        numbers = range(len(self.shapes))
        came = [Value.cast(getattr(self, f"came_{number}")) for number in numbers]
        for number, head in zip(numbers, self._store(m, "messages", came, writes, rows), strict=False):
            m.d.comb += Value.cast(getattr(self, f"head_{number}")).eq(head)

    def _store(self, m: Module, name: str, items: list[Value], writes: list[Signal], rows: list[Signal]) -> list[Value]:
        """Write what comes, and show by VC the given row; if VCs share the memory, of the one offered."""
        if len(items) == 2:
            both = zip(self.push, writes, items, rows, strict=True)
            return [lut_ram(m, f"{name}_{number}", self.depth, *ports) for number, ports in enumerate(both)]
        size = 1 << len(writes[0])
        write = Cat(Mux(self.push[1], writes[1], writes[0]), self.push[1])
        row = Cat(Mux(self.reply, rows[1], rows[0]), self.reply)
        return [lut_ram(m, name, 2 * size, self.push.any(), write, items[0], row)] * 2
