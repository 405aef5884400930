# SPDX-License-Identifier: Apache-2.0
"""What one instance needs at home: records, join records and words of the home store.

::

    records  0: the injected token | one, or one for each lane, for each task, held fork, spawn and join
    joins    one, or one for each lane, for each join, in order
    words    what an injected token may be asked to send | the areas of those blocks, in order

An area holds a block's operand: a parked task's, what a fork or spawn sends on, or what a join gathers: the flows of an
``all`` join one after the other, the children of a spawn by their index. In a spawn's body there is one for each lane.
"""

from __future__ import annotations

from dataclasses import dataclass

from octopus_hw.contract.config import Config
from octopus_hw.image.lists import held_forks, holds_tokens, lanes_of, outgoing_lists
from octopus_hw.image.words import needed_by_list, passed_words, row_words
from octopus_hw.owg.objects import Branch, Join, Spawn, Workflow
from octopus_hw.owg.ranges import child_bounds

__all__ = ["Home", "home_of"]


@dataclass(frozen=True, kw_only=True)
class Home:
    """One instance's space; the mappings are by block, but for `offset` and `words`, which are by flow."""

    lists: dict[int, list[int]]
    held: frozenset[int]
    lanes: dict[int, int]
    record: dict[int, int]
    join: dict[int, int]
    area: dict[int, int]
    stride: dict[int, int]
    offset: dict[int, int]
    words: list[int]
    records: int
    joins: int
    store: int

    def needs(self, key: str) -> int:
        """Return what one instance takes of a configuration key."""
        needs = {"home_records": self.records, "join_records": self.joins, "store_words": self.store}
        return needs.get(key, 1)


def home_of(workflow: Workflow, config: Config) -> Home:
    """Lay out one instance of a workflow.

    Raises
    ------
    InputError
        An operand is larger than a buffer; the message names the flow or join and what to do.
    """
    return _Layout(workflow, config).home()


class _Layout:
    def __init__(self, workflow: Workflow, config: Config) -> None:
        self.workflow = workflow
        self.config = config
        self.lists = outgoing_lists(workflow)
        self.held = held_forks(workflow)
        self.lanes = lanes_of(workflow)
        self.passed = passed_words(workflow)
        self.words = [row_words(workflow, flow, self.passed) for flow in range(len(workflow.flows))]
        self.children = child_bounds(workflow)
        self.offset: dict[int, int] = {}

    def home(self) -> Home:
        record, join, area, stride = {}, {}, {}, {}
        entry = self.workflow.entry_number
        records, joins = 1, 0
        store = self.passed[entry] if isinstance(self.workflow.blocks[entry], Branch) else 0
        for number, block in enumerate(self.workflow.blocks):
            if not holds_tokens(self.workflow, number, self.held):
                continue
            lanes = self.lanes.get(number, 1)
            size, stride[number] = self.operand(number)
            record[number], area[number] = records, store if size else 0
            records, store = records + lanes, store + lanes * size
            if isinstance(block, Join):
                join[number] = joins
                joins += lanes
        return Home(
            lists=self.lists,
            held=self.held,
            lanes=self.lanes,
            record=record,
            join=join,
            area=area,
            stride=stride,
            offset=self.offset,
            words=self.words,
            records=records,
            joins=joins,
            store=store,
        )

    def operand(self, number: int) -> tuple[int, int]:
        """Return the words of one lane's area of a block, and the stride of its rows."""
        block = self.workflow.blocks[number]
        incoming = self.workflow.incoming[number]
        for flow in incoming:
            self.check_flow(flow)
        size = most = max((self.words[flow] for flow in incoming), default=0)
        if block.waits_for_all:
            size = 0
            for flow in incoming:
                self.offset[flow] = size
                size += self.words[flow]
            self.check_join(number, size, f"the operands of its {len(incoming)} flows")
        elif isinstance(block, Join):
            children = self.children[self.workflow.numbers[block.of]][1]
            size = most * children
            self.check_join(number, size, f"the operands of up to {children} children of '{block.of}'")
        if isinstance(block, Join | Spawn) or number in self.held:
            size = max(size, needed_by_list(self.workflow, self.lists[number], self.passed))
        if isinstance(block, Join) and not block.waits_for_all:
            return size, most
        return size, size if number in self.lanes else 0

    def check_flow(self, flow: int) -> None:
        words, limit = self.workflow.flows[flow].words, self.config.buffer_words
        if self.words[flow] > limit and words > limit:
            message = f"{words} words, but a buffer has {limit}; send fewer or raise buffer_words"
            raise self.workflow.error(f"flows[{flow}].words", message)

    def check_join(self, number: int, size: int, what: str) -> None:
        limit = self.config.buffer_words
        if size > limit:
            flow = max(self.workflow.incoming[number], key=lambda flow: self.words[flow])
            name = self.workflow.blocks[number].id
            message = f"{what} come to {size} words at join '{name}', but a buffer has {limit}; send fewer"
            raise self.workflow.error(f"flows[{flow}].words", f"{message} or raise buffer_words")
