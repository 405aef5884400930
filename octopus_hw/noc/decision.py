# SPDX-License-Identifier: Apache-2.0
"""The balancer's decision: whether the best partner is so far ahead that this tile wants its work.

::

    rate, hysteresis ─▶ [need] ──┐                  ┌──────────▶ wants
    best - pending ─────────────(-)──▶ (- work) ────┴─▶ [lead] ──▶ [allowance] ─▶ need
                                        decides         + need       at most twice the rate

`need` is the least difference that suffices: above the hysteresis, and with the allowance at least the rate. It is
known long before, so that `work`, which comes late in the cycle, meets one subtraction. What the difference does to the
allowance is worked out in the two cycles after, and a grant is paid for after that: in time for the next decision.
"""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.layout import PARTNER, WORK, Balance
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.weight import WORTH, worth
from octopus_hw.verilog.unit import Unit

__all__ = ["PENDING", "Decision"]

#: Bits of the work that is promised to partners.
PENDING = WORTH + PARTNER
#: Bits of the work that moves for each exchange: `worth` << 7 at most.
RATE = WORTH + 7


class Decision(Unit):
    """The allowance, and what it allows.

    Attributes
    ----------
    balance : In(struct(Balance))
        Parameters; they stay.
    best : In(12)
        The best partner's work.
    pending : In(13)
        Work that is promised to partners.
    work : In(12)
        The tile's.
    decides : In(1)
        Decide in this cycle; not in the three after.
    tick, granted : In(1)
        Nothing is wanted any more; a grant, at most one for each decision, lessens the allowance.
    wants : Out(1)
        The decision, from the next cycle on.
    """

    def __init__(self) -> None:
        # Proofs read these.
        self.allowance = Signal(RATE + 1)
        self.need = Signal(RATE)
        self.lead = Signal(signed(RATE + 1))
        self.rate = Signal(RATE)
        self.adds, self.settles, self.spent = Signal(), Signal(), Signal()
        super().__init__(
            {
                "balance": In(struct(Balance)),
                "best": In(WORK),
                "pending": In(PENDING),
                "work": In(WORK),
                "decides": In(1),
                "tick": In(1),
                "granted": In(1),
                "wants": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        hysteresis, lead, rate = self.balance.hysteresis, self.lead, self.rate
        grown, short, surplus = Signal(RATE + 1), Signal(signed(RATE + 2)), Signal(signed(RATE + 1))
        m.d.comb += [
            short.eq(rate - self.allowance),
            surplus.eq((self.best - self.pending - self.need) - self.work),
            grown.eq(self.allowance + lead),
        ]
        m.d.sync += [
            rate.eq(worth(self.balance.nominal) << self.balance.shift),
            self.need.eq(Mux(short > hysteresis, short, hysteresis + 1)),
            lead.eq(Mux(self.adds, lead + self.need, surplus)),
            self.adds.eq(self.decides),
            self.settles.eq(self.adds),
        ]
        with m.If(self.decides):
            m.d.sync += self.wants.eq(surplus >= 0)
        with m.Elif(self.tick | self.granted):
            m.d.sync += self.wants.eq(0)
        with m.If(self.settles):
            m.d.sync += self.allowance.eq(0)
            with m.If(lead > hysteresis):
                m.d.sync += self.allowance.eq(Mux(grown > rate << 1, rate << 1, grown))
        with m.Elif(self.spent & ~self.adds):
            m.d.sync += [self.allowance.eq(self.allowance - rate), self.spent.eq(0)]
        with m.If(self.granted):
            m.d.sync += self.spent.eq(1)
        return m
