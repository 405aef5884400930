# SPDX-License-Identifier: Apache-2.0
"""The workflow as objects: `Workflow`, `Block`, `Flow`.

They hold what the file says and are made by `load` or by the builder, which check it; blocks and flows are also known
by their positions, in file order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.sources import Source

#: Most rounds a token can have.
MAX_ROUNDS = 255
#: Words of configuration of a task that does not say.
DEFAULT_CONFIG = 32

TASK, FORK, BRANCH, SPAWN, JOIN, END = KINDS = ("task", "fork", "branch", "spawn", "join", "end")
#: The ``of`` of a join that waits for every incoming flow.
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block; what its kind does not have stays at the default.

    Attributes
    ----------
    id, kind : str
        Name, and one of `KINDS`.
    cycles, kernel : Source or None, str or None
        Of a task: one of the two.
    value : Source or None
        Of a task: its outgoing value; None passes the incoming value on.
    config, parallel : int
        Of a task: words of configuration; most PEAs for one invocation.
    choose : Source or None
        Of a branch; None where there is one flow.
    count, join, keep_value : Source or None, str or None, bool
        Of a spawn.
    of, collect : str or None
        Of a join: the spawn's id or ``"all"``; ``"sum"``, ``"max"``, ``"count"`` or None (the file's ``value``).
    """

    id: str
    kind: str
    cycles: Source | None = None
    kernel: str | None = None
    value: Source | None = None
    config: int = DEFAULT_CONFIG
    parallel: int = 1
    choose: Source | None = None
    count: Source | None = None
    join: str | None = None
    keep_value: bool = False
    of: str | None = None
    collect: str | None = None

    @property
    def is_task(self) -> bool:
        """Whether this is a Task Block, which takes a PEA."""
        return self.kind == TASK

    def sources(self) -> dict[str, Source]:
        """Return this block's number sources by their key in the file."""
        named = {"cycles": self.cycles, "value": self.value, "choose": self.choose, "count": self.count}
        return {key: source for key, source in named.items() if source is not None}


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
        return next(number for number, block in enumerate(self.blocks) if block.kind == END)

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
    def tasks(self) -> tuple[int, ...]:
        """Positions of the Task Blocks."""
        return tuple(number for number, block in enumerate(self.blocks) if block.is_task)
