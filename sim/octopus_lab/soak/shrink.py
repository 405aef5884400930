# SPDX-License-Identifier: Apache-2.0
"""Makes a case that fails as small as it gets while it still fails.

One kind of edit after the other is tried, each as long as it helps, round after round until none does.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

__all__ = ["Edit", "shrink"]

T = TypeVar("T")

#: Yields smaller cases, the smallest first.
Edit = Callable[[T], Iterator[T]]


def shrink(
    case: T,
    fails: Callable[[T], bool],
    stages: Sequence[Sequence[Edit[T]]],
    *,
    attempts: int = 1000,
    report: Callable[[str], None] = lambda text: None,
) -> T:
    """Return a smaller case that fails, or the case itself.

    Parameters
    ----------
    case
        One that fails.
    fails
        Runs a case.
    stages
        Edits that are tried together, stage after stage.
    attempts
        Most cases to run.
    report
        Told of each smaller case.
    """
    left = attempts

    def smaller(case: T, edit: Edit[T]) -> T | None:
        nonlocal left
        for candidate in edit(case):
            if left <= 0:
                return None
            left -= 1
            if fails(candidate):
                report(f"{candidate} ({attempts - left} runs)")
                return candidate
        return None

    for edits in stages:
        before = None
        while before != case:
            before = case
            for edit in edits:
                while (found := smaller(case, edit)) is not None:
                    case = found
    return case
