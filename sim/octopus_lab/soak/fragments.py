# SPDX-License-Identifier: Apache-2.0
"""Random workflows: every construct of the format, nested at random, well-formed by the way they are grown.

A workflow is grown from *fragments*: a fragment has one entry block and any number of exits, blocks from which one
flow each goes on to whatever follows.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from octopus_hw.owg.load import workflow_from_json
from octopus_lab.soak.choose import Choose, listed, one_of
from octopus_lab.soak.slices import give_slices

__all__ = ["wide_workflow", "workflow"]

#: What a join may do with the values.
COLLECT: tuple[dict[str, str], ...] = ({}, {"value": "sum"}, {"value": "max"}, {"value": "count"})


@dataclass
class _Graph:
    """A workflow under construction; `budget` bounds its blocks."""

    choose: Choose
    budget: int
    shortest: int = 1
    longest: int = 40
    blocks: list[dict[str, Any]] = field(default_factory=list)
    flows: list[dict[str, Any]] = field(default_factory=list)

    def block(self, kind: str, **keys: Any) -> str:
        name = f"{kind}{len(self.blocks)}"
        self.blocks.append({"id": name, "kind": kind, **keys})
        return name

    def flow(self, source: str, target: str, words: int = 0, **keys: Any) -> None:
        if target.startswith("spawn"):  # enough for children to have parts of their own
            words = one_of(self.choose, (words, 64))
        self.flows.append({"from": source, "to": target, "words": words, **keys})

    def words(self) -> int:
        return one_of(self.choose, (0, 0, 0, 1, 3, 12, 40))

    def document(self, name: str, entry: str) -> dict[str, Any]:
        document = {"owg": 1, "name": name, "blocks": self.blocks, "entry": entry, "flows": self.flows}
        give_slices(self.choose, document, workflow_from_json(json.dumps(document)))
        return document


@dataclass(frozen=True)
class _Fragment:
    entry: str
    exits: tuple[str, ...]


def _source(g: _Graph, high: int, low: int = 0, growth: int = 2) -> Any:
    """Any source; an affine one takes the value up to `growth` times."""

    def number() -> int:
        return g.choose(low, high)

    match g.choose(0, 4):
        case 0:
            return number()
        case 1:
            return {"quantiles": listed(g.choose, number, 1, 5)}
        case 2:
            return {"affine": [g.choose(low, max(low, high // 2)), g.choose(-1, growth)]}
        case 3:
            rounds = [listed(g.choose, lambda: listed(g.choose, number, 1, 3), 1, 2) for _ in range(g.choose(1, 3))]
            return {"replay": rounds}
        case _:
            most = number()
            return {"scenes": {"calm": most, "busy": {"quantiles": [low, most]}}}


def _join_up(g: _Graph, fragment: _Fragment, target: str, words: int) -> None:
    for source in fragment.exits:
        g.flow(source, target, words)


def _single(g: _Graph, fragment: _Fragment) -> _Fragment:
    """The same fragment with one exit: a merge where there are more."""
    if len(fragment.exits) == 1:
        return fragment
    merge = g.block("branch")
    _join_up(g, fragment, merge, 0)
    return _Fragment(fragment.entry, (merge,))


def _task(g: _Graph) -> _Fragment:
    cycles = _source(g, g.longest, g.shortest)
    keys: dict[str, Any] = {"cycles": cycles, "parallel": one_of(g.choose, (1, 1, 2, 4))}
    if g.choose(0, 1):
        keys["value"] = _source(g, 6)
    if g.choose(0, 3) == 0:
        keys["config"] = g.choose(1, 20)
    name = g.block("task", **keys)
    return _Fragment(name, (name,))


def _branch(g: _Graph, depth: int, in_body: bool) -> _Fragment:
    thresholds = g.choose(0, 2) == 0
    choose = {"thresholds": sorted(g.choose(0, 6) for _ in range(2))} if thresholds else _source(g, 3)
    branch = g.block("branch", choose=choose)
    exits: list[str] = [branch] if g.choose(0, 1) else []
    for _ in range(g.choose(1, 2)):
        arm = _fragment(g, depth - 1, in_body)
        g.flow(branch, arm.entry, g.words())
        exits.extend(arm.exits)
    return _Fragment(branch, tuple(exits))


def _loop(g: _Graph, depth: int, in_body: bool) -> _Fragment:
    body = _fragment(g, depth - 1, in_body)
    branch = g.block("branch", choose=_source(g, 2))
    _join_up(g, body, branch, 0)
    g.flow(branch, body.entry, g.words(), loop=True, max_rounds=g.choose(1, 3))
    return _Fragment(body.entry, (branch,))


def _fork(g: _Graph, depth: int, in_body: bool) -> _Fragment:
    fork = _task(g).entry if g.choose(0, 1) else g.block("fork")
    join = g.block("join", of="all", **one_of(g.choose, COLLECT))
    if g.choose(0, 2) == 0:
        g.flow(fork, join, g.choose(0, 4))
    wide = g.choose(2, 3) if g.choose(0, 5) else 9
    for _ in range(wide):
        arm = _single(g, _fragment(g, depth - 1, in_body) if wide < 9 else _task(g))
        g.flow(fork, arm.entry, g.words())
        g.flow(arm.exits[0], join, g.choose(0, 4))
    return _Fragment(fork, (join,))


def _spawn(g: _Graph, depth: int) -> _Fragment:
    words = g.choose(0, 3)
    count = _source(g, 5, growth=0) if words or g.choose(0, 3) else g.choose(33, 48)
    spawn = g.block("spawn", count=count, keep_value=bool(g.choose(0, 1)))
    join = g.block("join", of=spawn, **one_of(g.choose, COLLECT))
    next(b for b in g.blocks if b["id"] == spawn)["join"] = join
    if g.choose(0, 5) == 0:
        g.flow(spawn, join, words)
    else:
        body = _fragment(g, depth - 1, True)
        g.flow(spawn, body.entry, g.words())
        _join_up(g, body, join, words)
    return _Fragment(spawn, (join,))


def _fragment(g: _Graph, depth: int, in_body: bool) -> _Fragment:
    g.budget -= 1
    if depth <= 0 or g.budget <= 0:
        return _task(g)
    kind = g.choose(0, 6)
    if kind <= 1:
        first = _fragment(g, depth - 1, in_body)
        second = _fragment(g, depth - 1, in_body)
        _join_up(g, first, second.entry, g.words())
        return _Fragment(first.entry, second.exits)
    if kind == 2:
        return _branch(g, depth, in_body)
    if kind == 3:
        return _loop(g, depth, in_body)
    if kind == 4:
        return _fork(g, depth, in_body)
    if kind == 5 and not in_body:
        return _spawn(g, depth)
    return _task(g)


def _ended(g: _Graph, name: str, fragment: _Fragment) -> dict[str, Any]:
    end = g.block("end")
    _join_up(g, fragment, end, g.words())
    return g.document(name, fragment.entry)


def workflow(choose: Choose, name: str, longest: int) -> dict[str, Any]:
    """Make a workflow of up to about 20 blocks, as its JSON object; tasks take up to `longest` cycles."""
    g = _Graph(choose, budget=14, longest=longest)
    if choose(0, 20) == 20:  # one block: nothing to do
        return g.document(name, g.block("end"))
    return _ended(g, name, _fragment(g, one_of(choose, (0, 1, 2, 3, 3, 4)), in_body=False))


def wide_workflow(choose: Choose, name: str) -> dict[str, Any]:
    """Make a workflow with many long tasks at once in each instance, as its JSON object."""
    g = _Graph(choose, budget=8, shortest=30, longest=one_of(choose, (60, 300, 1000)))
    first, spawn = _task(g), g.block("spawn", count=choose(6, 40), join="gather")
    g.blocks.append({"id": "gather", "kind": "join", "of": spawn})
    body = _fragment(g, choose(0, 2), in_body=True)
    g.flow(first.entry, spawn, g.words())
    g.flow(spawn, body.entry, g.words())
    _join_up(g, body, "gather", choose(0, 3))
    return _ended(g, name, _Fragment(first.entry, ("gather",)))
