# SPDX-License-Identifier: Apache-2.0
"""What the tests of the TBU's units share."""

import random
from typing import Any

from amaranth.sim import Simulator


def simulate(dut: Any, bench: Any) -> None:
    """Run one testbench to its end."""
    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()


def one_hot(number: int | None) -> int:
    """Return the bit of a number, no bit for none."""
    return 0 if number is None else 1 << number


def maybe(rng: random.Random, chance: float) -> bool:
    return rng.random() < chance
