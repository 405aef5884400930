# SPDX-License-Identifier: Apache-2.0
"""Make a workflow in Python, without a file.

>>> b = WorkflowBuilder("photos")
>>> detect = b.task("detect", cycles=quantiles(180, 220), value=quantiles(0, 1, 2))
>>> faces = b.spawn("faces", count="value")
>>> embed = b.task("embed", cycles=affine(200, 10))
>>> gather = b.join("gather", of=faces)
>>> b.path(detect, faces, embed, gather, b.end("done"))
>>> b.build().name
'photos'
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from octopus_hw.owg.check import check
from octopus_hw.owg.document import Node
from octopus_hw.owg.file_forms import FORMAT
from octopus_hw.owg.objects import ALL, Branch, End, Fork, Join, Spawn, Task, Workflow
from octopus_hw.owg.parse import parse_source, parse_workflow
from octopus_hw.owg.save import source_to_json
from octopus_hw.owg.sources import Affine, NumberSource, Quantiles, Replay, Scenes, Thresholds

#: A number source as an argument: an object from the functions below, a number, ``"value"``, or JSON data.
SourceLike = NumberSource | int | str | dict[str, Any]


def quantiles(*numbers: int) -> Quantiles:
    """Make one of the numbers, drawn with equal chance."""
    return Quantiles(numbers)


def affine(a: int, b: int) -> Affine:
    """Make ``a + b x value``."""
    return Affine(a, b)


def thresholds(*numbers: int) -> Thresholds:
    """Count the thresholds that the value reaches: for a branch's choice."""
    return Thresholds(numbers)


def scenes(**by_name: SourceLike) -> Scenes:
    """Make one source per scene; the first holds where a stream names no scenes."""
    return Scenes(tuple((name, _as_source(source)) for name, source in by_name.items()))


def replay(numbers: Sequence[Sequence[Sequence[int]]]) -> Replay:
    """Replay recorded numbers by ``[instance][round][index]``."""
    return Replay(tuple(tuple(tuple(indices) for indices in rounds) for rounds in numbers))


def _as_source(source: SourceLike) -> NumberSource:
    if isinstance(source, NumberSource):
        return source
    return parse_source(Node("source", "", source))


def _as_json(source: SourceLike | None) -> Any:
    return source_to_json(source) if isinstance(source, NumberSource) else source


class WorkflowBuilder:
    """Collects blocks and flows, in order; `build` checks them just as a file is checked.

    Each method that adds a block returns its id, which the other methods take.

    Parameters
    ----------
    name, description : str
        Of the workflow.
    """

    def __init__(self, name: str, description: str = "") -> None:
        self.name = name
        self.description = description
        self._blocks: list[dict[str, Any]] = []
        self._flows: list[dict[str, Any]] = []

    def _add(self, id: str, kind: str, **keys: Any) -> str:
        self._blocks.append({"id": id, "kind": kind} | {key: value for key, value in keys.items() if value is not None})
        return id

    def task(
        self,
        id: str,
        cycles: SourceLike | None = None,
        *,
        value: SourceLike | None = None,
        config: int | None = None,
        parallel: int | None = None,
        kernel: str | None = None,
    ) -> str:
        """Add a Task Block, with `cycles` or a `kernel`."""
        sources = {"cycles": _as_json(cycles), "value": _as_json(value)}
        return self._add(id, Task.kind, **sources, kernel=kernel, config=config, parallel=parallel)

    def fork(self, id: str) -> str:
        """Add a fork: one token on each of its flows."""
        return self._add(id, Fork.kind)

    def branch(self, id: str, choose: SourceLike | None = None) -> str:
        """Add a branch: one of its flows, in the order they are added, gets the token."""
        return self._add(id, Branch.kind, choose=_as_json(choose))

    def spawn(self, id: str, count: SourceLike, *, keep_value: bool | None = None) -> str:
        """Add a spawn; its join is the one that is added with ``of`` this spawn."""
        return self._add(id, Spawn.kind, count=_as_json(count), keep_value=keep_value)

    def join(self, id: str, of: str = ALL, *, value: str | None = None) -> str:
        """Add a join of a spawn's children or, by default, of all its incoming flows."""
        for block in self._blocks:
            if block["id"] == of and block["kind"] == Spawn.kind:
                block.setdefault("join", id)
        return self._add(id, Join.kind, of=of, value=value)

    def end(self, id: str = "end") -> str:
        """Add the end."""
        return self._add(id, End.kind)

    def flow(
        self,
        source: str,
        target: str,
        *,
        words: int | None = None,
        first: int | None = None,
        stride: int | None = None,
        loop: bool = False,
        max_rounds: int | None = None,
    ) -> None:
        """Add a flow between two blocks."""
        slices = {"words": words, "first": first, "stride": stride}
        keys = slices | {"loop": loop or None, "max_rounds": max_rounds}
        said = {key: value for key, value in keys.items() if value is not None}
        self._flows.append({"from": source, "to": target} | said)

    def path(self, *blocks: str, words: int | None = None) -> None:
        """Add flows along a row of blocks."""
        for source, target in pairwise(blocks):
            self.flow(source, target, words=words)

    def build(self, entry: str | None = None) -> Workflow:
        """Return the workflow, checked; by default it starts at the first block.

        Raises
        ------
        InputError
            Just as for a file; its place counts blocks and flows in the order they were added.
        """
        document = {
            "owg": FORMAT,
            "name": self.name,
            "description": self.description,
            "blocks": self._blocks,
            "entry": entry or (self._blocks[0]["id"] if self._blocks else ""),
            "flows": self._flows,
        }
        return check(parse_workflow(Node(f"workflow '{self.name}'", "", document)))
