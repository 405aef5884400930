# SPDX-License-Identifier: Apache-2.0
"""Runs a test bench on a component: the one way for the tests of all units, and what their benches share."""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from amaranth.sim import Simulator


def simulate(device: Any, *benches: Callable[[Any], Any], clocked: bool = True) -> None:
    """Run benches side by side, until all have come to their end."""
    simulator = Simulator(device)
    if clocked:
        simulator.add_clock(1e-6)
    for bench in benches:
        simulator.add_testbench(bench)
    with untraced():
        simulator.run()


@contextmanager
def untraced() -> Iterator[None]:
    """Measure no coverage for a while: it would double the time of a simulator, which runs lines of tests alone."""
    trace = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(trace)


def one_hot(number: int | None) -> int:
    """Return the bit of a number, no bit for none."""
    return 0 if number is None else 1 << number


def maybe(rng: random.Random, chance: float) -> bool:
    return rng.random() < chance
