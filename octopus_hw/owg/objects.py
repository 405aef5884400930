# SPDX-License-Identifier: Apache-2.0
"""The workflow as objects: `Workflow`, `Flow`, and a class for each kind of `Block`.

They hold what the file says and are made by `load` or by the builder, which check it; blocks and flows are also known
by their positions, in file order. The types of blocks and flows say how a file writes them (`octopus_hw.schema.forms`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, Strict, ValidationInfo, model_validator

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.source_forms import Choice, Cycles, Number
from octopus_hw.owg.sources import LIMIT, NumberSource
from octopus_hw.schema.forms import As, Text, Whole, Word, refuse, written

#: Most rounds a token can have.
MAX_ROUNDS = 255
#: Words of configuration of a task that does not say.
DEFAULT_CONFIG = 32
#: Most words that a flow carries.
MAX_WORDS = (1 << 14) - 1
#: What `first` and `stride` of a flow are multiples of: words that lie together at every `data_width`.
ALIGN = 4

#: How a join makes a value of those that it collects.
Collect = Literal["sum", "max", "count"]
#: The ``of`` of a join that waits for every incoming flow.
ALL = "all"

#: The names of blocks, whole: Python's ``$`` would let a line's end pass.
_NAME = r"[A-Za-z_][A-Za-z0-9_]*$(?!\n)"
_ID = Text(pattern=rf"^(?!{ALL}$){_NAME}")
_OF = Text(pattern=rf"^{_NAME}")


def aligned(words: int) -> int:
    """Round words up to a multiple of `ALIGN`."""
    return -(-words // ALIGN) * ALIGN


def _check_parallel(peas: int) -> int:
    if peas == 3:
        raise refuse("3 is out of range; give 1, 2 or 4")
    return peas


def _check_aligned(word: int) -> int:
    if word % ALIGN:
        below = word - word % ALIGN
        raise refuse(f"{word} is not a multiple of {ALIGN}; give {below} or {below + ALIGN}")
    return word


def _check_rounds(rounds: int, info: ValidationInfo) -> int:
    if not info.data.get("loop"):
        raise refuse('belongs to a back edge; add "loop": true or leave it out')
    return rounds


_Aligned = Annotated[
    int,
    Whole(0, MAX_WORDS // ALIGN * ALIGN),
    AfterValidator(_check_aligned),
    Field(json_schema_extra={"multipleOf": ALIGN}),
]


@dataclass(frozen=True, kw_only=True)
class _Block:
    """What every block has: `id`, its name."""

    __pydantic_config__ = written()
    id: Annotated[str, _ID]

    @property
    def waits_for_all(self) -> bool:
        """Whether this is a join that takes one token from each of its incoming flows."""
        return False

    def sources(self) -> dict[str, NumberSource]:
        """Return this block's number sources by their key in the file."""
        return {}


def _said(**sources: NumberSource | None) -> dict[str, NumberSource]:
    return {key: source for key, source in sources.items() if source is not None}


@dataclass(frozen=True, kw_only=True)
class Task(_Block):
    """A Task Block, which takes a PEA; one token on each outgoing flow.

    Attributes
    ----------
    cycles, kernel : NumberSource or None, str or None
        One of the two.
    value : NumberSource or None
        Its outgoing value; None passes the incoming value on.
    config, parallel : int
        Words of configuration; most PEAs for one invocation.
    """

    __pydantic_config__ = written(oneOf=[{"required": ["cycles"]}, {"required": ["kernel"]}])
    kind: Literal["task"] = "task"
    cycles: Annotated[NumberSource | None, As(Cycles)] = None
    kernel: Annotated[str | None, Text(1)] = None
    value: Annotated[NumberSource | None, As(Number)] = None
    config: Annotated[int, Whole(0, LIMIT)] = DEFAULT_CONFIG
    parallel: Annotated[
        int, Whole(1, 4), AfterValidator(_check_parallel), Field(json_schema_extra={"enum": [1, 2, 4]})
    ] = 1

    @model_validator(mode="after")
    def _check_duration(self) -> Self:
        if (self.cycles is None) == (self.kernel is None):
            raise refuse(f"task '{self.id}' needs exactly one of 'cycles' and 'kernel'")
        return self

    def sources(self) -> dict[str, NumberSource]:
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
    choose: Annotated[NumberSource | None, As(Choice)] = None

    def sources(self) -> dict[str, NumberSource]:
        """See `_Block.sources`."""
        return _said(choose=self.choose)


