# SPDX-License-Identifier: Apache-2.0
"""Which words travel on a flow: so many of the holder's data, from one of them on.

Into a task, join, fork or spawn: what the file says. Into a branch none, since a decision takes the value alone: data
stay where they are until the walk ends at a block that takes them, by the flow that leaves the last branch.
"""

from __future__ import annotations

from typing import NamedTuple

from octopus_hw.owg.objects import Branch, End, Workflow

__all__ = ["Carried", "carried", "row_words", "words_behind"]


class Carried(NamedTuple):
    """What one row of a list carries by a flow: `words` of the holder's data from `first` on, which is 0 for none."""

    flow: int
    first: int
    words: int


def row_words(workflow: Workflow, flow: int) -> int:
    """Return the words that travel to the block that a flow enters."""
    # To the end none, as no stream reports its results yet.
    if isinstance(workflow.blocks[workflow.ends[flow][1]], Branch | End):
        return 0
    return workflow.flows[flow].words


def words_behind(workflow: Workflow, branch: int) -> int:
    """Return the most words that a flow takes of what comes to a branch."""
    return max(row_words(workflow, flow) for flow in workflow.takers[branch])


def carried(workflow: Workflow, flow: int, outer: Carried | None = None) -> Carried:
    """Return what a flow carries of its source's data or, if `outer` brings them to a fork, of the fork's holder's."""
    first, words = workflow.flows[flow].first, row_words(workflow, flow)
    if outer is not None:
        words = max(0, min(words, outer.words - first))
        first += outer.first
    return Carried(flow, first if words else 0, words)
