# SPDX-License-Identifier: Apache-2.0
"""Which of a tile's slots are free (docs/timing.md#idle).

::

    mask ──▶ [ one bit for each slot ] ──▶ some, lowest ──▶ take
                     ▲
    retire, left ────┘            both can free one in the same cycle
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import slot_release

__all__ = ["Slots"]


class Slots(wiring.Component):
    """A bitmap; what is taken or freed in a cycle is visible in the next.

    Attributes
    ----------
    mask : In(max_instances)
        Slots that may be taken.
    some, lowest : Out(1), Out(slot)
        One of them is free; the lowest such.
    take : In(1)
        It is taken; only with `some`.
    retire, left : In(slot_release)
        A slot is free again: with the retirement of its instance, or when its result has left.
    """

    def __init__(self, config: Config) -> None:
        self.count = config.max_instances
        #: One bit for each slot; proofs look at them.
        self.free = Signal(self.count, init=-1)
        freed = slot_release(config)
        super().__init__(
            {
                "mask": In(self.count),
                "some": Out(1),
                "lowest": Out(layouts(config).slot),
                "take": In(1),
                "retire": In(freed),
                "left": In(freed),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        own, taken, back = Signal(self.count), Signal(self.count), Signal(self.count)
        m.d.comb += [own.eq(self.free & self.mask), self.some.eq(own.any())]
        for slot in reversed(range(self.count)):
            with m.If(own[slot]):
                m.d.comb += self.lowest.eq(slot)
        retired, sent = (Mux(freed.valid, 1 << freed.slot, 0) for freed in (self.retire, self.left))
        m.d.comb += [taken.eq(Mux(self.take, own & (~own + 1), 0)), back.eq(retired | sent)]
        m.d.sync += self.free.eq(self.free & ~taken | back)
        return m
