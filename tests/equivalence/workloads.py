# SPDX-License-Identifier: Apache-2.0
"""Random workloads for whole-chip tests: every construct of the format, nested at random, small enough for hundreds.

A workflow is grown from *fragments*: a fragment has one entry block and any number of exits, blocks from which one
flow each goes on to whatever follows.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

__all__ = ["workloads"]

Draw = Any

#: What a join may do with the values.
COLLECT = ({}, {"value": "sum"}, {"value": "max"}, {"value": "count"})


@dataclass
class _Graph:
    """A workflow under construction."""

    draw: Draw
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
        self.flows.append({"from": source, "to": target, "words": words, **keys})

    def pick(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))

    def words(self) -> int:
        return int(self.draw(st.sampled_from([0, 0, 0, 1, 3, 12, 40])))


@dataclass(frozen=True)
class _Fragment:
    entry: str
    exits: tuple[str, ...]


def _source(g: _Graph, high: int, low: int = 0, growth: int = 2) -> Any:
    """Any source; an affine one takes the value up to `growth` times."""
    number = st.integers(low, high)
    return g.draw(
        st.one_of(
            number,
            st.lists(number, min_size=1, max_size=5).map(lambda q: {"quantiles": q}),
            st.tuples(st.integers(low, high // 2), st.integers(-1, growth)).map(lambda ab: {"affine": list(ab)}),
            st.lists(st.lists(st.lists(number, min_size=1, max_size=3), min_size=1, max_size=2), min_size=1, max_size=3)
            .map(lambda rows: {"replay": rows}),
            number.map(lambda n: {"scenes": {"calm": n, "busy": {"quantiles": [low, n]}}}),
        )
    )  # fmt: skip


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
    keys: dict[str, Any] = {"cycles": cycles, "parallel": g.draw(st.sampled_from([1, 1, 2, 4]))}
    if g.pick(0, 1):
        keys["value"] = _source(g, 6)
    if g.pick(0, 3) == 0:
        keys["config"] = g.pick(1, 20)
    name = g.block("task", **keys)
    return _Fragment(name, (name,))


def _branch(g: _Graph, depth: int, in_body: bool) -> _Fragment:
    choose = {"thresholds": sorted(g.pick(0, 6) for _ in range(2))} if g.pick(0, 2) == 0 else _source(g, 3)
    branch = g.block("branch", choose=choose)
    exits: list[str] = [branch] if g.pick(0, 1) else []
    for _ in range(g.pick(1, 2)):
        arm = _fragment(g, depth - 1, in_body)
        g.flow(branch, arm.entry, g.words())
        exits.extend(arm.exits)
    return _Fragment(branch, tuple(exits))


def _loop(g: _Graph, depth: int, in_body: bool) -> _Fragment:
    body = _fragment(g, depth - 1, in_body)
    branch = g.block("branch", choose=_source(g, 2))
    _join_up(g, body, branch, 0)
    g.flow(branch, body.entry, g.words(), loop=True, max_rounds=g.pick(1, 3))
    return _Fragment(body.entry, (branch,))


def _fork(g: _Graph, depth: int, in_body: bool) -> _Fragment:
    fork = _task(g).entry if g.pick(0, 1) else g.block("fork")
    join = g.block("join", of="all", **g.draw(st.sampled_from(COLLECT)))
    if g.pick(0, 2) == 0:
        g.flow(fork, join, g.pick(0, 4))
    wide = g.pick(2, 3) if g.pick(0, 5) else 9
    for _ in range(wide):
        arm = _single(g, _fragment(g, depth - 1, in_body) if wide < 9 else _task(g))
        g.flow(fork, arm.entry, g.words())
        g.flow(arm.exits[0], join, g.pick(0, 4))
    return _Fragment(fork, (join,))


def _spawn(g: _Graph, depth: int) -> _Fragment:
    words = g.pick(0, 3)
    count = _source(g, 5, growth=0) if words or g.pick(0, 3) else g.pick(33, 48)
    spawn = g.block("spawn", count=count, keep_value=bool(g.pick(0, 1)))
    join = g.block("join", of=spawn, **g.draw(st.sampled_from(COLLECT)))
    next(b for b in g.blocks if b["id"] == spawn)["join"] = join
    if g.pick(0, 5) == 0:
        g.flow(spawn, join, words)
    else:
        body = _fragment(g, depth - 1, True)
        g.flow(spawn, body.entry, g.words())
        _join_up(g, body, join, words)
    return _Fragment(spawn, (join,))


def _fragment(g: _Graph, depth: int, in_body: bool) -> _Fragment:
    """A fragment that ends in anything; `g.budget` bounds the blocks."""
    g.budget -= 1
    if depth <= 0 or g.budget <= 0:
        return _task(g)
    kind = g.pick(0, 6)
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


@st.composite
def _workflows(draw: Draw, name: str) -> dict[str, Any]:
    g = _Graph(draw, budget=14)
    if g.pick(0, 20) == 20:  # one block: nothing to do
        return {"owg": 1, "name": name, "blocks": [{"id": "end", "kind": "end"}], "entry": "end", "flows": []}
    return _workflow(g, name, _fragment(g, draw(st.sampled_from([0, 1, 2, 3, 3, 4])), in_body=False))


@st.composite
def _wide_workflows(draw: Draw, name: str) -> dict[str, Any]:
    """Many long tasks at once in each instance."""
    g = _Graph(draw, budget=8, shortest=30, longest=draw(st.sampled_from([60, 300, 1000])))
    first, spawn = _task(g), g.block("spawn", count=g.pick(6, 40), join="gather")
    g.blocks.append({"id": "gather", "kind": "join", "of": spawn})
    body = _fragment(g, draw(st.integers(0, 2)), in_body=True)
    g.flow(first.entry, spawn, g.words())
    g.flow(spawn, body.entry, g.words())
    _join_up(g, body, "gather", g.pick(0, 3))
    return _workflow(g, name, _Fragment(first.entry, ("gather",)))


def _workflow(g: _Graph, name: str, fragment: _Fragment) -> dict[str, Any]:
    end = g.block("end")
    _join_up(g, fragment, end, 0)
    return {"owg": 1, "name": name, "blocks": g.blocks, "entry": fragment.entry, "flows": g.flows}


def _arrivals(draw: Draw, instances: int) -> dict[str, Any]:
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return {
            "period": draw(st.integers(1, 90)),
            "jitter": draw(st.integers(0, 40)),
            "start": draw(st.integers(0, 50)),
        }
    if kind == 1:
        return {"arrivals": sorted(draw(st.lists(st.integers(0, 300), min_size=instances, max_size=instances)))}
    return {"window": draw(st.integers(1, 3))}


def _homes(draw: Draw, tiles: int) -> Any:
    weights = st.lists(st.integers(1, 4), min_size=tiles, max_size=tiles).map(lambda w: {"weights": w})
    return draw(st.one_of(st.sampled_from(["round-robin", "corner", "quadrant"]), weights))


@st.composite
def _hot_stream(draw: Draw, tiles: int) -> dict[str, Any]:
    """A stream of which one tile has far more than the others: work has a reason to move."""
    hot = draw(st.integers(0, tiles - 1))
    weights = [draw(st.integers(12, 40)) if tile == hot else 1 for tile in range(tiles)]
    return {
        "owg": draw(st.one_of(_wide_workflows("wide"), _workflows("hot"))),
        "instances": draw(st.integers(8, 40)),
        "homes": draw(st.sampled_from(["corner", {"weights": weights}])),
        "window": draw(st.integers(2, 12)),
    }


@st.composite
def workloads(draw: Draw, tiles: int) -> dict[str, Any]:
    """A workload for a mesh of so many tiles, as its JSON object.

    Parameters
    ----------
    tiles
        Tiles of the mesh: ``homes`` may name one weight for each.
    """
    streams = []
    for number in range(draw(st.integers(1, 2))):
        if draw(st.booleans()):
            stream = draw(_hot_stream(tiles))
        else:
            instances = draw(st.integers(1, 8))
            owg = draw(_workflows(f"w{number}"))
            stream = {"owg": owg, "instances": instances, "homes": _homes(draw, tiles)} | _arrivals(draw, instances)
        if draw(st.booleans()):
            stream["scenes"] = [["calm", draw(st.integers(1, 3))], ["busy", draw(st.integers(1, 3))]]
        streams.append(stream)
    return {"workload": 1, "name": "random", "seed": draw(st.integers(0, 2**32 - 1)), "streams": streams}
