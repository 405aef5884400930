# SPDX-License-Identifier: Apache-2.0
"""What a stream of a workload file says of its instances: how many, when, where, and in which scenes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, FailFast, Field, Tag

from octopus_hw.contract.layout import LAST_DUE
from octopus_hw.owg.homes import HOMES, ROUND_ROBIN
from octopus_hw.schema.forms import As, Text, Whole, Word, refuse, written

__all__ = ["DEFAULT_WINDOW", "MAX_INSTANCES", "Instances", "Weights"]

DEFAULT_WINDOW = 4
#: Most instances of a workload: an instance's number has 24 bits in the draw hash.
MAX_INSTANCES = 1 << 24
#: Longest period and deadline.
LONGEST = (1 << 32) - 1


def _check_order(cycles: tuple[int, ...]) -> tuple[int, ...]:
    for number in range(1, len(cycles)):
        if cycles[number] < cycles[number - 1]:
            message = f"cycle {cycles[number]} comes after {cycles[number - 1]}; sort the arrivals"
            raise refuse(message, number)
    return cycles


def _check_pair(pair: Any) -> Any:
    if isinstance(pair, list) and len(pair) != 2:
        raise refuse('give a scene and a number of instances, like ["quiet", 32]')
    return pair


def _check_weights(weights: tuple[int, ...]) -> tuple[int, ...]:
    if not any(weights):
        raise refuse("give at least one weight that is not 0")
    return weights


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Homes by weight, one for each tile, row by row."""

    __pydantic_config__ = written()
    weights: Annotated[
        tuple[Annotated[int, Whole(0, 65535)], ...],
        AfterValidator(_check_weights),
        Field(json_schema_extra={"contains": {"minimum": 1}}),
    ]


def _homes_tag(homes: Any) -> str:
    return "x_weights" if isinstance(homes, dict) else "x_word"


_Arrivals = Annotated[
    tuple[Annotated[int, Whole(0, LAST_DUE)], ...], FailFast(), Field(min_length=1), AfterValidator(_check_order)
]
_Homes = Annotated[
    Annotated[str, Word(HOMES, "homes '{}'"), Tag("x_word")]
    | Annotated[Weights, AfterValidator(lambda homes: homes.weights), Tag("x_weights")],
    Discriminator(_homes_tag),
]
_Scene = Annotated[
    tuple[Annotated[str, Text(1)], Annotated[int, Whole(1, MAX_INSTANCES)]], BeforeValidator(_check_pair)
]
_Scenes = Annotated[tuple[_Scene, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Instances:
    """How many instances of a workflow there are, when they arrive, and where.

    Attributes
    ----------
    instances, instances_per_tile : int or None
        One of the two; both None with `arrivals` means one instance for each.
    window : int
        Closed loop: instances in flight for each home tile.
    period, jitter, start : int or None, int, int
        Open arrivals at a rate, in cycles.
    arrivals : tuple of int or None
        Open arrivals as recorded, sorted cycles.
    deadline : int or None
        Cycles from arrival to retirement.
    homes : str or tuple of int
        ``"round-robin"``, ``"corner"``, ``"quadrant"``, or one weight per tile.
    scenes : tuple of (str, int)
        Scenes and for how many instances each holds, repeated as a cycle.
    inputs : str or None
        The file whose rows are the words that instances start with.
    """

    instances: Annotated[int | None, Whole(1, MAX_INSTANCES)] = None
    instances_per_tile: Annotated[int | None, Whole(1, MAX_INSTANCES)] = None
    window: Annotated[int, Whole(1, 65535)] = DEFAULT_WINDOW
    period: Annotated[int | None, Whole(1, LONGEST)] = None
    jitter: Annotated[int, Whole(0, LAST_DUE)] = 0
    start: Annotated[int, Whole(0, LAST_DUE)] = 0
    arrivals: Annotated[tuple[int, ...] | None, As(_Arrivals)] = None
    deadline: Annotated[int | None, Whole(1, LONGEST)] = None
    homes: Annotated[str | tuple[int, ...], As(_Homes)] = ROUND_ROBIN
    scenes: Annotated[tuple[tuple[str, int], ...], As(_Scenes)] = ()
    inputs: Annotated[str | None, Text(1)] = None

    @property
    def is_open(self) -> bool:
        """Whether instances arrive at given cycles, rather than as earlier ones retire."""
        return self.period is not None or self.arrivals is not None

    @property
    def scene_names(self) -> tuple[str, ...]:
        """The distinct scenes, in order of appearance."""
        return tuple(dict(self.scenes))
