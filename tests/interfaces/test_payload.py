# SPDX-License-Identifier: Apache-2.0
"""Payloads of control messages by the names of their fields."""

import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.payload import payload_as, payload_of

#: A holder has 13 bits, a TBU 3.
WIDTHS = layouts(Config(tbus=6, home_records=4096))


def settle(m: Module, *values: Signal) -> list[int]:
    """Simulate one cycle of combinational logic; return the values at its end."""
    seen: list[int] = []

    async def bench(ctx) -> None:
        await ctx.delay(1e-6)
        seen.extend(ctx.get(value) for value in values)

    simulator = Simulator(m)
    simulator.add_testbench(bench)
    simulator.run()
    return seen


def test_fields_are_read_and_driven_where_they_lie() -> None:
    m, message, holder, tbu = Module(), Signal(struct(WIDTHS.control_flit)), Signal(13), Signal(3)
    asked = payload_as(WIDTHS.place_request, message)
    m.d.comb += [asked.holder.eq(0x1234), asked.tbu.eq(5), holder.eq(asked.holder), tbu.eq(asked.tbu)]
    assert settle(m, message.payload, holder, tbu) == [5 << 13 | 0x1234, 0x1234, 5]


def test_values_are_cut_or_extended_to_their_fields() -> None:
    m, payload = Module(), Signal(32)
    wide, narrow = Signal(16, init=0xFFFF), Signal(2, init=3)
    m.d.comb += payload.eq(payload_of(WIDTHS.place_request, holder=wide, tbu=narrow))
    assert settle(m, payload) == [3 << 13 | 0x1FFF]


def test_a_field_left_out_is_an_error() -> None:
    with pytest.raises(KeyError, match="place"):
        payload_of(WIDTHS.grant, tbu=Signal(3))
