# SPDX-License-Identifier: Apache-2.0
"""From the JSON of a workflow to its objects, every field checked on its own.

What concerns several blocks or flows together is left to `check`.
"""

from __future__ import annotations

import re
from typing import cast

from octopus_hw.owg import sources as src
from octopus_hw.owg.document import Node, nearest
from octopus_hw.owg.objects import (
    ALL,
    DEFAULT_CONFIG,
    KINDS,
    MAX_ROUNDS,
    Block,
    Branch,
    Collect,
    End,
    Flow,
    Fork,
    Join,
    Spawn,
    Task,
    Workflow,
)
from octopus_hw.owg.sources import LIMIT, Source

FORMAT = 1
COLLECT = ("sum", "max", "count")

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SOURCE_KEYS = ("affine", "quantiles", "scenes", "replay")
_KEYS = {
    "task": ("cycles", "kernel", "value", "config", "parallel"),
    "branch": ("choose",),
    "spawn": ("count", "join", "keep_value"),
    "join": ("of", "value"),
}
_REQUIRED = {"spawn": ("count", "join"), "join": ("of",)}


def parse_source(node: Node, low: int = 0) -> Source:
    """Read a number source whose literals are at least `low`."""
    if node.value == "value":
        return src.Value()
    if type(node.value) is int:
        return src.Const(node.integer(low, LIMIT))
    if not isinstance(node.value, dict):
        raise node.error('give a number source: a whole number, "value", or an object with one of ' + _listed())
    node.object(_SOURCE_KEYS, (), "a number source")
    given = [key for key in node.value if key in _SOURCE_KEYS]
    if len(given) != 1:
        raise node.error(f"a number source has exactly one of {_listed()}, not {len(given)}")
    return _READERS[given[0]](node[given[0]], low)


def _listed() -> str:
    return ", ".join(f"'{key}'" for key in _SOURCE_KEYS)


def _affine(node: Node, low: int) -> Source:
    numbers = node.integers(-LIMIT, LIMIT)
    if len(numbers) != 2:
        raise node.error(f"give two numbers [a, b] for a + b x value, not {len(numbers)}")
    return src.Affine(*numbers)


def _quantiles(node: Node, low: int) -> Source:
    numbers = node.integers(low, LIMIT)
    if not 1 <= len(numbers) <= 16:
        raise node.error(f"give 1 to 16 numbers, not {len(numbers)}")
    return src.Quantiles(numbers)


def _scenes(node: Node, low: int) -> Source:
    if not isinstance(node.value, dict):
        raise node.error('give an object {"NAME": source, ...}')
    pairs = tuple((name, parse_source(node[name], low)) for name in node.value if not name.startswith("x_"))
    if not pairs:
        raise node.error("give at least one scene")
    for name, _ in pairs:
        Node(node.file, node.place, name).name()
    return src.Scenes(pairs)


def _replay(node: Node, low: int) -> Source:
    def filled(level: Node) -> list[Node]:
        if not level.array():
            raise level.error("the array is empty; give recorded numbers by [instance][round][index]")
        return list(level.items())

    return src.Replay(
        tuple(
            tuple(tuple(number.integer(low, LIMIT) for number in filled(rounds)) for rounds in filled(instance))
            for instance in filled(node)
        )
    )


_READERS = {"affine": _affine, "quantiles": _quantiles, "scenes": _scenes, "replay": _replay}


def parse_choose(node: Node) -> Source:
    """Read a branch's choice: a number source or thresholds."""
    if isinstance(node.value, dict) and "thresholds" in node.value:
        node.object(("thresholds",), (), "thresholds")
        return src.Thresholds(node["thresholds"].integers(0, LIMIT))
    return parse_source(node)


def parse_id(node: Node) -> str:
    """Read the name of a block."""
    name = node.string()
    if not _ID.fullmatch(name) or name == ALL:
        raise node.error(f"'{name}' is no block id; use letters, digits and _, not a digit first, and not 'all'")
    return name


