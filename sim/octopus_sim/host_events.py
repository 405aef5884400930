# SPDX-License-Identifier: Apache-2.0
"""What a host did to a run, and when: all that a model with no host port must be told (docs/timing.md#results-out)."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["HOST_EVENT", "parse_host_events"]

#: `what` is a `codes.HostEvent`, `count` its words, credits, or 1.
HOST_EVENT = np.dtype([("cycle", np.int64), ("what", np.int64), ("count", np.int64)])
#: What the lines begin with that the RTL prints.
PREFIX = "HOST "


def parse_host_events(lines: Iterable[str]) -> NDArray[np.void]:
    """Collect the host events in a simulator's output, in the order of their cycles; other lines are passed over."""
    found = [tuple(map(int, line.split()[1:])) for line in lines if line.startswith(PREFIX)]
    events = np.array(found, HOST_EVENT)
    return events[np.argsort(events["cycle"], kind="stable")]
