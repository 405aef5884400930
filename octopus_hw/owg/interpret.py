# SPDX-License-Identifier: Apache-2.0
"""A timeless execution of one instance: what happens, whoever does it and whenever.

It follows the token rules alone, in any order, and so is a second opinion on every engine: the same invocations,
decisions and joins must be found in each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, assert_never

from octopus_hw.owg.data import Words, extended, gathered, hash_of, slice_of
from octopus_hw.owg.draw import FIELD_CHOOSE, FIELD_COUNT, FIELD_CYCLES, FIELD_VALUE, key_of
from octopus_hw.owg.objects import Branch, End, Fork, Join, Spawn, Task, Workflow
from octopus_hw.owg.sources import Const, NumberSource, Point, clamp, cycles_of


class Invocation(NamedTuple):
    """One execution of a Task Block; `block` is numbered over the whole workload.

    `hash` is that of its result and value (`octopus_hw.owg.data.hash_of`); None where words are not followed.
    """

    block: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    round: int
    cycles: int
    value_in: int
    value_out: int
    hash: int | None = None


class Decision(NamedTuple):
    """A branch took its flow number `choice` (among its own, in file order), or a spawn made `choice` children."""

    block: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    round: int
    choice: int


class Fired(NamedTuple):
    """A join emitted this token."""

    block: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    round: int
    value: int


class Occurrence(NamedTuple):
    """An invocation, a decision, a join or the end: an instance has each block with an index and a round once."""

    block: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    round: int


#: What begins an instance.
INJECTION = Occurrence(-1, 0, 0)


@dataclass(frozen=True)
class Execution:
    """All that one instance does, each list sorted.

    Attributes
    ----------
    invocations, decisions, joins : list
    work : int
        Cycles of all invocations.
    chain : int
        Cycles along the longest chain of dependent invocations, each at its fastest split.
    value : int
        The value of the token that reaches the end.
    end : Occurrence
        It does.
    order : list of (Occurrence, Occurrence)
        What comes before what, sorted: each occurrence after those that sent it its tokens, or after `INJECTION`.
    words : array of uint32 or None
        The words that reach the end; None where words are not followed. They play no part in equality.
    """

    invocations: list[Invocation]
    decisions: list[Decision]
    joins: list[Fired]
    work: int
    chain: int
    value: int
    end: Occurrence
    order: list[tuple[Occurrence, Occurrence]]
    words: Words | None = field(default=None, compare=False)


class _Token(NamedTuple):
    block: int
    flow: int
    value: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    round: int
    chain: int
    after: Occurrence
    words: Words | None


@dataclass
class _Waiting:
    """A join that has not fired: what came, how much it waits for, and its spawn's token."""

    missing: int
    came: list[_Token] = field(default_factory=list)
    spawn: _Token | None = None


