# SPDX-License-Identifier: Apache-2.0
"""Where randomness comes from: one function, be it `random.Random.randint` or a test library's draw."""

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["Choose", "listed", "one_of"]

#: ``choose(low, high)`` returns a number from low to high, both included.
Choose = Callable[[int, int], int]

T = TypeVar("T")


def one_of(choose: Choose, options: Sequence[T]) -> T:
    """Return one of some options."""
    return options[choose(0, len(options) - 1)]


def listed(choose: Choose, item: Callable[[], T], least: int, most: int) -> list[T]:
    """Make a list of `least` to `most` items."""
    return [item() for _ in range(choose(least, most))]
