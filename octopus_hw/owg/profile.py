# SPDX-License-Identifier: Apache-2.0
"""The profile of a workload: what schedulers know of each Task Block in advance.

It is taken by interpreting the first instances of each stream with other seeds than the run's; a short stream is gone
through several times, so that its rare paths are seen too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from octopus_hw.owg.draw import PROFILE_SEED_STEP
from octopus_hw.owg.interpret import Execution
from octopus_hw.owg.measures import execution
from octopus_hw.owg.workload import Instance, Resolved

#: Instances of a stream that are profiled, unless they are large: then no more pass begins beyond LARGE invocations.
SAMPLE = 256
LARGE = 50_000

STEADY, TIME_DYNAMIC, FREQUENCY_DYNAMIC = "steady", "time-dynamic", "frequency-dynamic"


@dataclass(frozen=True)
class Spread:
    """Mean, standard deviation (of the population), smallest and largest of a sample; all 0 if it is empty."""

    mean: float
    deviation: float
    low: int
    high: int

    @classmethod
    def of(cls, sample: Iterable[int]) -> Spread:
        """Summarise a sample."""
        numbers = list(sample)
        if not numbers:
            return cls(0.0, 0.0, 0, 0)
        mean = math.fsum(numbers) / len(numbers)
        variance = math.fsum((number - mean) ** 2 for number in numbers) / len(numbers)
        return cls(mean, math.sqrt(variance), min(numbers), max(numbers))

    @property
    def varies(self) -> bool:
        """Whether the sample holds different numbers."""
        return self.low != self.high


def _range(spread: Spread) -> str:
    return f"{spread.low} to {spread.high}"


def _mean(spread: Spread) -> str:
    digits = f"{spread.mean:.0f}" if spread.mean >= 100 else f"{spread.mean:.2f}".rstrip("0").rstrip(".")
    return f"mean {digits}"


@dataclass(frozen=True, kw_only=True)
class TaskProfile:
    """One Task Block; `block` is numbered over the whole workload, `executions` are per instance.

    `instances` are those that its stream has in the workload, not those that were profiled.
    """

    block: int
    id: str
    stream: int
    instances: int
    executions: Spread
    cycles: Spread

    @property
    def dynamics(self) -> str:
        """`FREQUENCY_DYNAMIC` if its executions vary, else `TIME_DYNAMIC` if its cycles vary, else `STEADY`."""
        if self.executions.varies:
            return FREQUENCY_DYNAMIC
        return TIME_DYNAMIC if self.cycles.varies else STEADY

    @property
    def reason(self) -> str:
        """What was seen that makes it so."""
        if self.executions.varies:
            return f"runs {_range(self.executions)} times per instance ({_mean(self.executions)})"
        if self.cycles.varies:
            return f"{_range(self.cycles)} cycles ({_mean(self.cycles)})"
        if not self.executions.high:
            return "was never seen to run"
        often = "once" if self.executions.high == 1 else f"{self.executions.high} times"
        return f"always {often}, always {self.cycles.high} cycles"

    @property
    def work(self) -> float:
        """Mean cycles per instance."""
        return self.executions.mean * self.cycles.mean

    @property
    def load(self) -> float:
        """Mean cycles over the whole workload: `work` of all the stream's instances."""
        return self.work * self.instances


@dataclass(frozen=True, kw_only=True)
class StreamProfile:
    """One stream: how many instances were profiled and their work and longest chain."""

    instances: int
    work: Spread
    chain: Spread


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The tasks of all streams, by block number, and the streams."""

    seed: int
    tasks: tuple[TaskProfile, ...]
    streams: tuple[StreamProfile, ...]
    #: Mean work per instance over the whole workload, each stream weighed by its instances.
    mean_work: float
    #: Mean cycles of a TB invocation over the whole workload.
    mean_cycles: float


def profile(resolved: Resolved) -> Profile:
    """Profile a workload: `SAMPLE` instances of each stream; each pass has a seed `PROFILE_SEED_STEP` further."""
    seed = (resolved.seed + PROFILE_SEED_STEP) & 0xFFFFFFFF
    by_stream: list[list[Instance]] = [[] for _ in resolved.workload.streams]
    counts = [0] * len(by_stream)
    for instance in resolved:
        counts[instance.stream] += 1
        if instance.k < SAMPLE:
            by_stream[instance.stream].append(instance)
    tasks: list[TaskProfile] = []
    streams = []
    for number, instances in enumerate(by_stream):
        part, stream = _stream(resolved, number, instances, counts[number], seed)
        tasks += part
        streams.append(stream)
    work = math.fsum(count * stream.work.mean for count, stream in zip(counts, streams, strict=True))
    invocations = math.fsum(task.instances * task.executions.mean for task in tasks)
    return Profile(
        seed=seed,
        tasks=tuple(tasks),
        streams=tuple(streams),
        mean_work=work / sum(counts),
        mean_cycles=work / invocations if invocations else 0.0,
    )


def _stream(
    resolved: Resolved, number: int, instances: list[Instance], count: int, seed: int
) -> tuple[list[TaskProfile], StreamProfile]:
    workflow, base = resolved.workload.streams[number].workflow, resolved.workload.block_bases[number]
    runs: list[Execution] = []
    while len(runs) < SAMPLE and sum(len(run.invocations) for run in runs) < LARGE:
        runs += [execution(resolved, instance, base, seed) for instance in instances[: SAMPLE - len(runs)]]
        seed = (seed + PROFILE_SEED_STEP) & 0xFFFFFFFF
    executions = {base + task: [0] * len(runs) for task in workflow.tasks}
    cycles: dict[int, list[int]] = {base + task: [] for task in workflow.tasks}
    for position, run in enumerate(runs):
        for invocation in run.invocations:
            executions[invocation.block][position] += 1
            cycles[invocation.block].append(invocation.cycles)
    tasks = [
        TaskProfile(
            block=block,
            id=workflow.blocks[block - base].id,
            stream=number,
            instances=count,
            executions=Spread.of(executions[block]),
            cycles=Spread.of(cycles[block]),
        )
        for block in executions
    ]
    work, chain = Spread.of(run.work for run in runs), Spread.of(run.chain for run in runs)
    return tasks, StreamProfile(instances=len(runs), work=work, chain=chain)
