# SPDX-License-Identifier: Apache-2.0
"""Sizes that fit the hardware: words of data, words of configurations, instances in flight."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from octopus_hw.contract.config import Config
from octopus_hw.image.home import home_of
from octopus_hw.image.lists import lists_of
from octopus_hw.image.needs import needs_of
from octopus_hw.importers.layout import Draft
from octopus_hw.importers.units import WORD_BYTES
from octopus_hw.owg.instances import DEFAULT_WINDOW
from octopus_hw.owg.load import as_workload
from octopus_hw.owg.objects import ALIGN, DEFAULT_CONFIG, Join, Spawn, Task, Workflow, aligned
from octopus_hw.owg.sources import Const
from octopus_hw.owg.workload import Workload

__all__ = ["MOST", "Fitted", "fit", "flow_rows"]

#: The most that each configuration key can be.
MOST = {field.name: int(field.metadata["high"]) for field in fields(Config)}


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A workflow with words, and what it takes.

    Attributes
    ----------
    workload : Workload
        The workflow as a workload: as a bare one, but for the window.
    word : float or None
        Bytes that one word stands for; None if no data were given in bytes.
    shrunk : list of str
        Blocks whose operands were shrunk, as no buffer holds them.
    config : int
        Words of each task's configuration.
    needs : dict
        By configuration key; with ``owner_entries`` for the static strategies.
    """

    workload: Workload
    word: float | None
    shrunk: list[str]
    config: int
    needs: dict[str, int]

    @property
    def workflow(self) -> Workflow:
        """The workflow."""
        return self.workload.streams[0].workflow

    @property
    def window(self) -> int:
        """Instances in flight at each tile."""
        return self.workload.streams[0].window


def flow_rows(workflow: Workflow) -> int:
    """Return the rows of the flow table that a workflow takes."""
    return 1 + sum(map(len, lists_of(workflow).of.values()))


def fit(draft: Draft, limits: Config, word: float | None, config: int | None) -> Fitted:
    """Give flows their words and tasks their configurations.

    Parameters
    ----------
    draft : Draft
    limits : Config
        What it is to fit.
    word : float or None
        Bytes that one word stands for. None chooses: as they are if that fits, else the smallest of 1, 2 and 5 times a
        power of ten by which every operand fits a buffer and the home store holds the instances in flight.
    config : int or None
        Words of each configuration. None chooses the default, or less if they would take over half of a store.
    """
    # Of configurations, in a tile of a whole library region.
    most = -(-len(draft.workflow.tasks) // limits.library_region**2)
    if config is None:
        config = min(DEFAULT_CONFIG, limits.store_words // 2 // most // ALIGN * ALIGN)
    blocks = tuple(
        replace(block, config=config) if isinstance(block, Task) else block for block in draft.workflow.blocks
    )
    fitting = _Fitting(replace(draft, workflow=replace(draft.workflow, blocks=blocks)), limits)
    words, window = fitting.choose([word] if word else fitting.candidates(), most * aligned(config))
    workflow = fitting.workflow(words)
    workload = as_workload(workflow)
    workload = replace(workload, streams=(replace(workload.streams[0], window=window),))
    needs = needs_of(workload, limits).by_key | {"owner_entries": len(workflow.tasks)}
    scaled = any(data.size for data in draft.data)
    return Fitted(
        workload=workload,
        word=words if scaled else None,
        shrunk=[workflow.blocks[number].id for number in fitting.too_large(words)],
        config=config,
        needs=needs,
    )


class _Fitting:
    def __init__(self, draft: Draft, limits: Config) -> None:
        self.draft = draft
        self.limits = limits
        self.operands = list(_operands(draft.workflow))
        self.stores: dict[float, int] = {}

    def candidates(self) -> list[float]:
        """Return the bytes that a word may stand for, up to where everything is one word."""
        largest = max([data.size for data in self.draft.data], default=0.0)
        numbers = [float(f"{digit}e{power}") for power in range(1, 25) for digit in (1, 2, 5)]
        return [float(WORD_BYTES), *numbers[: 1 + bisect_left(numbers, largest)]]

    def choose(self, candidates: list[float], library: int) -> tuple[float, int]:
        """Return how many bytes a word stands for, and how many instances can be in flight at a tile."""
        hopeless = set(self.too_large(candidates[-1]))

        def operands_fit(word: float) -> bool:
            return hopeless.issuperset(self.too_large(word))

        first = min(bisect_left(candidates, True, key=operands_fit), len(candidates) - 1)
        home = home_of(self.draft.workflow, self.limits)
        for window in range(DEFAULT_WINDOW, 0, -1):
            if home.records * window > MOST["home_records"] or home.joins * window > MOST["join_records"]:
                continue
            for room in (self.limits.store_words, MOST["store_words"]):
                found = self.smallest(candidates[first:], (room - library) // window)
                if found is not None:
                    return found, window
        return candidates[-1], 1

    def smallest(self, candidates: list[float], room: int) -> float | None:
        """Return the first candidate by which an instance's data take no more than this room."""
        if self.store(candidates[-1]) > room:
            return None
        return candidates[bisect_left(candidates, True, key=lambda word: self.store(word) <= room)]

    def store(self, word: float) -> int:
        if word not in self.stores:
            self.stores[word] = home_of(self.workflow(word), self.limits).store
        return self.stores[word]

    def plain(self, word: float) -> list[int]:
        """Return the words of each flow, whether they fit or not; data that there are take one at least."""
        return [data.words + math.ceil(data.size / word) for data in self.draft.data]

    def too_large(self, word: float) -> list[int]:
        """Return the blocks with an operand that no buffer holds."""
        words, limit = self.plain(word), self.limits.buffer_words
        sizes = {number: times * sum(words[flow] for flow in flows) for number, flows, times in self.operands}
        return sorted(number for number, size in sizes.items() if size > limit)

    def workflow(self, word: float) -> Workflow:
        """Return the workflow with all words, shrunk alike where an operand is too large."""
        plain, limit = self.plain(word), self.limits.buffer_words
        words = list(plain)
        for _, flows, times in self.operands:
            total = times * sum(plain[flow] for flow in flows)
            for flow in flows if total > limit else ():
                words[flow] = plain[flow] * limit // total
        workflow = self.draft.workflow
        pairs = zip(workflow.flows, words, strict=True)
        return replace(workflow, flows=tuple(replace(flow, words=number) for flow, number in pairs))


def _operands(workflow: Workflow) -> Iterator[tuple[int, list[int], int]]:
    """Yield what must fit a buffer together: the block, its flows, and how many times they come."""
    for number, block in enumerate(workflow.blocks):
        incoming = list(workflow.incoming[number])
        if block.waits_for_all:
            yield number, incoming, 1
            continue
        times = 1
        if isinstance(block, Join):
            spawn = workflow.blocks[workflow.numbers[block.of]]
            assert isinstance(spawn, Spawn) and isinstance(spawn.count, Const)
            times = spawn.count.number
        for flow in incoming:
            yield number, [flow], times
