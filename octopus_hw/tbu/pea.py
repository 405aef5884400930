# SPDX-License-Identifier: Apache-2.0
"""A timed PEA: busy for the cycles that its token draws (docs/timing.md#pea).

::

    idle ──bind──▶ bound: switch time, then cycles ──start──▶ running ... finished ──finish──▶ idle
                          visible: `asks`                     value and sum visible: `done`

Bound in cycle t with switch time w: it asks in t + 1 + w at the earliest. Started in s with a span of n cycles, and a
part of one if `part`: done in s + n, or s + n + 1, at the earliest. It is idle in the cycle after the one in which it
finishes. A PEA that is bound as a helper is busy until its team finishes and does nothing else.

Every kind of PEA has this port. `place` names the token (its key and value), the operand buffer and the output buffer
at once, since an invocation's output takes the place of its operand: a computing PEA reads the token and the words of
its place between `start` and `done`, writes its words and its value there, and leaves `cycles` unused.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import NUMBER
from octopus_hw.verilog.unit import Unit

__all__ = ["TimedPea"]


class TimedPea(Unit):
    """One PEA and its context.

    Parameters
    ----------
    config
        R = `config_slots`; `switch_cycles`.

    Attributes
    ----------
    dead : In(1)
        Never idle; constant while the tile runs.
    join, bind, place : In(1), In(1), In(place)
        Bound in this cycle, as the first of its team, to the token at a place.
    joined, slot, switch : In(1), In(R), In(1)
        Bound in the cycle before: the slot (one-hot) that is its context now, and whether that takes the switch time.
    evict : In(R)
        The slot that is nobody's context from the next cycle on.
    context : Out(R)
        One-hot, or 0; not in the cycle of `joined`.
    idle, busy : Out(1)
        Neither, if dead.
    at : Out(place)
        The token's place, while busy and no helper.
    drawn, valued : In(1)
        The cycles of the token at `at` are visible, and its value and the sum of its result are.
    asks : Out(1)
        Wants to start.
    start, span, part : In(1), In(16), In(1)
        Starts in this cycle, for so many cycles and perhaps a part of one; none at all counts as 1.
    done : Out(1)
        Wants to finish.
    finish : In(1)
        Its invocation finishes in this cycle, here or, of a helper, elsewhere.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        place, slots = config.place_bits, config.config_slots
        super().__init__(
            {
                "dead": In(1),
                "join": In(1),
                "bind": In(1),
                "place": In(place),
                "joined": In(1),
                "slot": In(slots),
                "switch": In(1),
                "evict": In(slots),
                "context": Out(slots),
                "idle": Out(1),
                "busy": Out(1),
                "at": Out(place),
                "drawn": In(1),
                "valued": In(1),
                "asks": Out(1),
                "start": In(1),
                "span": In(NUMBER),
                "part": In(1),
                "done": Out(1),
                "finish": In(1),
            }
        )
        # States of a busy PEA; a helper is in neither.
        self.bound, self.running = Signal(), Signal()

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        # Cycles left, this one included, and whether a part of one comes on top: over in the last of them.
        left, part, over, switches = Signal(NUMBER), Signal(), Signal(), Signal()
        m.d.comb += [
            switches.eq(self.joined & self.bound & self.switch if self.config.switch_cycles else 0),
            over.eq(~left[1:].any() & ~(left[0] & part) & ~switches),
            self.asks.eq(self.bound & over & self.drawn),
            self.done.eq(self.running & over & self.valued),
        ]
        # The dispatcher begins with it: a register. The bits of dead parts are loaded before the start.
        m.d.sync += self.idle.eq(~self.dead & ~self.join & (~self.busy | self.finish))
        m.d.sync += self.context.eq(Mux(self.joined, self.slot, self.context) & ~self.evict)
        with m.If(switches):
            # The first cycle of the switch time is this one.
            m.d.sync += [left.eq(self.config.switch_cycles), part.eq(0)]
        with m.Elif(~over):
            m.d.sync += left.eq(left - 1)
        with m.If(self.join):
            m.d.sync += [self.busy.eq(1), self.at.eq(self.place)]
        with m.If(self.bind):
            m.d.sync += self.bound.eq(1)
        with m.If(self.start):
            m.d.sync += [self.bound.eq(0), self.running.eq(1), left.eq(self.span), part.eq(self.part)]
        with m.If(self.finish):
            m.d.sync += [self.running.eq(0), self.busy.eq(0)]
        return m
