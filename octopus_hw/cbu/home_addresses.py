# SPDX-License-Identifier: Apache-2.0
"""Where a token lies at its home: place(r) of docs/timing.md#states. Combinational.

::

    row r ────▶ ┌───────────────────────┐ ──▶ record = s.record + r.record (+ lane)
    slot row s ▶│ one addition for each │ ──▶ join   = s.join + r.join (+ lane)
    lane ──────▶└───────────────────────┘ ──▶ area   = s.data + r.area

    offset_in_area: m = (lane or index) x stride, the only multiplication

The slot's sums with the lane do not wait for r: behind the flow table lie one choice and one addition.
"""

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.codes import Kind
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import INDEX, LANES
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct

__all__ = ["HomeAddresses", "offset_in_area"]

_LANE = (LANES - 1).bit_length()


class HomeAddresses(wiring.Component):
    """The sums.

    Attributes
    ----------
    row, slot : In(flow_row), In(slot_row)
        r and s.
    lane : In(5)
        The token's index mod 32.
    record, join, area : Out(record), Out(join), Out(address)
        Home record, join record, and where the destination's data begin.
    """

    def __init__(self, config: Config) -> None:
        widths = layouts(config)
        super().__init__(
            {
                "row": In(struct(widths.flow_row)),
                "slot": In(struct(widths.slot_row)),
                "lane": In(_LANE),
                "record": Out(widths.record),
                "join": Out(widths.join),
                "area": Out(widths.address),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        row, slot = self.row, self.slot
        record_lane, join_lane = Signal.like(self.record), Signal.like(self.join)
        m.d.comb += [
            record_lane.eq(slot.record + self.lane),
            join_lane.eq(slot.join + self.lane),
            self.record.eq(Mux(row.laned, record_lane, slot.record) + row.record),
            self.join.eq(Mux(row.laned & (row.kind == Kind.JOIN), join_lane, slot.join) + row.join),
            self.area.eq(slot.data + row.area),
        ]
        return m


def offset_in_area(row: Any, index: Value) -> Value:
    """Return m, as wide as an address: where in the destination's area the token's lane, or its index, begins."""
    bits = len(row.area)
    which = Mux(row.laned, index[:_LANE], index[: min(bits, INDEX)])
    return (which * row.stride)[:bits]
