# SPDX-License-Identifier: Apache-2.0
"""What everything is made of: queues, round robins and links (docs/timing.md#conventions). A `step` is one cycle."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

__all__ = ["LinkReceiver", "LinkSender", "Queue", "RoundRobin"]


class Queue:
    """A queue of `depth` items (docs/timing.md#queues)."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.items: deque[Any] = deque()

    @property
    def head(self) -> Any:
        """The oldest item, or None."""
        return self.items[0] if self.items else None

    @property
    def ready(self) -> bool:
        """Whether an item can be pushed in this cycle."""
        return len(self.items) < self.depth

    def step(self, push: Any = None, take: bool = False) -> None:
        """Push an item unless it is None, and take the head if told."""
        assert push is None or self.ready, "lost"
        if take:
            self.items.popleft()
        if push is not None:
            self.items.append(push)


class RoundRobin:
    """A round robin over `count` requesters (docs/timing.md#round-robin)."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.pointer = 0

    def pick(self, asks: Sequence[bool]) -> int | None:
        """Return the first that asks, from the pointer on, or None."""
        for number in range(self.count):
            if asks[(self.pointer + number) % self.count]:
                return (self.pointer + number) % self.count
        return None

    def move(self, granted: int | None, stay: bool = False) -> None:
        """Let the pointer pass the granted one, or `stay` there."""
        if granted is not None:
            self.pointer = (granted + (not stay)) % self.count


class LinkSender:
    """The sending end of a link (docs/timing.md#links); `wire` is the output register: (class, item) or None."""

    def __init__(self, depth: int, latency: int, classes: int = 1) -> None:
        self.credits = [depth] * classes
        self.back = deque([[False] * classes] * (latency - 1))
        self.wire: tuple[int, Any] | None = None

    def can(self, class_: int = 0) -> bool:
        """Whether a credit of the class is held."""
        return self.credits[class_] > 0

    def step(self, send: tuple[int, Any] | None, credit: Sequence[bool]) -> None:
        """Send an item of a class, or None; `credit` is what the other end's credit register holds, by class."""
        self.back.append(list(credit))
        came = self.back.popleft()
        self.credits = [have + got for have, got in zip(self.credits, came, strict=True)]
        if send is not None:
            self.credits[send[0]] -= 1
        self.wire = send


class LinkReceiver:
    """The receiving end of a link (docs/timing.md#links); `credit` is the credit register."""

    def __init__(self, depth: int, latency: int, classes: int = 1) -> None:
        self.queues = [Queue(depth) for _ in range(classes)]
        self.way: deque[tuple[int, Any] | None] = deque([None] * (latency - 1))
        self.credit = [False] * classes

    def step(self, wire: tuple[int, Any] | None, takes: Sequence[bool]) -> None:
        """Receive what the other end's output register holds; take the heads of the classes in `takes`."""
        self.way.append(wire)
        came = self.way.popleft()
        for class_, queue in enumerate(self.queues):
            queue.step(came[1] if came is not None and came[0] == class_ else None, takes[class_])
        self.credit = list(takes)
