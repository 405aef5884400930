# SPDX-License-Identifier: Apache-2.0
"""Round robin: the first request, counting cyclically from a pointer (docs/timing.md, section 1).

Waiting is bounded: a request that stays up is granted after at most ``count - 1`` other grants.
"""

from amaranth.hdl import Module, Signal
from amaranth.lib.wiring import In, Out

from octopus_hw.unit import Unit

__all__ = ["RoundRobin"]


class RoundRobin(Unit):
    """Combinational grant, registered pointer.

    Parameters
    ----------
    count
        Number of requesters.

    Attributes
    ----------
    requests : In(count)
        Who asks, and could be served, in this cycle.
    take : In(1)
        The grant is used in this cycle: the pointer moves behind it.
    grant : Out(count)
        One-hot; zero without a request.
    number : Out(range(max(count, 2)))
        The granted requester's number; 0 without a request.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"count: {count!r} is not a positive number")
        self.count = count
        # Ones from the pointer upwards; the lowest request under it wins, else the lowest of all. Proofs read it.
        self.mask = Signal(count, init=-1)
        super().__init__(
            {"requests": In(count), "take": In(1), "grant": Out(count), "number": Out(range(max(count, 2)))}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        mask = self.mask
        masked = Signal(self.count)
        chosen = Signal(self.count)
        m.d.comb += [
            masked.eq(self.requests & mask),
            chosen.eq(
                masked.any().replicate(self.count) & masked | ~masked.any().replicate(self.count) & self.requests
            ),
            self.grant.eq(chosen & (~chosen + 1)),
        ]
        for i in range(self.count):
            with m.If(self.grant[i]):
                m.d.comb += self.number.eq(i)
        with m.If(self.take & self.requests.any()):
            # Ones strictly above the grant; behind the last requester the pointer is 0 again.
            above = ~(self.grant | (self.grant - 1))
            m.d.sync += mask.eq(above)
            with m.If(self.grant[-1]):
                m.d.sync += mask.eq(-1)
        return m
