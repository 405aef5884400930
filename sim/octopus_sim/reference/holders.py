# SPDX-License-Identifier: Apache-2.0
"""What the engine keeps, and what it sees and does in a cycle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["HOME", "Holder", "Inputs", "Join", "Outputs", "Target", "Token"]

Token = dict[str, int]


class Target(NamedTuple):
    """Where ACT sends a token: "here" (a place of this tile), "there" (a place of another) or "home"."""

    where: str
    x: int = 0
    y: int = 0
    tbu: int = 0
    place: int = 0
    inherited: bool = False


HOME = Target("home")


@dataclass
class Holder:
    """What holds a token outside a PEA (docs/timing.md#holders); an arriving token has a nameless one."""

    ref: int
    kind: str
    token: Token
    flow: int
    cursor: int = 0
    cround: int = 0
    source: int = 0  #: for its sender: the place, or the quad where the record's data start
    length: int = 0  #: of its data, in words
    status: str = "FRESH"
    sent: bool = False
    claimed: bool = False
    keep: bool = False
    join: int = 0  #: a SPAWN's join record
    total: int = 0  #: a SPAWN's children
    own: int = 0
    left: int = 0
    owner: tuple[int, int, int] = (0, 0, 0)  #: x, y and TBU that it asked for a place
    place: int = 0  #: the answer
    target: Target = HOME


@dataclass
class Join:
    """A join record (docs/timing.md#arrive)."""

    total: int
    index: int
    value: int = 0
    round: int = 0
    arrived: int = 0
    words: int = 0  #: room of what came
    values: list[int] = field(default_factory=list)  #: the accumulator: sum, max and count of them
    busy: set[int] = field(default_factory=set)  #: lanes
    waiting: int | None = None  #: the spawn


@dataclass
class Inputs:
    """What the CBU sees at the start of a cycle."""

    cycle: int
    done: list[Any]
    ready: list[bool]
    vacant: list[bool]
    release: list[int | None]
    arrival: Any = None
    arrival_row: bool = False  #: the arrival is a row from the host
    asked: Any = None
    answer: Any = None
    request_ready: bool = True
    reply_ready: bool = True
    result_ready: bool = True
    freed_slot: int | None = None  #: by the home's sender, behind a result
    tick: bool = False
    tbu_work: list[int] = field(default_factory=list)
    wants: bool = False
    wanted: int = 0


@dataclass
class Outputs:
    """What it does in the cycle."""

    accept: list[tuple[int, int, Token]] = field(default_factory=list)
    command: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    taken: str = ""
    request: Any = None
    reply: Any = None
    result: bool = False  #: a RESULT is offered
    events: list[tuple[int, str, int, int, int, int]] = field(default_factory=list)
    finished: bool = False
    work: int = 0
    granted: bool = False
    taken_partner: int | None = None
