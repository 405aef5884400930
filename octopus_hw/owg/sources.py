# SPDX-License-Identifier: Apache-2.0
"""Number sources: where a block's cycles, values, choices and counts come from.

Every source answers ``evaluate(value, point)``: the number for one token, clamped to 0..65535 (a task's cycles are
raised to 1 by `cycles_of`), as a function of the incoming value and of the `Point` that draws, and of nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

from octopus_hw.owg.draw import draw, pick

#: Largest number a token, a duration or a count can be.
LIMIT = 65535


class Point(NamedTuple):
    """Who draws: the key of the hash, and what `Scenes` and `Replay` need beside it."""

    seed: int
    instance: int
    block: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    round: int
    field: int
    #: Number of the instance within its stream.
    k: int = 0
    #: The instance's scene; None where its stream names no scenes.
    scene: str | None = None


def clamp(number: int) -> int:
    """Cut a number to 0..65535."""
    return 0 if number < 0 else min(number, LIMIT)


@dataclass(frozen=True)
class NumberSource(ABC):
    """Base of all number sources."""

    @abstractmethod
    def evaluate(self, value: int, point: Point) -> int:
        """Return the number for a token with this value, 0..65535."""

    @abstractmethod
    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """Return the smallest and largest number possible for values from `low` to `high`."""

    @abstractmethod
    def mean(self, value: float) -> float:
        """Return the expected number for values with this mean.

        Exact unless an `Affine` clamps; `Scenes` and `Replay` weigh their scenes and recorded instances alike.
        """

    def for_scene(self, scene: str | None) -> NumberSource:
        """Return the source that holds in one scene (None: the first), free of `Scenes`."""
        return self


@dataclass(frozen=True)
class Const(NumberSource):
    """Always the same number."""

    number: int

    def evaluate(self, value: int, point: Point) -> int:
        """See `NumberSource.evaluate`."""
        return self.number

    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """See `NumberSource.bounds`."""
        return self.number, self.number

    def mean(self, value: float) -> float:
        """See `NumberSource.mean`."""
        return self.number


@dataclass(frozen=True)
class Value(NumberSource):
    """The incoming value itself."""

    def evaluate(self, value: int, point: Point) -> int:
        """See `NumberSource.evaluate`."""
        return value

    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """See `NumberSource.bounds`."""
        return low, high

    def mean(self, value: float) -> float:
        """See `NumberSource.mean`."""
        return value


@dataclass(frozen=True)
class Affine(NumberSource):
    """``a + b x value``."""

    a: int
    b: int

    def evaluate(self, value: int, point: Point) -> int:
        """See `NumberSource.evaluate`."""
        return clamp(self.a + self.b * value)

    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """See `NumberSource.bounds`."""
        ends = clamp(self.a + self.b * low), clamp(self.a + self.b * high)
        return min(ends), max(ends)

    def mean(self, value: float) -> float:
        """See `NumberSource.mean`."""
        return min(max(self.a + self.b * value, 0), LIMIT)


@dataclass(frozen=True)
class Quantiles(NumberSource):
    """One of 1 to 16 numbers, drawn with equal chance."""

    numbers: tuple[int, ...]

    def evaluate(self, value: int, point: Point) -> int:
        """See `NumberSource.evaluate`."""
        drawn = draw(point.seed, point.instance, point.block, point.index, point.round, point.field)
        return self.numbers[pick(drawn, len(self.numbers))]

    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """See `NumberSource.bounds`."""
        return min(self.numbers), max(self.numbers)

    def mean(self, value: float) -> float:
        """See `NumberSource.mean`."""
        return sum(self.numbers) / len(self.numbers)


@dataclass(frozen=True)
class Scenes(NumberSource):
    """One source per scene, as (name, source) pairs; the first holds where the stream names no scenes."""

    pairs: tuple[tuple[str, NumberSource], ...]

    def for_scene(self, scene: str | None) -> NumberSource:
        """See `NumberSource.for_scene`."""
        chosen = self.pairs[0][1] if scene is None else dict(self.pairs)[scene]
        return chosen.for_scene(scene)

    def evaluate(self, value: int, point: Point) -> int:
        """See `NumberSource.evaluate`."""
        return self.for_scene(point.scene).evaluate(value, point)

    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """See `NumberSource.bounds`."""
        lows, highs = zip(*(source.bounds(low, high) for _, source in self.pairs), strict=True)
        return min(lows), max(highs)

    def mean(self, value: float) -> float:
        """See `NumberSource.mean`."""
        return sum(source.mean(value) for _, source in self.pairs) / len(self.pairs)


@dataclass(frozen=True)
class Replay(NumberSource):
    """Recorded numbers by ``[instance][round][index]``; the instance wraps round, the others stay at their last."""

    numbers: tuple[tuple[tuple[int, ...], ...], ...]

    def evaluate(self, value: int, point: Point) -> int:
        """See `NumberSource.evaluate`."""
        rounds = self.numbers[point.k % len(self.numbers)]
        indices = rounds[min(point.round, len(rounds) - 1)]
        return indices[min(point.index, len(indices) - 1)]

    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """See `NumberSource.bounds`."""
        flat = [number for rounds in self.numbers for indices in rounds for number in indices]
        return min(flat), max(flat)

    def mean(self, value: float) -> float:
        """See `NumberSource.mean`."""
        flat = [number for rounds in self.numbers for indices in rounds for number in indices]
        return sum(flat) / len(flat)


@dataclass(frozen=True)
class Thresholds(NumberSource):
    """How many of the thresholds the incoming value reaches: a branch's choice only."""

    thresholds: tuple[int, ...]

    def evaluate(self, value: int, point: Point) -> int:
        """See `NumberSource.evaluate`."""
        return sum(threshold <= value for threshold in self.thresholds)

    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """See `NumberSource.bounds`."""
        return sum(t <= low for t in self.thresholds), sum(t <= high for t in self.thresholds)

    def mean(self, value: float) -> float:
        """See `NumberSource.mean`."""
        return sum(threshold <= value for threshold in self.thresholds)


def cycles_of(source: NumberSource, value: int, point: Point) -> int:
    """Return a task's cycles for one token, 1..65535."""
    return max(1, source.evaluate(value, point))


def scene_sources(source: NumberSource | None) -> list[Scenes]:
    """Return every `Scenes` inside a source, outermost first."""
    if not isinstance(source, Scenes):
        return []
    return [source, *(inner for _, child in source.pairs for inner in scene_sources(child))]
