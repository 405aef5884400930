# SPDX-License-Identifier: Apache-2.0
"""Both ends of a link between two tiles, with credits (docs/timing.md#links).

::

    LinkSender                                              LinkReceiver
    i ──▶[output register]══ payload, valid ══▶[L-1 registers]══▶[queue of each VC]──▶ o
           credits ◀──[L-1 registers]══════ credit ══════════════[credit register]◀── take

What is sent in cycle t stands in the output register in t+1 and is the queue's head in t+1+L at the earliest. What is
taken in cycle t can be sent for again from t+1+L on. With queues of depth 2(1+L) a link carries something every cycle.
Between the output register and the queue's write port, and between the credit register and the credit counter, there
are L-1 registers and no logic.

A link has one or more virtual channels, each with credits and a queue of its own; they share the wires.
"""

from amaranth.hdl import Cat, Module, Mux, ShapeLike, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.unit import Unit

__all__ = ["LinkReceiver", "LinkSender", "arrivals", "delayed", "wires"]


def wires(shape: ShapeLike, vcs: int = 1) -> wiring.Signature:
    """Return the wires of a link, seen from the sender: its output register, `valid` and `credit` for each VC."""
    return wiring.Signature({"payload": Out(shape), "valid": Out(vcs), "credit": In(vcs)})


def delayed(m: Module, name: str, value: Value, cycles: int) -> Value:
    """Return a value as it was so many cycles ago."""
    for number in range(cycles):
        later = Signal(len(value), name=f"{name}_{number}")
        m.d.sync += later.eq(value)
        value = later
    return value


def arrivals(m: Module, link: wiring.PureInterface, latency: int) -> tuple[Value, Value]:
    """Return what comes out of the wires of a link, `payload` and `valid`: its output register L-1 cycles later."""
    payload = delayed(m, "payload", Value.cast(link.payload), latency - 1)
    return payload, delayed(m, "valid", link.valid, latency - 1)


class LinkSender(Unit):
    """Sends while it holds credits.

    Parameters
    ----------
    shape
        Of what is sent.
    depth
        Of each of the receiver's queues.
    latency
        Cycles on the wire, L.
    vcs
        Number of virtual channels.

    Attributes
    ----------
    i : In(stream.Signature(shape)).array(vcs)
        What to send; `ready`: a credit is held, by a register, and there is no stall. In one cycle at most one may be
        valid while ready.
    stall : In(1)
        Send nothing in this cycle.
    link : Out(wires(shape, vcs))
        The wires to the receiver.
    """

    def __init__(self, shape: ShapeLike, depth: int, latency: int, vcs: int = 1) -> None:
        self.shape = shape
        self.depth = depth
        self.latency = latency
        self.vcs = vcs
        super().__init__({"i": In(stream.Signature(shape)).array(vcs), "stall": In(1), "link": Out(wires(shape, vcs))})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        back = delayed(m, "back", self.link.credit, self.latency - 1)
        for number, i in enumerate(self.i):
            self._credits(m, i, back[number], number)
        # Where nothing is valid the payload does not count: it waits for no decision.
        m.d.sync += self.link.payload.eq(self.i[0].payload)
        for i in self.i[1:]:
            with m.If(i.valid):
                m.d.sync += self.link.payload.eq(i.payload)
        m.d.sync += self.link.valid.eq(Cat(i.valid & i.ready for i in self.i))
        return m

    def _credits(self, m: Module, i: wiring.PureInterface, back: Value, number: int) -> None:
        """Count one VC's credits. What is sent is known late: the counter takes it from the output register."""
        before, came = (
            Signal(range(self.depth + 1), init=self.depth, name=f"credits_{number}"),
            Signal(name=f"came_{number}"),
        )
        some, sends, sent = Signal(init=1, name=f"some_{number}"), i.valid & i.ready, self.link.valid[number]
        credits = Signal.like(before)
        m.d.comb += [credits.eq(before + Cat(came ^ sent, ~came & sent).as_signed()), i.ready.eq(some & ~self.stall)]
        m.d.sync += [before.eq(credits), came.eq(back), some.eq(Mux(sends, credits > 1, some) | back)]


class LinkReceiver(Unit):
    """Queues what comes, one queue for each virtual channel, and gives a credit back for each item taken.

    Parameters are those of `LinkSender`.

    Attributes
    ----------
    link : In(wires(shape, vcs))
        The wires from the sender.
    o : Out(stream.Signature(shape)).array(vcs)
        The queues' heads.
    """

    def __init__(self, shape: ShapeLike, depth: int, latency: int, vcs: int = 1) -> None:
        self.shape = shape
        self.depth = depth
        self.latency = latency
        self.vcs = vcs
        super().__init__({"link": In(wires(shape, vcs)), "o": Out(stream.Signature(shape)).array(vcs)})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        payload, valid = arrivals(m, self.link, self.latency)
        for number, o in enumerate(self.o):
            m.submodules[f"queue_{number}"] = queue = Queue(self.shape, self.depth)
            m.d.comb += [queue.i.payload.eq(payload), queue.i.valid.eq(valid[number])]
            wiring.connect(m, queue.o, wiring.flipped(o))
            m.d.sync += self.link.credit[number].eq(o.valid & o.ready)
        return m
