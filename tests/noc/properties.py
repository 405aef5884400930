# SPDX-License-Identifier: Apache-2.0
"""Properties that several proofs of the fabric share."""

from collections.abc import Iterable

from amaranth.hdl import Assert, Cat, Module, Value

from octopus_hw.parts.arbiter import RoundRobin


def points_to(arbiter: RoundRobin, pointer: int) -> Value:
    """Whether an arbiter's pointer is at a place."""
    order = [(number - pointer) % arbiter.count for number in range(arbiter.count)]
    return arbiter.before == sum((order[i] < order[j]) << bit for bit, (i, j) in enumerate(arbiter.pairs))


def assert_pointers(m: Module, arbiters: Iterable[RoundRobin]) -> None:
    """Assert that each arbiter's pointer is a place: of a pair that it lies between, the second comes first."""
    for arbiter in arbiters:
        m.d.comb += Assert(Cat(points_to(arbiter, pointer) for pointer in range(arbiter.count)).any())
