# SPDX-License-Identifier: Apache-2.0
"""Slices, what flows with `first` or `stride` carry: whether they lie within the data that they are taken from.

Only forks, spawns and joins have data of a known size: a task's result is as long as its flows ask for, and what a
workload gives the entry block is not known here. Flows without `first` and `stride` may ask for any number of words.
"""

from __future__ import annotations

from octopus_hw.owg.objects import Branch, Fork, Join, Spawn, Workflow
from octopus_hw.owg.ranges import Bounds, child_bounds

__all__ = ["check_slices", "held_words"]


def check_slices(workflow: Workflow) -> None:
    """Refuse `first` and `stride` where they cannot be, and what lies beyond the data, with an `InputError`.

    The workflow is sound in all else.
    """
    sliced = [number for number, flow in enumerate(workflow.flows) if flow.first or flow.stride]
    for number in sliced:
        _check_source(workflow, number)
        _check_branches(workflow, number)
    children = child_bounds(workflow) if sliced else {}
    for number in sliced:
        _check_size(workflow, number, children)


def _check_source(workflow: Workflow, number: int) -> None:
    source = workflow.blocks[workflow.ends[number][0]]
    if workflow.flows[number].stride and not isinstance(source, Spawn):
        message = f"a stride tells a spawn's children apart, but '{source.id}' is a {source.kind}; leave it out"
        raise workflow.error(f"flows[{number}].stride", message)


def _check_branches(workflow: Workflow, number: int) -> None:
    for end, word in zip(workflow.ends[number], ("out of", "into"), strict=True):
        if isinstance(workflow.blocks[end], Branch):
            key = "first" if workflow.flows[number].first else "stride"
            message = f"{word} branch '{workflow.blocks[end].id}', which passes on words from 0 on; leave it out"
            raise workflow.error(f"flows[{number}].{key}", message)


def _check_size(workflow: Workflow, number: int, children: dict[int, Bounds]) -> None:
    flow, source = workflow.flows[number], workflow.ends[number][0]
    size = held_words(workflow, source, children)
    if size is None:
        return
    holds = f"{workflow.blocks[source].kind} '{flow.source}' holds {size}; take fewer or send it more"
    if flow.first + flow.words > size:
        raise workflow.error(f"flows[{number}]", f"the slice ends at word {flow.first + flow.words}, but {holds}")
    last = children[source][1] - 1 if flow.stride else 0
    if flow.stride and flow.first + last * flow.stride >= size:
        begins = f"the words of child {last} begin at {flow.first + last * flow.stride}"
        raise workflow.error(f"flows[{number}].stride", f"{begins}, but {holds}")


def held_words(workflow: Workflow, number: int, children: dict[int, Bounds]) -> int | None:
    """Return the most words that a block's data can have; None if that is not known here."""
    block = workflow.blocks[number]
    if number == workflow.entry_number or not isinstance(block, Fork | Spawn | Join):
        return None
    if isinstance(block, Join) and not block.waits_for_all:
        return workflow.areas[number] * children[workflow.numbers[block.of]][1]
    return workflow.areas[number]
