# SPDX-License-Identifier: Apache-2.0
"""The token test: whichever way the branches go, exactly one token arrives, and nothing waits for ever.

Every flow gets a *potential* modulo 2^61 - 1, from the sink backwards, so that a token's potential never changes:

- the end has 1, and so has the join of a spawn as seen from the spawn's body (each body is tested on its own);
- an ``all`` join splits its own potential over its flows into random parts, so that only all of them together are worth
  what the join emits;
- tasks and forks have the sum of their outgoing flows;
- all flows of a branch must have the same one, a loop's target that of its branch, a body's first block 1.

The entry must have 1. As the parts are random, the sum of whatever else could be left over is not 1 (but for a chance
of about 2^-61). This is the transpose of pushing a count of 1 forward through random branch weights: the same linear
system and the same verdict, but one pass serves every loop and body, and the block that breaks the balance is known.
"""

from __future__ import annotations

from random import Random
from typing import assert_never

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.graph import topological
from octopus_hw.owg.objects import Branch, End, Fork, Join, Spawn, Task, Workflow

PRIME = (1 << 61) - 1


def check_tokens(workflow: Workflow) -> None:
    """Refuse a workflow (sound in structure and bodies) in which tokens are lost, doubled or stuck."""
    ordered = topological(workflow)
    part = _Potentials(workflow, ordered)
    for number in reversed(ordered):
        part.visit(number)
    for flow, (source, target) in enumerate(workflow.ends):
        if workflow.flows[flow].loop and part.block[source] != part.block[target]:
            names = f"from '{workflow.flows[flow].source}' to '{workflow.flows[flow].target}'"
            message = f"the loop {names} enters or leaves the arm of a fork; let it go back within the same arm"
            raise workflow.error(f"flows[{flow}]", message)
    if part.block[workflow.entry_number] != 1:
        raise _explain(workflow, ordered, None)


class _Potentials:
    def __init__(self, workflow: Workflow, ordered: list[int]) -> None:
        self.workflow = workflow
        self.ordered = ordered
        self.random = Random(1)
        self.block = [0] * len(workflow.blocks)
        self.flow = [0] * len(workflow.flows)

    def visit(self, number: int) -> None:
        """Give a block its potential, and its incoming flows theirs; what lies behind it has its own already."""
        workflow = self.workflow
        out = [self.flow[flow] for flow in workflow.outgoing[number] if not workflow.flows[flow].loop]
        match workflow.blocks[number]:
            case Task() | Fork() | Join():
                potential = sum(out) % PRIME
            case End():
                potential = 1
            case Branch():
                if any(other != out[0] for other in out):
                    raise _explain_branch(workflow, self.ordered, number, self.flow)
                potential = out[0]
            case Spawn() as spawn:
                if out[0] != 1:
                    raise _explain(workflow, self.ordered, workflow.outgoing[number][0])
                potential = self.block[workflow.numbers[spawn.join]]
            case missing:
                assert_never(missing)
        self.block[number] = potential
        self._share(number, potential)

    def _share(self, number: int, potential: int) -> None:
        flows, block = self.workflow.incoming[number], self.workflow.blocks[number]
        if isinstance(block, Join) and not block.waits_for_all:
            potential = 1
        for flow in flows:
            self.flow[flow] = potential
        if block.waits_for_all:
            for flow in flows[1:]:
                self.flow[flow] = self.random.randrange(PRIME)
            self.flow[flows[0]] = (potential - sum(self.flow[flow] for flow in flows[1:])) % PRIME


def _follow(workflow: Workflow, ordered: list[int], start: int | None) -> tuple[list[int], list[int]]:
    """Count tokens per block and flow, from a flow (or the entry) on, if branches take their first flow, no loop."""
    blocks, flows = [0] * len(workflow.blocks), [0] * len(workflow.flows)
    first = workflow.entry_number
    if start is not None:
        flows[start], first = 1, workflow.ends[start][1]
    blocks[first] = int(not workflow.blocks[first].waits_for_all)
    for number in ordered:
        block = workflow.blocks[number]
        if block.waits_for_all:
            blocks[number] += min(flows[flow] for flow in workflow.incoming[number])
        forward = [flow for flow in workflow.outgoing[number] if not workflow.flows[flow].loop]
        match block:
            case Spawn():
                blocks[workflow.numbers[block.join]] += blocks[number]
                forward = []
            case Branch():
                forward = forward[:1]
        for flow in forward:
            flows[flow] += blocks[number]
            if not workflow.blocks[workflow.ends[flow][1]].waits_for_all:
                blocks[workflow.ends[flow][1]] += blocks[number]
    return blocks, flows


