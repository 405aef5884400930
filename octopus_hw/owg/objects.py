# SPDX-License-Identifier: Apache-2.0
"""The workflow as objects: `Workflow`, `Flow`, and a class for each kind of `Block`.

They hold what the file says and are made by `load` or by the builder, which check it; blocks and flows are also known
by their positions, in file order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.sources import Source

#: Most rounds a token can have.
MAX_ROUNDS = 255
#: Words of configuration of a task that does not say.
DEFAULT_CONFIG = 32

#: How a join makes a value of those that it collects.
Collect = Literal["sum", "max", "count"]
#: The ``of`` of a join that waits for every incoming flow.
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class _Block:
    """What every block has: `id`, its name."""

    id: str

    @property
    def waits_for_all(self) -> bool:
        """Whether this is a join that takes one token from each of its incoming flows."""
        return False

    def sources(self) -> dict[str, Source]:
        """Return this block's number sources by their key in the file."""
        return {}


def _said(**sources: Source | None) -> dict[str, Source]:
    return {key: source for key, source in sources.items() if source is not None}


@dataclass(frozen=True, kw_only=True)
class Task(_Block):
    """A Task Block, which takes a PEA; one token on each outgoing flow.

    Attributes
    ----------
    cycles, kernel : Source or None, str or None
        One of the two.
    value : Source or None
        Its outgoing value; None passes the incoming value on.
    config, parallel : int
        Words of configuration; most PEAs for one invocation.
    """

    kind: Literal["task"] = "task"
    cycles: Source | None = None
    kernel: str | None = None
    value: Source | None = None
    config: int = DEFAULT_CONFIG
    parallel: int = 1

    def sources(self) -> dict[str, Source]:
        """See `_Block.sources`."""
        return _said(cycles=self.cycles, value=self.value)


@dataclass(frozen=True, kw_only=True)
class Fork(_Block):
    """One token on each outgoing flow, at no cost in PEA cycles."""

    kind: Literal["fork"] = "fork"


@dataclass(frozen=True, kw_only=True)
class Branch(_Block):
    """One outgoing flow gets the token; `choose` says which, and is None where there is one flow."""

    kind: Literal["branch"] = "branch"
    choose: Source | None = None

    def sources(self) -> dict[str, Source]:
        """See `_Block.sources`."""
        return _said(choose=self.choose)


@dataclass(frozen=True, kw_only=True)
class Spawn(_Block):
    """So many tokens on the one outgoing flow.

    Attributes
    ----------
    count : Source
    join : str
        Id of the join that collects them.
    keep_value : bool
        Whether the children have the spawn token's value rather than their index.
    """

    kind: Literal["spawn"] = "spawn"
    count: Source
    join: str
    keep_value: bool = False

    def sources(self) -> dict[str, Source]:
        """See `_Block.sources`."""
        return _said(count=self.count)


@dataclass(frozen=True, kw_only=True)
class Join(_Block):
    """Waits for tokens, and sends one.

    Attributes
    ----------
    of : str
        The id of the spawn whose children are collected, or `ALL`.
    collect : str or None
        The file's ``value``: ``"sum"``, ``"max"`` or ``"count"``; None keeps the value of the spawn's or first token.
    """

    kind: Literal["join"] = "join"
    of: str
    collect: Collect | None = None

    @property
    def waits_for_all(self) -> bool:
        """See `_Block.waits_for_all`."""
        return self.of == ALL


@dataclass(frozen=True, kw_only=True)
class End(_Block):
    """Takes the instance's last token."""

    kind: Literal["end"] = "end"


Block = Task | Fork | Branch | Spawn | Join | End
#: The class of each kind of block, by the name of the kind in files.
KINDS: dict[str, type[Block]] = {kind.kind: kind for kind in get_args(Block)}


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One flow, from block `source` to block `target` (ids), carrying `words` 32-bit words."""

    source: str
    target: str
    words: int = 0
    loop: bool = False
    max_rounds: int = MAX_ROUNDS


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """An Orchestrated Workflow Graph; `file` and `place` say where it came from and play no part in equality."""

    name: str
    blocks: tuple[Block, ...]
    entry: str
    flows: tuple[Flow, ...]
    description: str = ""
    file: str = field(default="workflow", compare=False)
    place: str = field(default="", compare=False)

    def error(self, place: str, message: str) -> InputError:
        """Make the error that says what is wrong at a place in this workflow, like ``blocks[3].count``."""
        return InputError(self.file, ".".join(part for part in (self.place, place) if part), message)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Position of each block, by id."""
        return {block.id: number for number, block in enumerate(self.blocks)}

    @cached_property
    def entry_number(self) -> int:
        """Position of the entry block."""
        return self.numbers[self.entry]

    @cached_property
    def end_number(self) -> int:
        """Position of the end block."""
        return next(number for number, block in enumerate(self.blocks) if isinstance(block, End))

    @cached_property
    def ends(self) -> tuple[tuple[int, int], ...]:
        """For each flow, the positions of the blocks that it leaves and enters."""
        return tuple((self.numbers[flow.source], self.numbers[flow.target]) for flow in self.flows)

    @cached_property
    def outgoing(self) -> tuple[tuple[int, ...], ...]:
        """For each block, the flows that leave it, in file order."""
        return self._flows_by_end(0)

    @cached_property
    def incoming(self) -> tuple[tuple[int, ...], ...]:
        """For each block, the flows that enter it, in file order."""
        return self._flows_by_end(1)

    def _flows_by_end(self, end: int) -> tuple[tuple[int, ...], ...]:
        lists: list[list[int]] = [[] for _ in self.blocks]
        for number, ends in enumerate(self.ends):
            lists[ends[end]].append(number)
        return tuple(tuple(flows) for flows in lists)

    @cached_property
    def tasks(self) -> dict[int, Task]:
        """The Task Blocks, by their positions."""
        return {number: block for number, block in enumerate(self.blocks) if isinstance(block, Task)}
