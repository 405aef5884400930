# SPDX-License-Identifier: Apache-2.0
"""What a resolved workload is worth before anything runs: its work and the bound that no scheduler can beat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from octopus_hw.owg.interpret import Execution, interpret
from octopus_hw.owg.workload import Instance, Resolved


@dataclass(frozen=True, kw_only=True)
class Measures:
    """Order-independent measures of a workload on a mesh.

    Attributes
    ----------
    instances, tasks, work : int
        Instances, TB invocations, and TB cycles.
    longest_chain : int
        Cycles of the longest chain of any instance.
    lower_bound : int
        No schedule's makespan is below this.
    """

    instances: int
    tasks: int
    work: int
    longest_chain: int
    lower_bound: int


def executions(resolved: Resolved, *, words: bool = False) -> Iterator[tuple[Instance, Execution]]:
    """Interpret every instance of a workload, in order; with `words`, what they carry too."""
    bases = resolved.workload.block_bases
    for instance in resolved:
        yield instance, execution(resolved, instance, bases[instance.stream], words=words)


def execution(
    resolved: Resolved, instance: Instance, base: int, seed: int | None = None, *, words: bool = False
) -> Execution:
    """Interpret one instance of a workload, with its own seed or another."""
    stream = resolved.workload.streams[instance.stream]
    return interpret(
        stream.workflow,
        seed=resolved.seed if seed is None else seed,
        instance=instance.number,
        k=instance.k,
        scene=resolved.scene_name(instance),
        base=base,
        row=stream.row(instance.k) if words else None,
    )


def measures(resolved: Resolved, peas: int, runs: Iterable[tuple[Instance, Execution]] | None = None) -> Measures:
    """Measure a workload that has this many PEAs (those alive) in all; `runs` are its `executions`, if at hand.

    The lower bound is ``max(ceil(work / peas), max over instances of due + chain)``. As the makespan counts from the
    first injection, due cycles count from the earliest of them here.
    """
    tasks = work = longest = latest = 0
    origin = int(resolved.due.min())
    for instance, run in runs if runs is not None else executions(resolved):
        tasks += len(run.invocations)
        work += run.work
        longest = max(longest, run.chain)
        latest = max(latest, instance.due - origin + run.chain)
    bound = max(-(-work // peas), latest)
    return Measures(instances=len(resolved), tasks=tasks, work=work, longest_chain=longest, lower_bound=bound)
