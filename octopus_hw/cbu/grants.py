# SPDX-License-Identifier: Apache-2.0
"""Places in other tiles that were granted to this one (docs/timing.md#grants).

::

    i ──▶ [ 16 grants ] ──▶ o               old, stale: how many of the oldest were there a tick ago, two ticks ago
    tick ─▶ level ─▶ old ─▶ stale ──▶ late

One grant for each partner: there is always room. A grant that is taken lessens both numbers.
"""

from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.bits import Field, Layout
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import PARTNER
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.onehot import one_of
from octopus_hw.parts.queue import Queue

__all__ = ["GRANTS", "Grants", "grant_at"]

#: Partners of a tile: at four distances in four directions.
GRANTS = 1 << PARTNER


def grant_at(config: Config) -> Any:
    """Describe a place, and the tile that granted it."""
    widths = layouts(config)
    fields = Field("x", widths.coord), Field("y", widths.coord), Field("grant", widths.grant)
    return struct(Layout.of("GrantAt", "A place, and the tile that granted it.", *fields))


class Grants(wiring.Component):
    """The queue, and how long its items have been in it.

    Attributes
    ----------
    i, o : streams of grant_at
        A grant is taken from `o` to be used or to be given back.
    tick : In(1)
        In this cycle the tile ticks.
    late : Out(1)
        The oldest grant is stale.
    """

    def __init__(self, config: Config) -> None:
        item = grant_at(config)
        # Proofs look at these. Of the oldest grants so many were there at the last tick, and at the one before.
        self.queue = Queue(item, GRANTS)
        self.old, self.stale = Signal(range(GRANTS + 1)), Signal(range(GRANTS + 1))
        super().__init__(
            {
                "i": In(stream.Signature(item, always_ready=True)),
                "o": Out(stream.Signature(item)),
                "tick": In(1),
                "late": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.queue = queue = self.queue
        connect(m, queue.o, flipped(self.o))
        taken, old, stale = self.o.valid & self.o.ready, self.old, self.stale
        m.d.comb += [
            queue.i.valid.eq(self.i.valid),
            queue.i.payload.eq(self.i.payload),
            self.late.eq(stale != 0),
        ]
        level, rest = _less(queue.level, taken), _less(old, taken)
        with m.If(self.tick):
            m.d.sync += [stale.eq(rest), old.eq(level)]
        with m.Else():
            m.d.sync += [stale.eq(_less(stale, taken)), old.eq(rest)]
        return m


def _less(count: Value, taken: Value) -> Value:
    """Return the count, one less if one is taken, which is known late; not below 0."""
    less = (count - 1)[: len(count)]
    return one_of((taken & (count != 0), less), (~taken, count))
