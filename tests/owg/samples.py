# SPDX-License-Identifier: Apache-2.0
"""Random workflows: well-formed ones by a grammar, and ones with a change that may break them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from octopus_hw.owg.document import Node
from octopus_hw.owg.objects import Workflow
from octopus_hw.owg.parse import parse_workflow

EXAMPLES = Path(__file__).parents[2] / "examples"

#: choose(low, high) returns a number from low to high, both included.
TbuSelect = Callable[[int, int], int]
Document = dict[str, Any]


class _Maker:
    """Grows fragments with one first block and one last block, whose outgoing flow is still to come."""

    def __init__(self, choose: TbuSelect, size: int) -> None:
        self.choose = choose
        self.left = size
        self.blocks: list[dict[str, Any]] = []
        self.flows: list[dict[str, Any]] = []

    def add(self, kind: str, **keys: Any) -> str:
        name = f"{kind}{len(self.blocks)}"
        self.blocks.append({"id": name, "kind": kind, **keys})
        self.left -= 1
        return name

    def flow(self, source: str, target: str, **keys: Any) -> None:
        self.flows.append({"from": source, "to": target, "words": self.choose(0, 3) * 4, **keys})

    def source(self, low: int, high: int) -> Any:
        numbers = [self.choose(low, high) for _ in range(self.choose(1, 3))]
        return {"quantiles": numbers} if self.choose(0, 3) else numbers[0]

    def task(self) -> tuple[str, str]:
        keys = {"value": self.source(0, 3)} if self.choose(0, 1) else {}
        name = self.add("task", cycles=self.source(1, 40), **keys)
        return name, name

    def fragment(self, depth: int, body: bool, top: bool = False) -> tuple[str, str]:
        if depth <= 0 or self.left <= 0:
            return self.task()
        makers = [self.task, self.series, self.fork, self.branch, self.loop, self.dag]
        if not body:
            makers.append(self.spawn)
        if top:
            makers.append(self.early_exit)
        maker = makers[self.choose(0, len(makers) - 1)]
        if maker == self.task or maker == self.early_exit:
            return maker()
        if maker == self.series:
            return self.series(depth - 1, body, top)
        return maker(depth - 1, body)

    def series(self, depth: int, body: bool, top: bool = False) -> tuple[str, str]:
        first, last = self.fragment(depth, body, top)
        for _ in range(self.choose(0, 2)):
            following, end = self.fragment(depth, body, top)
            self.flow(last, following)
            last = end
        return first, last

    def arms(self, source: str, target: str, depth: int, body: bool) -> None:
        for _ in range(self.choose(1, 3)):
            if self.choose(0, 3):
                first, last = self.fragment(depth, body)
                self.flow(source, first)
                self.flow(last, target)
            else:
                self.flow(source, target)

    def fork(self, depth: int, body: bool) -> tuple[str, str]:
        kind = ("fork", "task")[self.choose(0, 1)]
        first = self.add(kind, **({"cycles": 5} if kind == "task" else {}))
        ways = ({}, {"value": "sum"}, {"value": "max"}, {"value": "count"})
        last = self.add("join", of="all", **ways[self.choose(0, 3)])
        self.arms(first, last, depth, body)
        return first, last

    def branch(self, depth: int, body: bool) -> tuple[str, str]:
        choices = (self.source(0, 3), "value", {"thresholds": [1, 2]})
        first = self.add("branch", choose=choices[self.choose(0, 2)])
        last = self.task()[0] if self.choose(0, 1) else self.add("branch")
        self.arms(first, last, depth, body)
        return first, last

    def loop(self, depth: int, body: bool) -> tuple[str, str]:
        first, last = self.fragment(depth, body)
        if self.blocks[[block["id"] for block in self.blocks].index(first)]["kind"] == "join":
            head = self.task()[0]
            self.flow(head, first)
            first = head
        back = self.add("branch", choose={"quantiles": [0, 1, 1]})
        self.flow(last, back)
        self.flow(back, first, loop=True, max_rounds=self.choose(1, 4))
        return first, back

    def spawn(self, depth: int, body: bool) -> tuple[str, str]:
        number = len(self.blocks)
        join = f"join{number + 1}"
        first = self.add("spawn", count=self.source(0, 4), join=join, keep_value=bool(self.choose(0, 1)))
        ways = ({}, {"value": "sum"}, {"value": "max"}, {"value": "count"})
        last = self.add("join", of=first, **ways[self.choose(0, 3)])
        if self.choose(0, 4):
            start, stop = self.fragment(depth, True)
            self.flow(first, start)
            self.flow(stop, last)
        else:
            self.flow(first, last)
        return first, last

    def dag(self, depth: int, body: bool) -> tuple[str, str]:
        """Make tasks with any acyclic dependencies, an ``all`` join before each that has several."""
        tasks = [self.task()[0]]
        pending = {tasks[0]}
        for _ in range(self.choose(1, 4)):
            task = self.task()[0]
            before = {tasks[self.choose(0, len(tasks) - 1)] for _ in range(self.choose(1, 3))}
            self.gather(sorted(before), task)
            pending = (pending - before) | {task}
            tasks.append(task)
        last = self.task()[0]
        self.gather(sorted(pending), last)
        return tasks[0], last

    def gather(self, sources: list[str], target: str) -> None:
        if len(sources) > 1:
            join = self.add("join", of="all")
            for source in sources:
                self.flow(source, join)
            sources = [join]
        self.flow(sources[0], target)

    def early_exit(self) -> tuple[str, str]:
        branch = self.add("branch", choose={"quantiles": [0, 1]})
        self.flow(branch, "end")
        after = self.task()[0]
        self.flow(branch, after)
        return branch, after


def well_formed(choose: TbuSelect, size: int = 12, depth: int = 3, *, slices: bool = False) -> Document:
    """Make a well-formed workflow of about `size` blocks, as JSON data; its flows carry slices if it is so said."""
    maker = _Maker(choose, size)
    if not choose(0, 20):
        blocks = [{"id": "end", "kind": "end"}]
        return {"owg": 1, "name": "random", "blocks": blocks, "entry": "end", "flows": []}
    first, last = maker.series(depth, False, top=True)
    if first.startswith("join"):
        raise AssertionError("a fragment starts with a join")
    maker.flow(last, "end")
    maker.blocks.append({"id": "end", "kind": "end"})
    document = {"owg": 1, "name": "random", "blocks": maker.blocks, "entry": first, "flows": maker.flows}
    if slices:
        _give_slices(document, choose)
    return document


def _give_slices(document: Document, choose: TbuSelect) -> None:
    """Let flows carry any number of words, and slices where they can."""
    flows = document["flows"]
    kinds = {block["id"]: block["kind"] for block in document["blocks"]}
    for flow in flows:
        flow["words"] = choose(0, 13)
    for flow in flows:
        source = next(block for block in document["blocks"] if block["id"] == flow["from"])
        if "branch" in (source["kind"], kinds[flow["to"]]) or choose(0, 2) == 0:
            continue
        size = _size(document, source)
        if flow["words"] <= size:
            flow["first"] = choose(0, min(size - flow["words"], 16) // 4) * 4
        if source["kind"] == "spawn" and flow["words"] <= size:
            last = max(_most(source["count"]) - 1, 1)
            flow["stride"] = choose(0, min(max(size - 1 - flow["first"], 0) // last, 16) // 4) * 4


def _size(document: Document, block: dict[str, Any]) -> int:
    """The words that a block's data can have; 99 where they are not known."""
    coming = [-(-flow["words"] // 4) * 4 for flow in document["flows"] if flow["to"] == block["id"]]
    if block["id"] == document["entry"] or block["kind"] == "task":
        return 99
    if block["kind"] != "join":
        return max(flow["words"] for flow in document["flows"] if flow["to"] == block["id"])
    if block["of"] == "all":
        return sum(coming)
    spawn = next(other for other in document["blocks"] if other["id"] == block["of"])
    return max(coming) * _most(spawn["count"])


def _most(source: Any) -> int:
    return source if isinstance(source, int) else max(source["quantiles"])


def mutate(document: Document, choose: TbuSelect) -> None:
    """Change one thing, which may or may not break the workflow."""
    blocks, flows = document["blocks"], document["flows"]

    def block() -> dict[str, Any]:
        return blocks[choose(0, len(blocks) - 1)]

    if not flows:
        return
    flow = flows[choose(0, len(flows) - 1)]
    kind = choose(0, 8)
    if kind == 0:
        flow["to"] = block()["id"]
    elif kind == 1:
        flow["from"] = block()["id"]
    elif kind == 2:
        flows.append({"from": block()["id"], "to": block()["id"]})
    elif kind == 3:
        flows.remove(flow)
    elif kind <= 6:
        other = flows[choose(0, len(flows) - 1)]
        flow["to"], other["to"] = other["to"], flow["to"]
    else:
        _change_kind(block(), choose)


def _change_kind(block: dict[str, Any], choose: TbuSelect) -> None:
    if block["kind"] in ("task", "fork", "branch") or block.get("of") == "all":
        name = block["id"]
        block.clear()
        changed = ({"kind": "fork"}, {"kind": "branch", "choose": 0}, {"kind": "join", "of": "all"})[choose(0, 2)]
        block.update({"id": name, **changed})


def parse(document: Document) -> Workflow:
    """Return the workflow, not yet checked."""
    return parse_workflow(Node("random", "", document))
