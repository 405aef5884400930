# SPDX-License-Identifier: Apache-2.0
"""The flow table of a workload: a list of rows for each block, and one row by which each stream's instances enter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Kind
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.home import Home
from octopus_hw.image.image import row_type
from octopus_hw.image.words import Carried, entry_words
from octopus_hw.owg.objects import ALIGN, Block, Branch, End, Fork, Join, Spawn, Task, Workflow, aligned
from octopus_hw.owg.workload import Workload

__all__ = ["FlowTable", "flow_table"]

_MODES = {None: 0, "sum": 1, "max": 2, "count": 3}

#: Fields that are stored in quads.
_QUADS = ("area", "stride", "offset", "begin", "step", "room")

FlowFields = dict[str, int]


@dataclass(frozen=True)
class FlowTable:
    """The rows (`Layouts.flow_row`), and for each stream the row that leads to its entry block."""

    rows: NDArray[np.void]
    entries: tuple[int, ...]


def flow_table(workload: Workload, homes: list[Home], config: Config) -> FlowTable:
    """Build the flow table; streams, then blocks, then their flows follow one another in order."""
    rows: list[FlowFields] = []
    entries = []
    for stream, home, base in zip(workload.streams, homes, workload.block_bases, strict=True):
        part = _Part(stream.workflow, home, base, len(rows))
        rows += [*part.rows(), part.entry(entry_words(stream.workflow, stream.given))]
        entries.append(len(rows) - 1)
    table = np.zeros(len(rows), row_type(layouts(config).flow_row))
    for name in table.dtype.names or ():
        table[name] = [row.get(name, 0) // (ALIGN if name in _QUADS else 1) for row in rows]
    return FlowTable(table, tuple(entries))


class _Part:
    """The rows of one stream, from row `first` of the table on."""

    def __init__(self, workflow: Workflow, home: Home, base: int, first: int) -> None:
        self.workflow = workflow
        self.home = home
        self.base = base
        self.next: dict[int, int] = {}
        self.row_into: dict[int, int] = {}
        row = first
        for number, carried in home.lists.of.items():
            self.next[number] = row
            for each in carried:
                self.row_into.setdefault(workflow.ends[each.flow][1], row)
                row += 1

    def rows(self) -> list[FlowFields]:
        rows = []
        for number, carried in self.home.lists.of.items():
            last = len(carried) - 1 if not isinstance(self.workflow.blocks[number], Branch) else -1
            rows += [self.row(each, position == last) for position, each in enumerate(carried)]
        return rows

    def entry(self, words: int) -> FlowFields:
        """Return the row by which instances enter, with so many words of what the host sends them."""
        return self.into(self.workflow.entry_number) | {"last": 1, "words": words}

    def row(self, carried: Carried, last: bool) -> FlowFields:
        flow, first, words = carried
        target, described = self.workflow.ends[flow][1], self.workflow.flows[flow]
        row = self.into(target) | {"last": int(last), "words": words, "begin": first}
        row["step"] = described.stride if words else 0
        if described.loop:
            row |= {"loop": 1, "max_rounds": described.max_rounds}
        block = self.workflow.blocks[target]
        if block.waits_for_all:
            counts = flow == self.workflow.incoming[target][0]
            row |= {"first": int(counts), "offset": self.workflow.offsets[flow], "room": aligned(described.words)}
        elif isinstance(block, Join):
            row["room"] = self.workflow.areas[target]
        return row

    def into(self, target: int) -> FlowFields:
        """Return what every row that leads to a block says of it."""
        block, home = self.workflow.blocks[target], self.home
        row = {
            "dest": self.base + target,
            "next": self.next.get(target, 0),
            "laned": int(target in home.lanes),
            "record": home.record.get(target, 0),
            "area": home.area.get(target, 0),
            "stride": home.stride.get(target, 0),
        }
        return row | self.of_kind(block, target)

    def of_kind(self, block: Block, number: int) -> FlowFields:
        """Return what rows that lead to a block say of its kind, and of what its kind alone has."""
        match block:
            case Task():
                return {"kind": Kind.TASK, "result": self.workflow.result_words[number]}
            case Branch():
                flows = self.workflow.outgoing[number]
                forward = next(n for n, flow in enumerate(flows) if not self.workflow.flows[flow].loop)
                return {"kind": Kind.BRANCH, "count": len(flows), "aux": forward}
            case Spawn():
                join = self.workflow.numbers[block.join]
                own = {"keep": int(block.keep_value), "join": self.home.join[join], "aux": self.row_into[join]}
                return {"kind": Kind.SPAWN} | own
            case Join():
                own = {"mode": _MODES[block.collect], "join": self.home.join[number]}
                if block.waits_for_all:
                    own |= {"all": 1, "count": len(self.workflow.incoming[number])}
                return {"kind": Kind.JOIN} | own
            case Fork():
                assert number in self.home.lists.held, "a row into a fork that was flattened"
                return {"kind": Kind.FORK}
            case End():
                return {"kind": Kind.END, "keep": int(number in self.home.record)}
            case missing:
                assert_never(missing)