@dataclass(frozen=True, kw_only=True)
class Spawn(_Block):
    """So many tokens on the one outgoing flow.

    Attributes
    ----------
    count : NumberSource
    join : str
        Id of the join that collects them.
    keep_value : bool
        Whether the children have the spawn token's value rather than their index.
    """

    kind: Literal["spawn"] = "spawn"
    count: Annotated[NumberSource, As(Number)]
    join: Annotated[str, _ID]
    keep_value: Annotated[bool, Strict()] = False

    def sources(self) -> dict[str, NumberSource]:
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
    of: Annotated[str, _OF]
    collect: Annotated[Collect | None, Word(get_args(Collect), "way '{}' to collect values"), Field(alias="value")] = (
        None
    )

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
    """One flow, from block `source` to block `target` (ids).

    Attributes
    ----------
    words : int
        32-bit words that it carries.
    first : int
        The word of the source's data that comes first among them.
    stride : int
        From a spawn only: child i's begin at ``first + i x stride``.
    loop, max_rounds : bool, int
        Whether it is a back edge, and the round from which it is closed.
    """

    __pydantic_config__ = written(
        dependentSchemas={"max_rounds": {"properties": {"loop": {"const": True}}, "required": ["loop"]}}
    )
    source: Annotated[str, Text(), Field(alias="from")]
    target: Annotated[str, Text(), Field(alias="to")]
    words: Annotated[int, Whole(0, MAX_WORDS)] = 0
    first: _Aligned = 0
    stride: _Aligned = 0
    loop: Annotated[bool, Strict()] = False
    max_rounds: Annotated[int, Whole(1, MAX_ROUNDS), AfterValidator(_check_rounds)] = MAX_ROUNDS


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
    def takers(self) -> tuple[tuple[int, ...], ...]:
        """For each block, the flows that carry its data: past branches, those that leave the last of them."""
        return tuple(self._takers(number) for number in range(len(self.blocks)))

    def _takers(self, number: int) -> tuple[int, ...]:
        todo = list(self.outgoing[number])
        for flow in todo:
            target = self.ends[flow][1]
            if isinstance(self.blocks[target], Branch):
                todo += (other for other in self.outgoing[target] if other not in todo)
        return tuple(flow for flow in todo if not isinstance(self.blocks[self.ends[flow][1]], Branch))

    @cached_property
    def result_words(self) -> tuple[int, ...]:
        """For each block, the words of its data that are taken: where the last slice of its `takers` ends."""
        slices = ((self.flows[flow] for flow in takers) for takers in self.takers)
        return tuple(max((flow.first + flow.words for flow in taken), default=0) for taken in slices)

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """For each flow, the word of an ``all`` join's data at which its words lie; 0 if it leads elsewhere."""
        found = [0] * len(self.flows)
        for number, block in enumerate(self.blocks):
            if block.waits_for_all:
                sizes = [aligned(self.flows[flow].words) for flow in self.incoming[number]]
                for flow, end, size in zip(self.incoming[number], accumulate(sizes), sizes, strict=True):
                    found[flow] = end - size
        return tuple(found)

    @cached_property
    def areas(self) -> tuple[int, ...]:
        """For each block, the words that data coming to it may have: for a spawn's join, those of one child."""
        words = [[self.flows[flow].words for flow in flows] for flows in self.incoming]
        sizes = [max(each, default=0) for each in words]
        for number, block in enumerate(self.blocks):
            if isinstance(block, Join):
                sizes[number] = sum(map(aligned, words[number])) if block.waits_for_all else aligned(sizes[number])
        return tuple(sizes)

    @cached_property
    def tasks(self) -> dict[int, Task]:
        """The Task Blocks, by their positions."""
        return {number: block for number, block in enumerate(self.blocks) if isinstance(block, Task)}
