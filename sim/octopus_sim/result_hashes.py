# SPDX-License-Identifier: Apache-2.0
"""What the interpreter says of results: the `data` of each `finish`, for the model, which holds no words."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from octopus_hw.owg.interpret import Execution
from octopus_hw.owg.measures import executions
from octopus_hw.owg.workload import Instance, Resolved
from octopus_sim.model.results import result_table

__all__ = ["result_hashes"]


def result_hashes(resolved: Resolved, runs: Iterable[tuple[Instance, Execution]] | None = None) -> NDArray[np.void]:
    """Return the table that `octopus_sim.model.run` takes.

    Parameters
    ----------
    resolved
        What is run.
    runs
        Its `executions` with words, if at hand.
    """
    rows = [
        (instance.number, task.block, task.index, task.round, task.hash)
        for instance, run in (runs if runs is not None else executions(resolved, words=True))
        for task in run.invocations
    ]
    instance, block, index, round_, data = np.array(rows, np.int64).reshape(-1, 5).T
    return result_table({"instance": instance, "block": block, "index": index, "round": round_}, data)
