# SPDX-License-Identifier: Apache-2.0
"""Round robin: the first request, counting cyclically from a pointer (docs/timing.md#round-robin).

Waiting is bounded: a request that stays up is granted after at most ``count - 1`` other grants.

The pointer is kept as what follows from it, a bit for each pair of requesters that says which of the two comes first:
a grant then needs to look at nothing but the other requests and one bit for each.

::

    pointer 2 of 4: order 2 3 0 1      before: 0<1 yes  0<2 no  0<3 no  1<2 no  1<3 no  2<3 yes
"""

from itertools import combinations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.verilog.unit import Unit

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
    stay : In(1)
        With `take`: the pointer moves to the granted one instead, who comes first from now on, until a grant without
        `stay`.
    grant : Out(count)
        One-hot; zero without a request.
    number : Out(range(max(count, 2)))
        The granted requester's number; 0 without a request.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"count: {count!r} is not a positive number")
        self.count = count
        self.pairs = list(combinations(range(count), 2))
        # For each pair whether the pointer is such that its first one comes first. Proofs read it.
        # A signal without bits, as one requester would have, has no faithful form in Verilog.
        self.before = Signal(max(1, len(self.pairs)), init=(1 << len(self.pairs)) - 1)
        super().__init__(
            {
                "requests": In(count),
                "take": In(1),
                "stay": In(1),
                "grant": Out(count),
                "number": Out(range(max(count, 2))),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        waits: list[Value] = [~request for request in self.requests]
        for (i, j), before in zip(self.pairs, self.before, strict=False):
            waits[i] = waits[i] | self.requests[j] & ~before
            waits[j] = waits[j] | self.requests[i] & before
        m.d.comb += self.grant.eq(~Cat(waits))
        for i in range(self.count):
            with m.If(self.grant[i]):
                m.d.comb += self.number.eq(i)
        with m.If(self.take & self.requests.any()):
            # A pair is the other way round exactly if the pointer comes to lie behind its first, up to its second.
            behind = [~self.grant[i:j].any() for i, j in self.pairs] or [Const(0, 1)]
            at = [~self.grant[i + 1 : j + 1].any() for i, j in self.pairs] or [Const(0, 1)]
            m.d.sync += self.before.eq(Mux(self.stay, Cat(at), Cat(behind)))
        return m
