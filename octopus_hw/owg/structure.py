# SPDX-License-Identifier: Apache-2.0
"""What must hold before tokens are thought of: names, degrees, reachability, cycles."""

from __future__ import annotations

from octopus_hw.contract.errors import nearest
from octopus_hw.owg.graph import find_cycle, loops_unreached, reached, topological
from octopus_hw.owg.objects import Branch, End, Join, Spawn, Workflow


def check_structure(workflow: Workflow) -> None:
    """Refuse a workflow whose parts do not fit together, with an `InputError`."""
    _check_names(workflow)
    _check_pairs(workflow)
    for number in range(len(workflow.blocks)):
        _check_outgoing(workflow, number)
    _check_reach(workflow)
    _check_cycles(workflow)


def _check_names(workflow: Workflow) -> None:
    first: dict[str, int] = {}
    for number, block in enumerate(workflow.blocks):
        if block.id in first:
            message = f"duplicate id '{block.id}', taken by blocks[{first[block.id]}]; rename one of them"
            raise workflow.error(f"blocks[{number}].id", message)
        first[block.id] = number
    ends = [number for number, block in enumerate(workflow.blocks) if isinstance(block, End)]
    if not ends:
        raise workflow.error("blocks", "there is no end; add a block of kind 'end' that all work leads to")
    if len(ends) > 1:
        names = " and ".join(f"'{workflow.blocks[number].id}'" for number in ends[:2])
        raise workflow.error(f"blocks[{ends[1]}]", f"two ends, {names}; keep one and let all flows lead to it")
    ids = list(first)
    if workflow.entry not in first:
        raise workflow.error("entry", f"there is no block '{workflow.entry}'; {nearest(workflow.entry, ids)}")
    if isinstance(workflow.blocks[first[workflow.entry]], Join):
        raise workflow.error("entry", f"'{workflow.entry}' is a join; start at a block of another kind")
    for number, flow in enumerate(workflow.flows):
        for key, name in (("from", flow.source), ("to", flow.target)):
            if name not in first:
                raise workflow.error(f"flows[{number}].{key}", f"there is no block '{name}'; {nearest(name, ids)}")


def _check_pairs(workflow: Workflow) -> None:
    for number, block in enumerate(workflow.blocks):
        if isinstance(block, Spawn):
            _check_pair(workflow, f"blocks[{number}].join", block, block.join, Join)
        elif isinstance(block, Join) and not block.waits_for_all:
            _check_pair(workflow, f"blocks[{number}].of", block, block.of, Spawn)


def _check_pair(workflow: Workflow, place: str, block: Spawn | Join, name: str, kind: type[Spawn | Join]) -> None:
    """Refuse a name that is not that of a block of this kind, or of one that names another."""
    other = workflow.blocks[workflow.numbers[name]] if name in workflow.numbers else None
    if not isinstance(other, kind):
        others = [other.id for other in workflow.blocks if isinstance(other, kind)]
        raise workflow.error(place, f"there is no {kind.kind} '{name}'; {nearest(name, others)}")
    named = other.of if isinstance(other, Join) else other.join
    if named != block.id:
        raise workflow.error(place, f"{kind.kind} '{name}' names '{named}', not '{block.id}'; let each name the other")


def _check_outgoing(workflow: Workflow, number: int) -> None:
    block, flows = workflow.blocks[number], workflow.outgoing[number]
    place = f"blocks[{number}]"
    if isinstance(block, End):
        if flows:
            raise workflow.error(f"flows[{flows[0]}].from", f"'{block.id}' is the end; nothing leaves it")
        return
    if not flows:
        raise workflow.error(place, f"no flow leaves {block.kind} '{block.id}'; add one on the way to the end")
    if isinstance(block, Spawn | Join) and len(flows) > 1:
        message = f"{len(flows)} flows leave {block.kind} '{block.id}'; keep one, to a fork or branch if need be"
        raise workflow.error(place, message)
    if isinstance(block, Branch) and len(flows) > 1 and block.choose is None:
        raise workflow.error(place, f"branch '{block.id}' has {len(flows)} flows; add 'choose'")
    for flow in flows:
        if workflow.flows[flow].loop:
            _check_loop(workflow, number, flow)


def _check_loop(workflow: Workflow, number: int, flow: int) -> None:
    block, target = workflow.blocks[number], workflow.blocks[workflow.ends[flow][1]]
    if not isinstance(block, Branch):
        message = f"a loop leaves a branch, but '{block.id}' is a {block.kind}; put a branch behind it"
        raise workflow.error(f"flows[{flow}].from", message)
    if all(workflow.flows[other].loop for other in workflow.outgoing[number]):
        message = f"branch '{block.id}' is a loop without exit; add a flow from it that is no loop"
        raise workflow.error(f"blocks[{number}]", message)
    if isinstance(target, Join):
        raise workflow.error(f"flows[{flow}].to", f"a loop enters no join, but '{target.id}' is one; go back elsewhere")


def _check_reach(workflow: Workflow) -> None:
    forward = reached(workflow, [workflow.entry_number])
    backward = reached(workflow, [workflow.end_number], backward=True)
    for number, block in enumerate(workflow.blocks):
        if number not in forward:
            message = f"'{block.id}' is unreachable from the entry '{workflow.entry}'; add a flow to it or remove it"
            raise workflow.error(f"blocks[{number}]", message)
    for number, block in enumerate(workflow.blocks):
        if number not in backward:
            end = workflow.blocks[workflow.end_number].id
            message = f"'{block.id}' never reaches the end '{end}'; add a flow that leads there (a loop needs an exit)"
            raise workflow.error(f"blocks[{number}]", message)


def _check_cycles(workflow: Workflow) -> None:
    ordered = topological(workflow)
    if len(ordered) < len(workflow.blocks):
        cycle = find_cycle(workflow, ordered)
        names = [workflow.flows[flow].source for flow in cycle]
        shown = " -> ".join([*names[:6], *(["..."] if len(names) > 6 else []), names[0]])
        message = f'the cycle {shown} has no loop flow; give its back edge, out of a branch, "loop": true'
        raise workflow.error(f"flows[{cycle[-1]}]", message)
    for flow in loops_unreached(workflow, ordered):
        source, target = workflow.flows[flow].source, workflow.flows[flow].target
        message = f"'{target}' does not lead to '{source}', so this is no back edge; remove \"loop\" or turn it round"
        raise workflow.error(f"flows[{flow}]", message)
