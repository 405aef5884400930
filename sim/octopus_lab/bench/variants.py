# SPDX-License-Identifier: Apache-2.0
"""Workloads made from workloads: other loads, arrivals, homes, windows, lengths, grain, data and configurations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import numpy as np

from octopus_hw.contract.config import Config
from octopus_hw.image.needs import needs_of
from octopus_hw.owg import sources as src
from octopus_hw.owg.measures import measures
from octopus_hw.owg.objects import Block, Task, Workflow
from octopus_hw.owg.profile import Profile, profile
from octopus_hw.owg.workload import Stream, Workload
from octopus_lab.bench.row import resolved_on

__all__ = [
    "half_in",
    "is_closed",
    "opened",
    "roomy",
    "scaled",
    "shortened",
    "total_work",
    "with_configurations",
    "with_data",
    "with_homes",
    "with_load",
    "with_most",
    "with_windows",
]

#: Storage that open arrivals and hot spots may use: the most that can be configured.
_STORAGE = ("max_instances", "home_records", "join_records", "store_words")
_MOST = {f.name: int(f.metadata["high"]) for f in fields(Config)}
_STEP = 0.97


def is_closed(workload: Workload) -> bool:
    """Whether no stream has open arrivals."""
    return not any(stream.is_open for stream in workload.streams)


def roomy(workload: Workload, columns: int, rows: int, config: Config, storage: bool = False) -> Config:
    """Return a configuration that a workload fits, if there is one: sizes that decide no cycle are raised.

    With `storage`, all that a home can have for instances in flight is at its most.
    """
    if storage:
        config = replace(config, **{key: _MOST[key] for key in _STORAGE})
    needs = needs_of(workload, config, resolved_on(workload, columns, rows, config)).by_key
    return replace(config, **{key: min(_MOST[key], max(getattr(config, key), need)) for key, need in needs.items()})


def shortened(workload: Workload, columns: int, rows: int, per_tile: int) -> Workload:
    """Return a workload that has at most so many instances of each stream for each tile."""
    most = per_tile * columns * rows

    def short(stream: Stream) -> Stream:
        if stream.instances_per_tile is not None:
            return replace(stream, instances_per_tile=min(per_tile, stream.instances_per_tile))
        arrivals = None if stream.arrivals is None else stream.arrivals[:most]
        return replace(stream, arrivals=arrivals, instances=stream.instances and min(most, stream.instances))

    return _with_streams(workload, short)


def with_load(workload: Workload, columns: int, rows: int, config: Config, load: float) -> Workload:
    """Return a closed workload with windows for a load (TB invocations in flight per PEA, if all could run).

    Windows keep their proportions; where so many instances have no space at home, there are as many as have.
    """
    resolved = resolved_on(workload, columns, rows, config)
    tasks = _tasks_per_instance(profile(resolved), len(workload.streams))
    held = math.fsum(stream.window * each for stream, each in zip(workload.streams, tasks, strict=True))
    factor = load * config.tbus * config.peas / held
    return _fitting(workload, columns, rows, config, factor)


def with_most(workload: Workload, columns: int, rows: int, config: Config) -> Workload:
    """Return a closed workload with as many instances in flight at each home as can be."""
    factor = _MOST["max_instances"] / sum(stream.window for stream in workload.streams)
    return _fitting(workload, columns, rows, config, factor)


def _fitting(workload: Workload, columns: int, rows: int, config: Config, factor: float) -> Workload:
    while True:
        windows = [max(1, round(stream.window * factor)) for stream in workload.streams]
        pairs = zip(workload.streams, windows, strict=True)
        some = replace(workload, streams=tuple(replace(stream, window=window) for stream, window in pairs))
        needs = needs_of(some, config, resolved_on(some, columns, rows, config)).by_key
        if max(windows) == 1 or all(needs[key] <= _MOST[key] for key in _STORAGE):
            return some
        factor *= _STEP


def _tasks_per_instance(known: Profile, streams: int) -> list[float]:
    each = [0.0] * streams
    for task in known.tasks:
        each[task.stream] += task.executions.mean
    return each


def total_work(workload: Workload, columns: int, rows: int, config: Config) -> int:
    """Return the cycles of all invocations of a workload."""
    return measures(resolved_on(workload, columns, rows, config), 1).work


def opened(workload: Workload, columns: int, rows: int, config: Config, span: float, poisson: bool = False) -> Workload:
    """Return a closed workload with open arrivals over a `span` of cycles.

    All streams go on for the whole of it; each has one arrival in each of its periods, at a drawn point of it, or, with
    `poisson`, drawn gaps.
    """
    resolved = resolved_on(workload, columns, rows, config)
    counts = np.bincount(resolved.stream, minlength=len(workload.streams)).tolist()
    random = np.random.default_rng(workload.seed)
    streams = []
    for stream, count in zip(workload.streams, counts, strict=True):
        if poisson:
            gaps = random.exponential(size=count + 1)
            points = np.cumsum(gaps)[:-1] / gaps.sum()
        else:
            points = (np.arange(count) + random.random(count)) / count
        arrivals = tuple((points * span).astype(np.int64).tolist())
        streams.append(replace(stream, instances=None, instances_per_tile=None, window=4, arrivals=arrivals))
    return replace(workload, streams=tuple(streams))


def half_in(columns: int, rows: int, width: int, height: int) -> tuple[int, ...]:
    """Return weights of homes: half of all instances in the upper left `width` x `height` tiles, half elsewhere."""
    inside = width * height
    outside = columns * rows - inside
    if not outside:
        return (1,) * inside
    part = math.gcd(inside, outside)
    return tuple((outside if x < width and y < height else inside) // part for y in range(rows) for x in range(columns))


def with_homes(workload: Workload, weights: Sequence[int]) -> Workload:
    """Return a workload with weights for the homes of every stream."""
    return _with_streams(workload, lambda stream: replace(stream, homes=tuple(weights)))


def scaled(workload: Workload, factor: float) -> Workload:
    """Return a workload whose tasks take `factor` times their cycles.

    Numbers are rounded, and stay from 1 to 65535. Cycles that are the value itself grow by whole factors only.
    """

    def task(block: Block) -> Block:
        if not isinstance(block, Task) or block.cycles is None:
            return block
        return replace(block, cycles=_scaled(block.cycles, factor))

    def stream(old: Stream) -> Stream:
        workflow: Workflow = replace(old.workflow, blocks=tuple(map(task, old.workflow.blocks)))
        return replace(old, workflow=workflow, owg=None)

    return _with_streams(workload, stream)


def with_data(workload: Workload, factor: float) -> Workload:
    """Return a workload whose flows carry `factor` times their words, rounded down."""

    def stream(old: Stream) -> Stream:
        flows = tuple(replace(flow, words=int(flow.words * factor)) for flow in old.workflow.flows)
        return replace(old, workflow=replace(old.workflow, flows=flows), owg=None)

    return _with_streams(workload, stream)


def with_configurations(workload: Workload, factor: float) -> Workload:
    """Return a workload whose tasks have `factor` times their words of configuration, rounded down."""

    def task(block: Block) -> Block:
        return replace(block, config=int(block.config * factor)) if isinstance(block, Task) else block

    def stream(old: Stream) -> Stream:
        workflow: Workflow = replace(old.workflow, blocks=tuple(map(task, old.workflow.blocks)))
        return replace(old, workflow=workflow, owg=None)

    return _with_streams(workload, stream)


def with_windows(workload: Workload, window: int) -> Workload:
    """Return a closed workload with so many instances of each stream in flight at each of its homes."""
    return _with_streams(workload, lambda stream: replace(stream, window=window))


def _scaled(source: src.NumberSource, factor: float) -> src.NumberSource:
    def times(number: int) -> int:
        return min(src.LIMIT, max(1, round(number * factor)))

    def signed(number: int) -> int:
        return min(src.LIMIT, max(-src.LIMIT, round(number * factor)))

    match source:
        case src.Const(number):
            return src.Const(times(number))
        case src.Value():
            return src.Affine(0, max(1, round(factor)))
        case src.Affine(a, b):
            return src.Affine(signed(a), signed(b))
        case src.Quantiles(numbers):
            return src.Quantiles(tuple(map(times, numbers)))
        case src.Scenes(pairs):
            return src.Scenes(tuple((name, _scaled(inner, factor)) for name, inner in pairs))
        case src.Replay(numbers):
            return src.Replay(tuple(tuple(tuple(map(times, row)) for row in rounds) for rounds in numbers))
    raise TypeError(f"{source!r} gives no cycles")


def _with_streams(workload: Workload, change: Callable[[Stream], Stream]) -> Workload:
    return replace(workload, streams=tuple(map(change, workload.streams)))
