# SPDX-License-Identifier: Apache-2.0
"""The exhaustive token game: every order and every choice, on small graphs. The oracle of the token test.

A marking counts the tokens on each flow, the children each spawn waits for, and the tokens at the end. A spawn makes no
child or one; more are alike and apart.
"""

from collections.abc import Iterator

from octopus_hw.owg.objects import Workflow

Marking = tuple[int, ...]


class TooLargeError(Exception):
    """More markings than the game is willing to visit."""


class Game:
    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.flows = len(workflow.flows)
        self.end = self.flows + len(workflow.blocks)

    def sound(self, limit: int = 20_000) -> bool:
        """Say whether every run ends with one token at the end and none elsewhere."""
        try:
            start = self.enter(self.workflow.entry_number, (0,) * (self.end + 1))
            seen = set(start)
            todo = list(seen)
            while todo:
                marking = todo.pop()
                following = set(self.moves(marking))
                if not following and (marking[self.end] != 1 or any(marking[: self.end])):
                    return False
                todo += following - seen
                seen |= following
                if len(seen) > limit:
                    raise TooLargeError
        except UnsoundError:
            return False
        return True

    def put(self, marking: Marking, *changes: tuple[int, int]) -> Marking:
        changed = list(marking)
        for place, by in changes:
            changed[place] += by
            if changed[place] < 0 or changed[place] > (3 if place < self.flows else 1):
                raise UnsoundError
        return tuple(changed)

    def moves(self, marking: Marking) -> Iterator[Marking]:
        workflow = self.workflow
        for number, block in enumerate(workflow.blocks):
            incoming = [flow for flow in workflow.incoming[number] if marking[flow]]
            if block.waits_for_all:
                if any(marking[flow] > 1 for flow in incoming):
                    raise UnsoundError
                if incoming and len(incoming) == len(workflow.incoming[number]):
                    yield from self.leave(number, self.put(marking, *((flow, -1) for flow in incoming)))
            else:
                for flow in incoming:
                    yield from self.enter(number, self.put(marking, (flow, -1)))

    def enter(self, number: int, marking: Marking) -> Iterator[Marking]:
        block = self.workflow.blocks[number]
        if block.kind == "end":
            yield self.put(marking, (self.end, 1))
        elif block.kind == "join":
            yield from self.leave(number, self.put(marking, (self.flows + self.workflow.numbers[block.of], -1)))
        elif block.kind == "spawn":
            yield from self.leave(self.workflow.numbers[block.join], marking)
            yield from self.leave(number, self.put(marking, (self.flows + number, 1)))
        else:
            yield from self.leave(number, marking)

    def leave(self, number: int, marking: Marking) -> Iterator[Marking]:
        flows = self.workflow.outgoing[number]
        if self.workflow.blocks[number].kind == "branch":
            for flow in flows:
                yield self.put(marking, (flow, 1))
        else:
            yield self.put(marking, *((flow, 1) for flow in flows))


class UnsoundError(Exception):
    """Tokens pile up where there must be one."""
