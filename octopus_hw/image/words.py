# SPDX-License-Identifier: Apache-2.0
"""Which words travel on a flow: so many of the holder's data, from one of them on.

Into a task, join, fork, spawn or the end: what the file says. Into a branch none, since a decision takes the value
alone: data stay where they are until the walk ends at a block that takes them, by the flow that leaves the last branch.
So it is with the row of words that the host sends an instance: all of it travels to the entry block, none to a branch.

An end that words may reach *reports*: its token goes to the host. So does that of a stream with inputs, whatever
reaches its end.
"""

from __future__ import annotations

from typing import NamedTuple

from octopus_hw.owg.objects import Branch, Workflow

__all__ = ["Carried", "area_words", "carried", "entry_words", "reports", "row_words", "words_behind"]


class Carried(NamedTuple):
    """What one row of a list carries by a flow: `words` of the holder's data from `first` on, which is 0 for none."""

    flow: int
    first: int
    words: int


def row_words(workflow: Workflow, flow: int) -> int:
    """Return the words that travel to the block that a flow enters."""
    return 0 if isinstance(workflow.blocks[workflow.ends[flow][1]], Branch) else workflow.flows[flow].words


def entry_words(workflow: Workflow, given: int | None) -> int:
    """Return the words that travel to the entry block of the `given` ones that the host sends, None if it does not."""
    return 0 if given is None or isinstance(workflow.blocks[workflow.entry_number], Branch) else given


def area_words(workflow: Workflow, number: int, given: int | None) -> int:
    """Return the words that data coming to a block may have: for a spawn's join, those of one child."""
    entering = entry_words(workflow, given) if number == workflow.entry_number else 0
    return max(workflow.areas[number], entering)


def reports(workflow: Workflow, given: int | None) -> bool:
    """Say whether the end's token goes to the host, for a stream whose rows have `given` words, None without inputs."""
    return given is not None or workflow.areas[workflow.end_number] > 0


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
