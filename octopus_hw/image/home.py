# SPDX-License-Identifier: Apache-2.0
"""What one instance needs at home: records, join records and words of the home store.

::

    cell      | 0                  | 1          | 2, in a body of 3 lanes | ...
    records   | 0                  | 1          | 2 3 4                   |
    joins     |                    | 0          |                         |      of cells that have a join
    words     | 0 ..               | n ..       | lane 0, lane 1, lane 2  |

Cells (`octopus_hw.image.cells`) follow one another, each as large as the blocks that share it need: so many lanes, and
so many words as the largest operand, in each lane. The row that the host sends an instance lies at word 0, in the
injected token's cell, from before the injection until the token's data have left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from octopus_hw.contract.config import Config
from octopus_hw.image.cells import cells_of
from octopus_hw.image.lists import Lists, lanes_of, lists_of
from octopus_hw.image.operands import operands_of
from octopus_hw.image.words import reports
from octopus_hw.owg.bodies import spawn_bodies
from octopus_hw.owg.objects import Join, Workflow, aligned
from octopus_hw.owg.ranges import child_bounds

__all__ = ["Home", "home_of"]


@dataclass(frozen=True, kw_only=True)
class Home:
    """One instance's space; the mappings are by block. Words are in whole quads.

    `stride` is of one lane, and for a spawn's join of one child.
    """

    lists: Lists
    lanes: dict[int, int]
    record: dict[int, int]
    join: dict[int, int]
    area: dict[int, int]
    stride: dict[int, int]
    records: int
    joins: int
    store: int

    def needs(self, key: str) -> int:
        """Return what one instance takes of a configuration key."""
        needs = {"home_records": self.records, "join_records": self.joins, "store_words": self.store}
        return needs.get(key, 1)


def home_of(workflow: Workflow, config: Config, given: int | None = None) -> Home:
    """Lay out one instance of a workflow.

    Parameters
    ----------
    workflow : Workflow
    config : Config
    given : int, optional
        The words of each row that the host sends; None if it sends none.

    Raises
    ------
    InputError
        An operand or result is larger than can be; the message names the flow or block and what to do.
    """
    lists, bodies, children = lists_of(workflow), spawn_bodies(workflow), child_bounds(workflow)
    cells, lanes = cells_of(workflow, lists, bodies, reports=reports(workflow, given)), lanes_of(bodies, children)
    size = operands_of(workflow, cells.of, children, config, given)
    joins = [number for number in cells.of if isinstance(workflow.blocks[number], Join)]
    stride = _strides(bodies, cells.of, size)
    words = {number: lanes.get(number, 1) * stride.get(number, size[number]) for number in cells.of}
    record = _starts(cells.count, [(0, 1), *((cells.of[n], lanes.get(n, 1)) for n in cells.of)])
    join = _starts(cells.count, [(cells.of[n], lanes.get(n, 1)) for n in joins])
    area = _starts(cells.count, [(0, aligned(given or 0)), *((cells.of[n], words[n]) for n in cells.of)])
    child = {n: workflow.areas[n] for n in joins if not workflow.blocks[n].waits_for_all}
    return Home(
        lists=lists,
        lanes=lanes,
        record={number: record[cell] for number, cell in cells.of.items()},
        join={number: join[cells.of[number]] for number in joins},
        area={number: area[cell] if words[number] else 0 for number, cell in cells.of.items()},
        stride={**dict.fromkeys(cells.of, 0), **stride, **child},
        records=record[-1],
        joins=join[-1],
        store=area[-1],
    )


def _starts(count: int, needs: Iterable[tuple[int, int]]) -> list[int]:
    """Return where each of so many cells starts, if it must be so large, and where the last one ends."""
    sizes = [0] * count
    for cell, size in needs:
        sizes[cell] = max(sizes[cell], size)
    return [0, *accumulate(sizes)]


def _strides(bodies: Mapping[int, tuple[int, ...]], cell: dict[int, int], size: dict[int, int]) -> dict[int, int]:
    """Return the words from lane to lane of each block in a body: blocks that share a cell have the same."""
    strides = {}
    for body in bodies.values():
        blocks = [number for number in body if number in cell]
        largest: dict[int, int] = {}
        for number in blocks:
            largest[cell[number]] = max(largest.get(cell[number], 0), size[number])
        strides.update({number: largest[cell[number]] for number in blocks})
    return strides
