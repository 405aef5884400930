# SPDX-License-Identifier: Apache-2.0
"""Smaller workflows that are still well-formed.

Two edits are enough to get from any workflow to any part of it: going straight to a later block instead of to an
earlier one, and leaving out a flow. What cannot be reached any more falls away, and what is then not well-formed is
passed over.
"""

import json
from collections.abc import Iterator
from typing import Any

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.load import workflow_from_json

__all__ = ["fewer_blocks", "plainer_blocks"]

Document = dict[str, Any]


def fewer_blocks(owg: Document) -> Iterator[Document]:
    """Yield what has fewer blocks or flows, the smallest of each kind of edit first."""
    names = [block["id"] for block in owg["blocks"]]
    shortened = [_redirected(owg, one, other) for one in names for other in names if one != other]
    cut = [owg | {"flows": owg["flows"][:at] + owg["flows"][at + 1 :]} for at in range(len(owg["flows"]))]
    for candidates in (shortened, cut):
        pruned = [_pruned(candidate) for candidate in candidates]
        yield from filter(_is_well_formed, sorted((one for one in pruned if _size(one) < _size(owg)), key=_size))


def plainer_blocks(owg: Document) -> Iterator[Document]:
    """Yield what has a plain number instead of a source, no data on a flow, or nothing optional at a block."""
    plain = {"value": 1, "cycles": 10, "choose": 0, "count": 2}
    for at, block in enumerate(owg["blocks"]):
        for key in block:
            if key in ("config", "parallel", "keep_value") or (key == "value" and block["kind"] in ("task", "join")):
                yield from _with(owg, "blocks", at, {k: v for k, v in block.items() if k != key})
            if key in plain and block[key] != plain[key]:
                yield from _with(owg, "blocks", at, block | {key: plain[key]})
    for at, flow in enumerate(owg["flows"]):
        if flow["words"]:
            yield from _with(owg, "flows", at, flow | {"words": 0})


def _with(owg: Document, part: str, at: int, new: Document) -> Iterator[Document]:
    candidate = owg | {part: [*owg[part][:at], new, *owg[part][at + 1 :]]}
    if _is_well_formed(candidate):
        yield candidate


def _redirected(owg: Document, one: str, other: str) -> Document:
    """Whatever went to one block goes to the other."""
    flows = [flow | {"to": other} if flow["to"] == one else flow for flow in owg["flows"]]
    return owg | {"flows": flows, "entry": other if owg["entry"] == one else owg["entry"]}


def _pruned(owg: Document) -> Document:
    """Leave out what cannot be reached."""
    reached, left = set(), [owg["entry"]]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += [flow["to"] for flow in owg["flows"] if flow["from"] == name]
    blocks = [block for block in owg["blocks"] if block["id"] in reached]
    return owg | {"blocks": blocks, "flows": [flow for flow in owg["flows"] if flow["from"] in reached]}


def _size(owg: Document) -> tuple[int, int]:
    return len(owg["blocks"]), len(owg["flows"])


def _is_well_formed(owg: Document) -> bool:
    try:
        workflow_from_json(json.dumps(owg))
    except InputError:
        return False
    return True
