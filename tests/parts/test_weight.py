# SPDX-License-Identifier: Apache-2.0
"""Weights against the page's formula and its first values."""

import pytest
from amaranth.hdl import Module, Signal

from octopus_hw.contract.layout import WEIGHT
from octopus_hw.parts.weight import WORTH, worth
from tests.simulate import simulate


def test_every_weight_is_worth_what_the_page_says() -> None:
    m = Module()
    weight, result = Signal(WEIGHT), Signal(WORTH)
    m.d.comb += result.eq(worth(weight))
    assert len(worth(weight)) == WORTH

    async def bench(ctx) -> None:
        values = []
        for number in range(1 << WEIGHT):
            ctx.set(weight, number)
            values.append(ctx.get(result))
        assert values == [0, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384]

    simulate(m, bench, clocked=False)


def test_another_width_is_refused() -> None:
    with pytest.raises(AssertionError):
        worth(Signal(5))
