# SPDX-License-Identifier: Apache-2.0
"""From stages to blocks and flows that wait for exactly what the recorded tasks waited for.

::

    a, b ─► x            a ─┐                       what several tasks wait for is joined once,
    a, b ─► y            b ─┴► join ─► fork ─► x    however many they are
                                         └───► y

Several tasks without parents stand behind one fork; several without children before one join.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from octopus_hw.importers.graph import Data, TaskGraph
from octopus_hw.importers.lanes import Stage
from octopus_hw.owg.builder import WorkflowBuilder, replay
from octopus_hw.owg.objects import ALL, Workflow

__all__ = ["Draft", "lay_out"]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A workflow whose flows carry no words yet.

    Attributes
    ----------
    workflow : Workflow
    data : list of Data
        What each flow is to carry.
    where : dict
        By task, the block that executes it, and the index it does so with.
    """

    workflow: Workflow
    data: list[Data]
    where: dict[str, tuple[str, int]]


def lay_out(graph: TaskGraph, cycles: dict[str, int], stages: list[Stage], description: str) -> Draft:
    """Make the workflow of a graph whose tasks take these cycles; `stages` stand behind what they wait for."""
    return _Layout(graph, cycles, stages, description).draft()


def _most(data: Iterable[Data]) -> Data:
    return reduce(Data.__or__, data, Data())


def _sum(data: Iterable[Data]) -> Data:
    return reduce(Data.__add__, data, Data())


class _Layout:
    """Stages go by their numbers; the one behind the last is the end."""

    def __init__(self, graph: TaskGraph, cycles: dict[str, int], stages: list[Stage], description: str) -> None:
        self.graph = graph
        self.cycles = cycles
        self.stages = stages
        self.builder = WorkflowBuilder(graph.name, description)
        self.data: list[Data] = []
        self.where: dict[str, tuple[str, int]] = {}
        self.taken: dict[str, int] = {ALL: 1}
        self.inlet: dict[int, str] = {}
        self.outlet: dict[int, str] = {}
        stage_of = {task: n for n, stage in enumerate(stages) for lane in stage.lanes for task in lane}
        self.parents = [tuple(sorted({stage_of[p] for p in graph.parents[stage.heads[0]]})) for stage in stages]
        sinks = tuple(n for n, stage in enumerate(stages) if not graph.children[stage.tails[0]])
        self.parents.append(sinks)
        self.released: dict[tuple[int, ...], list[int]] = {}
        for number, parents in enumerate(self.parents):
            self.released.setdefault(parents, []).append(number)
        self.uses = [0] * len(stages)
        for parents, children in self.released.items():
            for parent in parents:
                self.uses[parent] += len(children) if len(parents) == 1 else 1
        self.handed: dict[tuple[int, int], Data] = {}

    def draft(self) -> Draft:
        for number, stage in enumerate(self.stages):
            self.add_stage(number, stage)
        self.inlet[len(self.stages)] = self.builder.end(self.name("end"))
        for parents, children in self.released.items():
            self.connect(parents, children)
        starts = self.released[()]
        entry = self.builder.fork(self.name("start")) if len(starts) > 1 else self.inlet[starts[0]]
        for child in starts if len(starts) > 1 else ():
            self.flow(entry, self.inlet[child], Data())
        return Draft(workflow=self.builder.build(entry), data=self.data, where=self.where)

    def name(self, wanted: str) -> str:
        """Return a block id that is not taken yet."""
        base = re.sub(r"\W", "_", wanted, flags=re.ASCII) or "task"
        base = f"_{base}" if base[0].isdigit() else base
        name = base
        while name in self.taken:
            self.taken[base] = self.taken.get(base, 1) + 1
            name = f"{base}_{self.taken[base]}"
        self.taken[name] = 1
        return name

    def flow(self, source: str, target: str, data: Data) -> None:
        self.builder.flow(source, target)
        self.data.append(data)

    def add_stage(self, number: int, stage: Stage) -> None:
        """Add a stage's blocks, and the flows between them."""
        if stage.lanes == ((stage.heads[0],),):
            name = stage.heads[0]
            self.inlet[number] = self.outlet[number] = self.add_tasks(name, [name])
            return
        kinds = [self.graph.tasks[task].kind for task in stage.lanes[0]]
        spawn = self.builder.spawn(self.name(f"spawn_{kinds[0]}"), len(stage.lanes))
        self.inlet[number] = self.outlet[number] = spawn
        taken = (self.between(parent, number) for parent in self.parents[number])
        before, data = spawn, _sum(taken)
        for kind, tasks in zip(kinds, zip(*stage.lanes, strict=True), strict=True):
            block = self.add_tasks(kind, list(tasks))
            self.flow(before, block, data)
            nexts = [(task, child) for task in tasks for child in self.graph.children[task]]
            before, data = block, _most(self.graph.data[edge] for edge in nexts)
        join = self.outlet[number] = self.builder.join(self.name(f"join_{kinds[0]}"), of=spawn)
        self.flow(before, join, data)
        if self.uses[number] > 1:
            self.outlet[number] = self.builder.fork(self.name(f"fork_{kinds[0]}"))
            children = [child for child, parents in enumerate(self.parents) if number in parents]
            self.flow(join, self.outlet[number], _most(self.between(number, child) for child in children))

    def add_tasks(self, wanted: str, tasks: list[str]) -> str:
        """Add the block that executes these tasks, by their index."""
        block = self.builder.task(self.name(wanted), replay([[[self.cycles[task] for task in tasks]]]))
        self.where |= {task: (block, index) for index, task in enumerate(tasks)}
        return block

    def between(self, parent: int, child: int) -> Data:
        """Return what a stage hands to each lane of another: the most that it hands to any."""
        if (parent, child) not in self.handed:
            tails, heads = self.stages[parent].tails, self.stages[child].heads if child < len(self.stages) else []
            self.handed[parent, child] = _most(_sum(self.graph.data[tail, head] for tail in tails) for head in heads)
        return self.handed[parent, child]

    def connect(self, parents: tuple[int, ...], children: list[int]) -> None:
        """Let stages wait for all of these, directly or through one join and one fork."""
        if len(parents) == 1:
            for child in children:
                self.flow(self.outlet[parents[0]], self.inlet[child], self.between(parents[0], child))
        elif parents:
            first = self.inlet[children[0]]
            source = join = self.builder.join(self.name(f"join_{first}"))
            for parent in parents:
                self.flow(self.outlet[parent], join, _most(self.between(parent, child) for child in children))
            needs = {child: _sum(self.between(parent, child) for parent in parents) for child in children}
            if len(children) > 1:
                source = self.builder.fork(self.name(f"fork_{first}"))
                self.flow(join, source, _most(needs.values()))
            for child in children:
                self.flow(source, self.inlet[child], needs[child])
