# SPDX-License-Identifier: Apache-2.0
"""Which links stall when: the RTL against the page's formula."""

import random

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.noc.link_stalls import LinkStalls
from tests.simulate import simulate

MASK = 0xFFFFFFFF


def stalls(sixteenths: int, seed: int, x: int, y: int, cycle: int) -> int:
    h = ((seed ^ (x << 25 | y << 18)) + (cycle >> 2)) & MASK
    h ^= h >> 16
    h = h * 0x85EBCA6B & MASK
    h ^= h >> 13
    h = h * 0xC2B2AE35 & MASK
    h ^= h >> 16
    return sum((h >> 4 * link & 15 < sixteenths) << link for link in range(8))


@pytest.mark.parametrize("sixteenths", [1, 3, 15])
def test_the_formula_of_the_page(sixteenths):
    device, rng = LinkStalls(Config(link_stalls=sixteenths)), random.Random(sixteenths)
    stalled = []

    async def drive(ctx):
        for _ in range(500):
            seed, x, y, cycle = (rng.getrandbits(bits) for bits in (32, 7, 7, 32))
            for name, value in (("seed", seed), ("x", x), ("y", y), ("cycle", cycle)):
                ctx.set(getattr(device.state, name), value)
            got = ctx.get(device.data) | ctx.get(device.control) << 4
            assert got == stalls(sixteenths, seed, x, y, cycle)
            stalled.append(got.bit_count())

    simulate(device, drive, clocked=False)
    assert abs(sum(stalled) / 4000 - sixteenths / 16) < 0.03
