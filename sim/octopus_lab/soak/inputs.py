# SPDX-License-Identifier: Apache-2.0
"""Inputs for random workloads, of random words, so that no file is needed beside them.

A stream says them in a note of its own: ``"x_inputs": {"rows": 3, "words": 7, "seed": 5}``.
"""

import json
from dataclasses import replace
from typing import Any

import numpy as np

from octopus_hw.owg.load import workload_from_json
from octopus_hw.owg.workload import Stream, Workload
from octopus_lab.soak.choose import Choose, one_of

__all__ = ["INPUTS", "loaded", "random_inputs"]

#: The note's key.
INPUTS = "x_inputs"


def random_inputs(choose: Choose) -> dict[str, dict[str, int]]:
    """Return a stream's note, or none."""
    if choose(0, 2):
        return {}
    words = one_of(choose, (0, 1, 4, 7, 12, 40))
    return {INPUTS: {"rows": choose(1, 5), "words": words, "seed": choose(0, 2**16 - 1)}}


def loaded(document: dict[str, Any]) -> Workload:
    """Return the workload of a JSON object, with the rows that its notes say.

    Raises
    ------
    InputError
        It is not well-formed.
    """
    workload = workload_from_json(json.dumps(document))
    notes = [stream.get(INPUTS) for stream in document["streams"]]
    return replace(workload, streams=tuple(map(_given, workload.streams, notes)))


def _given(stream: Stream, note: dict[str, int] | None) -> Stream:
    if note is None:
        return stream
    shape = note["rows"], note["words"]
    return replace(stream, rows=np.random.default_rng(note["seed"]).integers(0, 1 << 32, shape, np.uint32))
