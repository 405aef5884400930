# SPDX-License-Identifier: Apache-2.0
"""What the host sends while a run lasts: the rows of each stream that has inputs."""

from __future__ import annotations

import numpy as np

from octopus_hw.image.image import Inputs
from octopus_hw.owg.workload import Resolved

__all__ = ["inputs_of"]


def inputs_of(resolved: Resolved) -> tuple[Inputs, ...]:
    """Return what goes to the instances of each stream with inputs, in their order; they follow one another."""
    streams = resolved.workload.streams
    counts = np.bincount(resolved.stream, minlength=len(streams)).tolist()
    firsts = np.cumsum([0, *counts]).tolist()
    return tuple(
        Inputs(first=first, instances=count, rows=stream.rows)
        for stream, first, count in zip(streams, firsts, counts, strict=False)
        if stream.rows is not None
    )