def parse_block(node: Node) -> Block:
    """Read one block."""
    if not isinstance(node.value, dict) or "kind" not in node:
        node.object(tuple(node.value) if isinstance(node.value, dict) else (), ("id", "kind"), "a block")
    kind = node["kind"].string()
    if kind not in KINDS:
        raise node["kind"].error(f"unknown kind '{kind}'; {nearest(kind, list(KINDS))}")
    what = f"{'an' if kind == 'end' else 'a'} {kind}"
    node.object(("id", "kind", *_KEYS.get(kind, ())), ("id", *_REQUIRED.get(kind, ())), what)
    name = parse_id(node["id"])
    if kind == "task":
        return _task(node, name)
    if kind == "branch":
        return Branch(id=name, choose=parse_choose(node["choose"]) if "choose" in node else None)
    if kind == "spawn":
        keep = node["keep_value"].boolean() if "keep_value" in node else False
        return Spawn(id=name, count=parse_source(node["count"]), join=parse_id(node["join"]), keep_value=keep)
    if kind == "join":
        of = node["of"].string()
        return Join(id=name, of=of if of == ALL else parse_id(node["of"]), collect=_collect(node))
    return Fork(id=name) if kind == "fork" else End(id=name)


def _task(node: Node, name: str) -> Task:
    if ("cycles" in node) == ("kernel" in node):
        raise node.error(f"task '{name}' needs exactly one of 'cycles' and 'kernel'")
    parallel = node["parallel"].integer(1, 4) if "parallel" in node else 1
    if parallel == 3:
        raise node["parallel"].error("3 is out of range; give 1, 2 or 4")
    return Task(
        id=name,
        cycles=parse_source(node["cycles"], low=1) if "cycles" in node else None,
        kernel=node["kernel"].name() if "kernel" in node else None,
        value=parse_source(node["value"]) if "value" in node else None,
        config=node["config"].integer(0, LIMIT) if "config" in node else DEFAULT_CONFIG,
        parallel=parallel,
    )


def _collect(node: Node) -> Collect | None:
    if "value" not in node:
        return None
    mode = node["value"].string()
    if mode not in COLLECT:
        raise node["value"].error(f"unknown way '{mode}' to collect values; {nearest(mode, COLLECT)}")
    return cast(Collect, mode)


def parse_flow(node: Node) -> Flow:
    """Read one flow."""
    node.object(("from", "to", "words", "loop", "max_rounds"), ("from", "to"), "a flow")
    loop = node["loop"].boolean() if "loop" in node else False
    if "max_rounds" in node and not loop:
        raise node["max_rounds"].error('belongs to a back edge; add "loop": true or leave it out')
    return Flow(
        source=node["from"].string(),
        target=node["to"].string(),
        words=node["words"].integer(0, LIMIT) if "words" in node else 0,
        loop=loop,
        max_rounds=node["max_rounds"].integer(1, MAX_ROUNDS) if "max_rounds" in node else MAX_ROUNDS,
    )


def parse_version(node: Node, key: str) -> None:
    """Demand the format version that this program reads."""
    if node[key].integer(0, 1 << 32) != FORMAT:
        raise node[key].error(f"format {node[key].value} is not known; this program reads format {FORMAT}")


def parse_workflow(node: Node) -> Workflow:
    """Read a workflow; `octopus_hw.owg.check.check` says whether it is well-formed."""
    keys = ("owg", "name", "description", "blocks", "entry", "flows")
    node.object(keys, ("owg", "name", "blocks", "entry", "flows"), "a workflow")
    parse_version(node, "owg")
    return Workflow(
        name=node["name"].name(),
        description=node["description"].string() if "description" in node else "",
        blocks=tuple(parse_block(block) for block in node["blocks"].items()),
        entry=node["entry"].string(),
        flows=tuple(parse_flow(flow) for flow in node["flows"].items()),
        file=node.file,
        place=node.place,
    )
