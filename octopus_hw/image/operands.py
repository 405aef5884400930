# SPDX-License-Identifier: Apache-2.0
"""What blocks keep at home of the words that flows bring them, in whole quads.

A parked task keeps its operand, a fork or spawn what it sends on, an end what goes to the host, a join what it gathers:
the flows of an ``all`` join one after the other, the children of a spawn by their index. What is gathered is sent on in
part, so it need not fit a place of a TBU; each flow's words do, and each task's result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from octopus_hw.contract.config import Config
from octopus_hw.image.limits import require_buffer, require_gathered, require_result, require_slice
from octopus_hw.image.words import area_words
from octopus_hw.owg.objects import Join, Workflow, aligned
from octopus_hw.owg.ranges import Bounds

__all__ = ["operands_of"]


def operands_of(
    workflow: Workflow, holders: Iterable[int], children: Mapping[int, Bounds], config: Config, given: int | None
) -> dict[int, int]:
    """Return the words that each block which holds tokens at home keeps there of one token, or, a join, gathers.

    Parameters
    ----------
    workflow : Workflow
    holders : iterable of int
        These blocks.
    children : mapping of int to (int, int)
        The fewest and most of each spawn.
    config : Config
    given : int or None
        The words of each row that the host sends; None if it sends none.

    Raises
    ------
    InputError
        A flow carries more than a buffer holds, a task makes more, a join gathers more than can be counted, or a slice
        begins where no data can be.
    """
    for flow in range(len(workflow.flows)):
        require_buffer(workflow, flow, config)
        require_slice(workflow, flow, config)
    for number in workflow.tasks:
        require_result(workflow, number, config)
    sizes = {number: aligned(area_words(workflow, number, given)) for number in holders}
    for number in sizes:
        block = workflow.blocks[number]
        if isinstance(block, Join):
            if not block.waits_for_all:
                sizes[number] *= children[workflow.numbers[block.of]][1]
            require_gathered(workflow, number, sizes[number])
    return sizes
