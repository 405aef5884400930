# SPDX-License-Identifier: Apache-2.0
"""The sources of what the engine takes in IDLE, in their order (docs/timing.md#idle).

::

    INJECT │ GRANT STALE │ ARRIVAL ANSWER PLACE │ DONE 0 .. T-1 │ RESUMED READY STALLED │ INJECT
     late  │  0     1    │ 2 = the pointer's start                                      │  late

A round robin is a circle: the page begins it at ARRIVAL, here it begins after INJECT, which is known late in the cycle
and so comes last (`octopus_hw.cbu.source_arbiter`). Count, start, group and cases follow from this order.
"""

from enum import Enum, auto

__all__ = ["EngineSource", "numbers"]


class EngineSource(Enum):
    """Where the engine gets an item from."""

    GRANT = auto()  #: a place for the partner that the balancer wants work of
    STALE = auto()  #: a grant that was not used in time
    ARRIVAL = auto()  #: a token that came home
    ANSWER = auto()  #: an ANSWER, a GRANT or a TAKEN
    PLACE = auto()  #: a PLACE
    DONE = auto()  #: completions: a source for each TBU
    RESUMED = auto()  #: a place that may go on
    READY = auto()  #: a home record that may go on
    STALLED = auto()  #: a home record that is tried again
    INJECT = auto()  #: an instance


def numbers(tbus: int) -> dict[EngineSource, range]:
    """Return the numbers of each source in the round robin: T of DONE, one of the others."""
    result, next_ = {}, 0
    for source in EngineSource:
        count = tbus if source == EngineSource.DONE else 1
        result[source] = range(next_, next_ + count)
        next_ += count
    return result