def fastest(cycles: int, parallel: int) -> int:
    """Return the cycles of an invocation on as many PEAs as it may take: ``ceil((c + c/8) / k)`` on each of k."""
    return min([cycles, *((cycles + cycles // 8 + k - 1) // k for k in (2, 4) if k <= parallel)])


def interpret(
    workflow: Workflow,
    *,
    seed: int,
    instance: int,
    k: int = 0,
    scene: str | None = None,
    base: int = 0,
    row: Words | None = None,
) -> Execution:
    """Execute one instance of a workflow.

    Parameters
    ----------
    workflow : Workflow
        Well-formed and without kernels.
    seed : int
    instance, k : int
        Number over the whole workload, and within the stream.
    scene : str, optional
        None if the stream names no scenes: the first scene of each source holds.
    base : int
        Number, over the whole workload, of the workflow's first block.
    row : array of uint32, optional
        The words that the instance starts with (`octopus_hw.owg.data.EMPTY` for none). Without it words are not
        followed, which is faster.

    Raises
    ------
    InputError
        If the workflow has a computing kernel.
    """
    return _Run(workflow, Point(seed, instance, 0, 0, 0, 0, k, scene), base, row).execute()


class _Run:
    def __init__(self, workflow: Workflow, point: Point, base: int, row: Words | None = None) -> None:
        self.workflow = workflow
        self.point = point
        self.base = base
        self.tokens = [_Token(workflow.entry_number, -1, 0, 0, 0, 0, INJECTION, row)]
        self.waiting: dict[tuple[int, int], _Waiting] = {}
        self.invocations: list[Invocation] = []
        self.decisions: list[Decision] = []
        self.joins: list[Fired] = []
        self.order: list[tuple[Occurrence, Occurrence]] = []
        self.end: _Token | None = None

    def execute(self) -> Execution:
        while self.tokens:
            token = self.tokens.pop()
            match self.workflow.blocks[token.block]:
                case Task() as block:
                    self.task(block, token)
                case Fork():
                    self.emit(token)
                case Branch() as block:
                    self.branch(block, token)
                case Spawn() as block:
                    self.spawn(block, token)
                case Join() as block:
                    self.arrive(block, token)
                case End():
                    assert self.end is None, "a second token reached the end: the workflow was not checked"
                    self.end = token
                    end = self.occurs(token, token)
                case missing:
                    assert_never(missing)
        assert self.end is not None and not self.waiting, "tokens are stuck: the workflow was not checked"
        work = sum(invocation.cycles for invocation in self.invocations)
        lists = sorted(self.invocations), sorted(self.decisions), sorted(self.joins)
        return Execution(*lists, work, self.end.chain, self.end.value, end, sorted(self.order), self.end.words)

    def occurs(self, token: _Token, *causes: _Token) -> Occurrence:
        """Note what a token does at its block, and what that comes after."""
        what = Occurrence(self.base + token.block, token.index, token.round)
        self.order += [(cause.after, what) for cause in causes]
        return what

    def number(self, source: NumberSource, token: _Token, field: int, low: int = 0) -> int:
        block = self.base + token.block
        point = self.point._replace(block=block, index=token.index, round=token.round, field=field)
        return cycles_of(source, token.value, point) if low else source.evaluate(token.value, point)

    def emit(self, token: _Token) -> None:
        """Send a token over every outgoing flow of its block."""
        for flow in self.workflow.outgoing[token.block]:
            self.send(token, flow)

    def send(self, token: _Token, flow: int) -> None:
        target, taken = self.workflow.ends[flow][1], self.workflow.flows[flow]
        words = token.words
        if words is not None and not isinstance(self.workflow.blocks[target], Branch):
            words = slice_of(words, taken, token.index)
        self.tokens.append(token._replace(block=target, flow=flow, round=token.round + taken.loop, words=words))

    def task(self, block: Task, token: _Token) -> None:
        if block.cycles is None:
            message = f"task '{block.id}' has a kernel, which this version does not compute; give it 'cycles'"
            raise self.workflow.error(f"blocks[{token.block}].kernel", message)
        cycles = self.number(block.cycles, token, FIELD_CYCLES, low=1)
        value = token.value if block.value is None else self.number(block.value, token, FIELD_VALUE)
        what = self.occurs(token, token)
        words = self.result(token)
        hashed = None if words is None else hash_of(words, value)
        self.invocations.append(Invocation(*what, cycles, token.value, value, hashed))
        chain = token.chain + fastest(cycles, block.parallel)
        self.emit(token._replace(value=value, chain=chain, after=what, words=words))

    def result(self, token: _Token) -> Words | None:
        """Return the words that a timed task makes of a token's."""
        size, point = self.workflow.result_words[token.block], self.point
        if token.words is None:
            return None
        if size <= len(token.words):
            return token.words[:size]
        key = key_of(point.seed, point.instance, self.base + token.block, token.index, token.round)
        return extended(token.words, size, key)

    def branch(self, block: Branch, token: _Token) -> None:
        flows = self.workflow.outgoing[token.block]
        choice = min(self.number(block.choose or Const(0), token, FIELD_CHOOSE), len(flows) - 1)
        taken = self.workflow.flows[flows[choice]]
        if taken.loop and token.round >= taken.max_rounds:
            choice = next(n for n, flow in enumerate(flows) if not self.workflow.flows[flow].loop)
        what = self.occurs(token, token)
        self.decisions.append(Decision(*what, choice))
        self.send(token._replace(after=what), flows[choice])

    def spawn(self, block: Spawn, token: _Token) -> None:
        count = self.number(block.count, token, FIELD_COUNT)
        what = self.occurs(token, token)
        self.decisions.append(Decision(*what, count))
        token = token._replace(after=what)
        join = self.workflow.numbers[block.join]
        waiting = self.waiting[join, token.index] = _Waiting(count, spawn=token)
        for child in range(count):
            self.emit(token._replace(index=child, value=token.value if block.keep_value else child))
        if not count:
            self.fire(join, waiting)

    def arrive(self, block: Join, token: _Token) -> None:
        key = (token.block, token.index if block.waits_for_all else 0)
        if block.waits_for_all and key not in self.waiting:
            self.waiting[key] = _Waiting(len(self.workflow.incoming[token.block]))
        waiting = self.waiting[key]
        waiting.came.append(token)
        waiting.missing -= 1
        if not waiting.missing:
            self.fire(token.block, waiting)

    def fire(self, join: int, waiting: _Waiting) -> None:
        came, block = waiting.came, self.workflow.blocks[join]
        assert isinstance(block, Join), "only joins fire"
        first = waiting.spawn or min(came, key=lambda token: token.flow)
        del self.waiting[join, first.index]
        values = [token.value for token in came]
        collected = {None: first.value, "sum": sum(values), "max": max(values, default=0), "count": len(values)}
        everyone = [*came, first]
        token = first._replace(
            block=join,
            value=clamp(collected[block.collect]),
            round=max(token.round for token in everyone),
            chain=max(token.chain for token in everyone),
            words=None if first.words is None else self.collected(join, came),
        )
        what = self.occurs(token, *(came or [first]))
        self.joins.append(Fired(*what, token.value))
        self.emit(token._replace(after=what))

    def collected(self, join: int, came: list[_Token]) -> Words:
        """Return the words of a join's data: those of a spawn's children by their index, of others by their flow."""
        offsets, area = self.workflow.offsets, self.workflow.areas[join]
        parts = [(token, token.words) for token in came if token.words is not None]
        if self.workflow.blocks[join].waits_for_all:
            return gathered(area, ((offsets[token.flow], words) for token, words in parts))
        return gathered(area * len(came), ((area * token.index, words) for token, words in parts))
