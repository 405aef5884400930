# SPDX-License-Identifier: Apache-2.0
"""The engine's round robin over its sources, the last of which is known late in the cycle.

::

    early ──▶ [ first from the pointer on, else first of all ] ──▶ likely, some
      └─────▶ [ the same among a group                       ] ──▶ of_group
    late ──────────────────────────────────────────────────────▶ [ gate ] ──▶ takes_late

It grants as `octopus_hw.parts.arbiter.RoundRobin` over early and late does: the last source comes after all that are
asked from the pointer on and before all others. So `likely` needs only to know early requests, and late is the last
gate. A round robin is a circle: the sources may be numbered from any one on, if only the pointer starts at the right
one. What a group of similar sources has to offer can be chosen beside the search for who is granted: if it is one of
them, it is the one that would be granted if nobody else asked.
"""

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.parts.onehot import encode, lowest, one_of

__all__ = ["SourceArbiter"]


class SourceArbiter(wiring.Component):
    """Combinational grants, registered pointer.

    Parameters
    ----------
    count
        Sources, the late one included.
    first
        Where the pointer starts.
    group
        Numbers of the group's first source, and of the one after its last.

    Attributes
    ----------
    early : In(count - 1)
        Who asks.
    late : In(1)
        The last source asks.
    take : In(1)
        Grants count in this cycle: the pointer moves behind the one granted.
    takes_late : Out(1)
        The last source is granted.
    some, likely : Out(1), Out(range(count))
        The early source `likely` is granted, if `takes_late` is low.
    of_group : Out(the group)
        One-hot: the source of the group that is granted, if any of them is.
    """

    def __init__(self, count: int, first: int = 0, group: tuple[int, int] = (0, 0)) -> None:
        self.count = count
        self.first = first
        self.group = slice(*group)
        # Ones from the pointer on. Proofs read it.
        self.mask = Signal(count - 1, init=(1 << count - 1) - (1 << first))
        super().__init__(
            {
                "early": In(count - 1),
                "late": In(1),
                "take": In(1),
                "takes_late": Out(1),
                "some": Out(1),
                "likely": Out(range(count)),
                "of_group": Out(group[1] - group[0]),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        mask = self.mask
        masked, chosen = Signal(self.count - 1), Signal(self.count - 1)
        m.d.comb += [
            masked.eq(self.early & mask),
            chosen.eq(_first(masked, self.early)),
            self.of_group.eq(_first(masked[self.group], self.early[self.group])),
            self.takes_late.eq(self.late & ~masked.any()),
            self.some.eq(self.early.any()),
            self.likely.eq(encode(chosen, len(self.likely))),
        ]
        with m.If(self.take):
            with m.If(self.takes_late):
                m.d.sync += mask.eq(-1)
            with m.Elif(self.some):
                m.d.sync += mask.eq(Cat(chosen[:number].any() for number in range(self.count - 1)))
        return m


def _first(masked: Value, all_: Value) -> Value:
    """Return the first of those from the pointer on, or else of all, one-hot; both are worked out side by side."""
    some = masked.any()
    return one_of((some, lowest(masked)), (~some, lowest(all_)))