def _explain_meeting(workflow: Workflow, ordered: list[int], start: int | None) -> InputError | None:
    """Find the first block at which two tokens of one fork meet without an ``all`` join."""
    blocks, flows = _follow(workflow, ordered, start)
    meeting = next((number for number in ordered if blocks[number] > 1), None)
    if meeting is None:
        return None
    arms = [flow for flow in workflow.incoming[meeting] if flows[flow]][:2]
    one, other = (_upstream(workflow, workflow.ends[flow][0], flows) for flow in arms)
    fork = workflow.blocks[next(number for number in reversed(ordered) if number in one and number in other)]
    target = workflow.blocks[meeting].id
    message = f"{fork.kind} '{fork.id}' is never joined: {blocks[meeting]} of its tokens reach '{target}'"
    return workflow.error(f"blocks[{workflow.numbers[fork.id]}]", f'{message}; bring them together in a join of "all"')


def _upstream(workflow: Workflow, start: int, flows: list[int]) -> set[int]:
    """Return the blocks from which tokens came to a block; a spawn counts as right before its join."""
    seen = {start}
    todo = [start]
    while todo:
        number = todo.pop()
        block = workflow.blocks[number]
        before = [workflow.ends[flow][0] for flow in workflow.incoming[number] if flows[flow]]
        if isinstance(block, Join) and not block.waits_for_all:
            before = [workflow.numbers[block.of]]
        for source in before:
            if source not in seen:
                seen.add(source)
                todo.append(source)
    return seen


def _explain(workflow: Workflow, ordered: list[int], start: int | None) -> InputError:
    """Say why the token that starts on a flow or at the entry does not become one again, all branches being sound."""
    meeting = _explain_meeting(workflow, ordered, start)
    if meeting:
        return meeting
    blocks, flows = _follow(workflow, ordered, start)
    joins = [n for n in ordered if workflow.blocks[n].waits_for_all and not blocks[n]]
    join = next(n for n in joins if any(flows[flow] for flow in workflow.incoming[n]))
    came = next(workflow.flows[flow].source for flow in workflow.incoming[join] if flows[flow])
    missing = next(workflow.flows[flow].source for flow in workflow.incoming[join] if not flows[flow])
    message = f"join '{workflow.blocks[join].id}' can get a token from '{came}' and none from '{missing}'"
    return workflow.error(f"blocks[{join}]", f"{message}; join all that one fork sends, and nothing else")


def _explain_branch(workflow: Workflow, ordered: list[int], number: int, potentials: list[int]) -> InputError:
    forward = [flow for flow in workflow.outgoing[number] if not workflow.flows[flow].loop]
    other = next(flow for flow in forward if potentials[flow] != potentials[forward[0]])
    name = workflow.blocks[number].id
    for flow in forward:
        meeting = _explain_meeting(workflow, ordered, flow)
        if meeting:
            return meeting
    straight = next((flow for flow in forward if workflow.blocks[workflow.ends[flow][1]].waits_for_all), None)
    if straight is not None:
        join = workflow.flows[straight].target
        message = f"branch '{name}' goes straight into join '{join}', which waits for all its flows"
        return workflow.error(f"flows[{straight}]", f"{message}; merge the branch's flows in one block before it")
    targets = f"'{workflow.flows[forward[0]].target}' and '{workflow.flows[other].target}'"
    message = f"branch '{name}': its ways over {targets} lead to different joins or flows of a join"
    return workflow.error(f"blocks[{number}]", f"{message}; let them meet in one block before the next join")
