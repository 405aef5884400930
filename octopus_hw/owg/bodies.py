# SPDX-License-Identifier: Apache-2.0
"""The bodies of spawns: what lies between a spawn and its join, closed to everything else."""

from __future__ import annotations

from octopus_hw.owg.objects import End, Join, Spawn, Workflow


def spawn_bodies(workflow: Workflow) -> dict[int, tuple[int, ...]]:
    """Return the blocks of each spawn's body, by the spawn's position.

    A body is entered only through its spawn and left only through its join, and holds no end and no other spawn; what
    is not so is refused with an `InputError`.
    """
    owner: dict[int, int] = {}
    bodies = {}
    for number, block in enumerate(workflow.blocks):
        if isinstance(block, Spawn):
            bodies[number] = _collect(workflow, number, block, owner)
    if workflow.entry_number in owner:
        spawn = owner[workflow.entry_number]
        message = f"'{workflow.entry}' lies in the body of spawn '{workflow.blocks[spawn].id}'; start outside of it"
        raise workflow.error("entry", message)
    for flow, (source, target) in enumerate(workflow.ends):
        _check_flow(workflow, flow, source, target, owner)
    return bodies


def _collect(workflow: Workflow, start: int, spawn: Spawn, owner: dict[int, int]) -> tuple[int, ...]:
    join = workflow.numbers[spawn.join]
    found = [start]
    for number in found:
        for flow in workflow.outgoing[number]:
            target = workflow.ends[flow][1]
            if target != join and owner.get(target) != start:
                _check_member(workflow, spawn, target, owner)
                owner[target] = start
                found.append(target)
    return tuple(found[1:])


def _check_member(workflow: Workflow, spawn: Spawn, number: int, owner: dict[int, int]) -> None:
    block, name, join = workflow.blocks[number], spawn.id, spawn.join
    place = f"blocks[{number}]"
    if block is spawn:
        raise workflow.error(place, f"the body of spawn '{name}' leads back to it; leave it through join '{join}' only")
    if isinstance(block, Spawn):
        message = f"spawn '{block.id}' is nested in the body of spawn '{name}'; format 1 has no nested spawns"
        raise workflow.error(place, f"{message}, so join '{join}' before it")
    if isinstance(block, End):
        raise workflow.error(place, f"the body of spawn '{name}' reaches end '{block.id}'; leave it through '{join}'")
    if isinstance(block, Join) and not block.waits_for_all:
        message = f"the body of spawn '{name}' leads to join '{block.id}' of spawn '{block.of}'; leave it through"
        raise workflow.error(place, f"{message} '{join}'")
    if number in owner:
        other = workflow.blocks[owner[number]].id
        message = f"'{block.id}' lies in the bodies of two spawns, '{other}' and '{name}'"
        raise workflow.error(place, f"{message}; give each a copy of it")


def _check_flow(workflow: Workflow, flow: int, source: int, target: int, owner: dict[int, int]) -> None:
    block = workflow.blocks[target]
    if target in owner:
        inside = owner[target]
    elif isinstance(block, Join) and not block.waits_for_all:
        inside = workflow.numbers[block.of]
    else:
        return
    if source != inside and owner.get(source) != inside:
        message = f"'{workflow.blocks[source].id}' leads past spawn '{workflow.blocks[inside].id}' to '{block.id}'"
        raise workflow.error(f"flows[{flow}]", f"{message}; enter the spawn's body and join through the spawn only")
