# SPDX-License-Identifier: Apache-2.0
"""What blocks keep at home of the words that flows bring them.

A parked task keeps its operand, a fork or spawn what it sends on, a join what it gathers: the flows of an ``all`` join
one after the other, the children of a spawn by their index. What is gathered is sent on in part, so it need not fit a
place of a TBU; each flow's words do.
"""

from __future__ import annotations

from dataclasses import dataclass

from octopus_hw.contract.config import Config
from octopus_hw.image.limits import require_buffer, require_gathered
from octopus_hw.image.lists import held_forks, holds_tokens, lanes_of, outgoing_lists
from octopus_hw.image.words import needed_by_list, passed_words, row_words
from octopus_hw.owg.objects import Join, Spawn, Workflow
from octopus_hw.owg.ranges import child_bounds

__all__ = ["Operands", "operands_of"]


@dataclass(frozen=True)
class Operands:
    """What there is of each block that holds tokens, and of each flow.

    Attributes
    ----------
    size : dict of int to int
        Words of a block, in each lane.
    child : dict of int to int
        Words of each child, of a spawn's join.
    words : list of int
        What travels on a flow.
    offset : dict of int to int
        Where a flow's words go within what an ``all`` join gathers.
    """

    size: dict[int, int]
    child: dict[int, int]
    words: list[int]
    offset: dict[int, int]


def operands_of(workflow: Workflow, config: Config) -> Operands:
    """Return the operands of a workflow's blocks.

    Raises
    ------
    InputError
        A flow carries more than a buffer holds, or a join gathers more than can be addressed.
    """
    passed = passed_words(workflow)
    words = [row_words(workflow, flow, passed) for flow in range(len(workflow.flows))]
    operands = Operands({}, {}, words, {})
    held, lists, lanes = held_forks(workflow), outgoing_lists(workflow), lanes_of(workflow)
    children = child_bounds(workflow)
    for number, block in enumerate(workflow.blocks):
        if not holds_tokens(workflow, number, held):
            continue
        most = _largest(workflow, number, words, config)
        size = most
        if isinstance(block, Join) and block.waits_for_all:
            size = _in_order(workflow, number, operands, in_body=number in lanes)
        elif isinstance(block, Join):
            operands.child[number] = most
            size = most * children[workflow.numbers[block.of]][1]
        if isinstance(block, Join | Spawn) or number in held:
            size = max(size, needed_by_list(workflow, lists[number], passed))
        operands.size[number] = size
    return operands


def _largest(workflow: Workflow, number: int, words: list[int], config: Config) -> int:
    """Return the most words that a flow brings to a block."""
    for flow in workflow.incoming[number]:
        if words[flow] > config.buffer_words:
            require_buffer(workflow, flow, config)
    return max((words[flow] for flow in workflow.incoming[number]), default=0)


def _in_order(workflow: Workflow, number: int, operands: Operands, *, in_body: bool) -> int:
    """Put the flows of an ``all`` join one after the other, and return the words of all."""
    size = 0
    for flow in workflow.incoming[number]:
        operands.offset[flow] = size
        size += operands.words[flow]
        require_gathered(workflow, flow, size if in_body else operands.offset[flow])
    return size
