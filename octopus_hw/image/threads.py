# SPDX-License-Identifier: Apache-2.0
"""Threads: sets of blocks of which at most one has a token of an instance (and lane) at any time.

::

    task a ──► b ──────────► join j ──► branch ──► c ──► branch ──► end         a, j, c, d and the branches: thread 0
          └──► d ──────────►                  └──► d ──►                         the first flow into j, and b: thread 1

A thread is what leads, backwards, from one flow into a join of ``all`` up to where its token is made. The join's last
flow is of the join's own thread; each of the others begins one, which the join is the *host* of. So does what leads to
the join of a spawn; there the spawn's join is the host, and each lane has such a thread of its own. A block of which
several threads leave is in the oldest: the one whose join comes last.

That at most one token is in a thread follows from `octopus_hw.owg.tokens`. A token's potential never changes, however
a join splits its own over its flows. Give all of it to the thread's flow in the thread's host, and to the last flow
in every other join: potentials are then whole numbers, the entry's is 1, and those of the thread's blocks are at least
1, since each leads to a flow that is worth 1. So a second token there would be one too many.

Ways out of a branch have the same potential, whatever joins do with theirs, so they lead to the same threads: a token
that moves on stays in its thread until it reaches the host.
"""

from __future__ import annotations

from dataclasses import dataclass

from octopus_hw.owg.graph import topological
from octopus_hw.owg.objects import End, Join, Spawn, Workflow

__all__ = ["Threads", "threads_of"]


@dataclass(frozen=True)
class Threads:
    """`of`: the thread of each block; `hosts`: of each thread, the join that ends it, the end for thread 0.

    A host is in a thread of a lower number.
    """

    of: list[int]
    hosts: list[int]


def threads_of(workflow: Workflow) -> Threads:
    """Find the threads of a well-formed workflow."""
    threads = Threads([0] * len(workflow.blocks), [workflow.end_number])
    into = [0] * len(workflow.flows)
    for number in reversed(topological(workflow)):
        block = workflow.blocks[number]
        if isinstance(block, Spawn):
            threads.of[number] = threads.of[workflow.numbers[block.join]]
        elif not isinstance(block, End):
            threads.of[number] = min(into[flow] for flow in workflow.outgoing[number] if not workflow.flows[flow].loop)
        _enter(workflow, number, threads, into)
    return threads


def _enter(workflow: Workflow, number: int, threads: Threads, into: list[int]) -> None:
    """Say of which threads the flows into a block are."""
    block, flows = workflow.blocks[number], workflow.incoming[number]
    for flow in flows:
        into[flow] = threads.of[number]
    if block.waits_for_all:
        for flow in flows[:-1]:
            into[flow] = len(threads.hosts)
            threads.hosts.append(number)
    elif isinstance(block, Join):
        for flow in flows:
            into[flow] = len(threads.hosts)
        threads.hosts.append(number)
