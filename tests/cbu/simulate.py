# SPDX-License-Identifier: Apache-2.0
"""Runs a test bench on a component."""

from collections.abc import Callable
from typing import Any

from amaranth.sim import Simulator


def simulate(device: Any, bench: Callable[[Any], Any], *, clocked: bool = True) -> None:
    simulator = Simulator(device)
    if clocked:
        simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
