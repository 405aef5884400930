# SPDX-License-Identifier: Apache-2.0
"""Second opinions on the fabric, written from docs/timing.md: each `step` is one cycle."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from amaranth.sim import Simulator


def simulate(device: Any, testbench: Callable[..., Any]) -> None:
    simulator = Simulator(device)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()


def settle(device: Any, testbench: Callable[..., Any]) -> None:
    """Run a testbench on a device without registers."""
    simulator = Simulator(device)
    simulator.add_testbench(testbench)
    simulator.run()


class QueueTwin:
    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.items: deque[Any] = deque()

    @property
    def head(self) -> Any:
        return self.items[0] if self.items else None

    @property
    def room(self) -> bool:
        return len(self.items) < self.depth

    def step(self, push: Any = None, take: bool = False) -> None:
        assert push is None or self.room, "lost"
        if take:
            self.items.popleft()
        if push is not None:
            self.items.append(push)


class RoundRobinTwin:
    def __init__(self, count: int) -> None:
        self.count = count
        self.pointer = 0

    def pick(self, asks: Sequence[bool]) -> int | None:
        for number in range(self.count):
            if asks[(self.pointer + number) % self.count]:
                return (self.pointer + number) % self.count
        return None

    def move(self, granted: int | None, stay: bool = False) -> None:
        if granted is not None:
            self.pointer = (granted + (not stay)) % self.count


class SenderTwin:
    """The sending end of a link; `wire` is the output register: (class, item) or None."""

    def __init__(self, depth: int, latency: int, classes: int = 1) -> None:
        self.credits = [depth] * classes
        self.back = deque([[False] * classes] * (latency - 1))
        self.wire: tuple[int, Any] | None = None

    def can(self, class_: int = 0) -> bool:
        return self.credits[class_] > 0

    def step(self, send: tuple[int, Any] | None, credit: Sequence[bool]) -> None:
        self.back.append(list(credit))
        came = self.back.popleft()
        self.credits = [have + got for have, got in zip(self.credits, came, strict=True)]
        if send is not None:
            self.credits[send[0]] -= 1
        self.wire = send


class ReceiverTwin:
    """The receiving end of a link; `credit` is the credit register."""

    def __init__(self, depth: int, latency: int, classes: int = 1) -> None:
        self.queues = [QueueTwin(depth) for _ in range(classes)]
        self.way: deque[tuple[int, Any] | None] = deque([None] * (latency - 1))
        self.credit = [False] * classes

    def step(self, wire: tuple[int, Any] | None, takes: Sequence[bool]) -> None:
        self.way.append(wire)
        came = self.way.popleft()
        for class_, queue in enumerate(self.queues):
            queue.step(came[1] if came is not None and came[0] == class_ else None, takes[class_])
        self.credit = list(takes)


class WormholeTwin:
    """Section 2's switch; a flit is any object with `last`, `route` gives a first flit's output and class there."""

    def __init__(self, inputs: int, outputs: int, route: Callable[[Any], tuple[int, int]]) -> None:
        self.route = route
        self.arbiters = [RoundRobinTwin(inputs) for _ in range(outputs)]
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


class ControlTwin:
    """Section 3's router without its queues: heads and rooms by class, then port."""

    def __init__(self, ports: int, route: Callable[[Any], int]) -> None:
        self.ports = ports
        self.route = route
        self.arbiters = [[RoundRobinTwin(ports) for _ in range(2)] for _ in range(ports)]

    def step(self, heads: Sequence[Sequence[Any]], rooms: Sequence[Sequence[bool]]) -> dict[tuple[int, int], int]:
        """Return where the head of (class, input) moves to in this cycle."""
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


def xy_port(to_x: int, to_y: int, x: int, y: int) -> int:
    """Local, north, east, south, west: x first."""
    if to_x != x:
        return 2 if to_x > x else 4
    if to_y != y:
        return 3 if to_y > y else 1
    return 0
