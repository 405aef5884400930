# SPDX-License-Identifier: Apache-2.0
"""A queue in front of a wormhole switch, which finds packets' routes ahead (docs/timing.md#wormhole-switch).

::

    i ──┬──────────────▶ [ flits without mark ]────────────────────▶ o.flit.data
        └─▶ route ──┬──▶ [ last, route, VC ]──┐
                    │                          ├──▶ [head's registers] ──▶ o.valid, first, to, vc, flit.last
                    └──────(nothing waits)─────┘           ▲ o.take

The route is found from the header as it comes in. What the switch needs to know of the head comes from registers: the
memory of last, route and virtual channel is read one item ahead, and what comes into a queue that is empty, or that
gives away its one item, goes past it. The word is the memory's output and is there early in the cycle, too.
"""

from collections.abc import Callable, Sequence

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import flits
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.lut_ram import lut_ram
from octopus_hw.parts.onehot import encode
from octopus_hw.parts.ring import row_after
from octopus_hw.verilog.unit import Unit

__all__ = ["FlitQueue", "Route", "heads"]

#: Header word, the tile's x, its y, the outputs there are -> for each of these whether the packet goes there. The first
#: is not asked: what goes to none of the others goes there.
Route = Callable[[Value, Value, Value, tuple[int, ...]], Sequence[Value]]
#: The same -> the packet's virtual channel at its output.
VcOf = Callable[[Value, Value, Value, tuple[int, ...]], Value]


def heads(config: Config, outputs: int) -> wiring.Signature:
    """Return the signature of a head, seen from its queue.

    `first` marks a packet's first flit, `to` is the packet's output, one-hot, and `vc` its virtual channel there. The
    switch raises `take`, only with `valid`, if the head moves in this cycle.
    """
    return wiring.Signature(
        {
            "valid": Out(1),
            "flit": Out(struct(layouts(config).flit)),
            "first": Out(1, init=1),
            "to": Out(outputs),
            "vc": Out(1),
            "take": In(1),
        }
    )


class FlitQueue(Unit):
    """A queue as `octopus_hw.parts.queue.Queue`, of flits.

    Parameters
    ----------
    config
        Sizes.
    depth
        Flits it can hold, a power of two from 2 to 64.
    route
        Finds a packet's route: a module-level function or a `functools.partial` of one.
    turns
        Outputs of the switch that can be reached from here.
    outputs
        Outputs of the switch.
    vc_of
        Finds a packet's virtual channel at its output; None if there is but one.

    Attributes
    ----------
    x, y : In(coord)
        The tile's coordinates.
    i : In(flits)
        What comes; `ready` comes from registers.
    o : Out(heads)
        The head; all but the word comes from registers.
    """

    def __init__(
        self, config: Config, depth: int, route: Route, turns: tuple[int, ...], outputs: int, vc_of: VcOf | None = None
    ) -> None:
        if depth not in (1 << bits for bits in range(1, 7)):
            raise ValueError(f"depth: {depth!r} is not a power of two from 2 to 64")
        self.config = config
        self.depth = depth
        self.route = route
        self.turns = turns
        self.outputs = outputs
        self.vc_of = vc_of
        coord = layouts(config).coord
        super().__init__({"x": In(coord), "y": In(coord), "i": In(flits(config)), "o": Out(heads(config, outputs))})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        i, o = self.i, self.o
        rows = self.depth
        write, read, after = Signal(range(rows)), Signal(range(rows)), Signal(range(rows), init=1)
        push, more = Signal(), Signal()
        arriving = self._known(m)
        control = data.StructLayout({name: len(value) for name, value in arriving.items()})
        following, comes = Signal(control), Cat(arriving.values())
        m.d.comb += [
            i.ready.eq(~(o.valid & (write == read))),
            push.eq(i.valid & i.ready),
            o.flit.data.eq(lut_ram(m, "words", rows, push, write, i.payload.data, read)),
            more.eq(o.valid & (write != after)),
            following.eq(Mux(more, lut_ram(m, "control", rows, push, write, comes, after), comes)),
        ]
        with m.If(push):
            m.d.sync += write.eq(row_after(write, rows))
        with m.If(o.take):
            m.d.sync += [read.eq(after), after.eq(row_after(after, rows))]
        with m.If(o.take | ~o.valid):
            m.d.sync += [o.valid.eq(more | push), o.flit.last.eq(following.last)]
        self._packet(m, more | push, following)
        return m

    def _known(self, m: Module) -> dict[str, Value]:
        """What the switch needs to know of a flit that comes in."""
        packet = self.i.payload.data, self.x, self.y, self.turns
        known: dict[str, Value] = {"last": self.i.payload.last}
        if len(self.turns) > 1:
            route = Signal(len(self.turns))
            m.d.comb += route.eq(Cat(self.route(*packet)))
            known["route"] = encode(route, (len(self.turns) - 1).bit_length())
        if self.vc_of:
            known["vc"] = self.vc_of(*packet)
        return known

    def _packet(self, m: Module, comes: Value, following: data.View) -> None:
        """What is known of the head's packet: it stays until the packet's last flit has been taken."""
        o = self.o
        with m.If(o.take):
            m.d.sync += o.first.eq(o.flit.last)
        with m.If(Mux(o.valid, o.take & o.flit.last, o.first)):
            for number, output in enumerate(self.turns):
                its = following.route == number if len(self.turns) > 1 else 1
                m.d.sync += o.to[output].eq(comes & its)
            if self.vc_of:
                m.d.sync += o.vc.eq(following.vc)
