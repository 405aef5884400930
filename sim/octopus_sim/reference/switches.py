# SPDX-License-Identifier: Apache-2.0
"""Switches of the data plane and of the control plane: what moves in a cycle, given heads and rooms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from octopus_sim.reference.conventions import RoundRobin

__all__ = ["ControlRouter", "Wormhole", "xy_port"]


def xy_port(to_x: int, to_y: int, x: int, y: int) -> int:
    """Return the port of tile x, y that leads to a tile: x first, then y (docs/timing.md#data-router)."""
    if to_x != x:
        return 2 if to_x > x else 4
    if to_y != y:
        return 3 if to_y > y else 1
    return 0


class Wormhole:
    """A wormhole switch (docs/timing.md#wormhole-switch).

    A flit is any object with `last`; `route` gives a first flit's output and class there.
    """

    def __init__(self, inputs: int, outputs: int, route: Callable[[Any], tuple[int, int]]) -> None:
        self.route = route
        self.arbiters = [RoundRobin(inputs) for _ in range(outputs)]
        self.has: list[tuple[int, int] | None] = [None] * inputs  # the output and class that its packet has

    def step(self, heads: Sequence[Any], rooms: Sequence[Sequence[bool]]) -> dict[int, tuple[int, int]]:
        """Return where each input's head moves to in this cycle; rooms are by output, then class."""
        wants = [None if head is None else has or self.route(head) for head, has in zip(heads, self.has, strict=True)]
        moves: dict[int, tuple[int, int]] = {}
        for output, arbiter in enumerate(self.arbiters):
            granted = arbiter.pick(
                [
                    want is not None
                    and want[0] == output
                    and rooms[output][want[1]]
                    and (want == has or want not in self.has)
                    for want, has in zip(wants, self.has, strict=True)
                ]
            )
            arbiter.move(granted)
            if granted is not None:
                moves[granted] = wants[granted] or (output, 0)
        for number, way in moves.items():
            self.has[number] = None if heads[number].last else way
        return moves


class ControlRouter:
    """The control plane's router without its queues (docs/timing.md#control-router)."""

    def __init__(self, ports: int, route: Callable[[Any], int]) -> None:
        self.ports = ports
        self.route = route
        self.arbiters = [[RoundRobin(ports) for _ in range(2)] for _ in range(ports)]

    def step(self, heads: Sequence[Sequence[Any]], rooms: Sequence[Sequence[bool]]) -> dict[tuple[int, int], int]:
        """Return where the head of (class, input) moves to in this cycle; heads and rooms are by class, then port."""
        offers: dict[int, tuple[int, int]] = {}
        for number in range(self.ports):
            for class_ in (1, 0):
                head = heads[class_][number]
                if head is not None and rooms[class_][self.route(head)]:
                    offers[number] = (class_, self.route(head))
                    break
        moves = {}
        for output, arbiters in enumerate(self.arbiters):
            for class_ in (1, 0):
                granted = arbiters[class_].pick(
                    [offers.get(number) == (class_, output) for number in range(self.ports)]
                )
                arbiters[class_].move(granted)
                if granted is not None:
                    moves[class_, granted] = output
                    break
        return moves
