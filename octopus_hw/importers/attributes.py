# SPDX-License-Identifier: Apache-2.0
"""What attributes of nodes and edges say of a task and of its data, whatever format they come from."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Any, SupportsFloat

from octopus_hw.contract.errors import InputError
from octopus_hw.importers.graph import Data, Task
from octopus_hw.importers.units import parse_size, parse_time
from octopus_hw.owg.sources import LIMIT

__all__ = ["data_of", "kind_of", "seconds_of", "size_of", "task_of"]

_TIMES = ("time", "weight")
_NUMBER_AT_END = re.compile(r"([_\-. ]|(?<![A-Za-z])ID)*\d+$", re.ASCII)


def kind_of(name: str) -> str:
    """Return a name without the number at its end: ``map_ID0012`` is a ``map``; empty if nothing else is left."""
    return _NUMBER_AT_END.sub("", name)


def task_of(file: str, place: str, name: str, attributes: Mapping[str, Any]) -> Task:
    """Make a task from a node's ``cycles``, or else its ``time`` or ``weight``, and its ``type``."""
    kind = attributes.get("type")
    kind = kind_of(name) if kind is None else str(kind)
    if attributes.get("cycles") is not None:
        cycles = _whole(file, f"{place}.cycles", attributes["cycles"], 1)
        return Task(name=name, kind=kind, cycles=cycles)
    for key in _TIMES:
        if attributes.get(key) is not None:
            return Task(name=name, kind=kind, seconds=seconds_of(file, f"{place}.{key}", attributes[key]))
    return Task(name=name, kind=kind)


def data_of(file: str, place: str, attributes: Mapping[str, Any]) -> Data:
    """Make data from an edge's ``words``, or else its ``size`` in bytes; none if it says neither."""
    if attributes.get("words") is not None:
        return Data(words=_whole(file, f"{place}.words", attributes["words"], 0))
    if attributes.get("size") is not None:
        return Data(size=size_of(file, f"{place}.size", attributes["size"]))
    return Data()


def seconds_of(file: str, place: str, quantity: Any) -> float:
    """Return a time in seconds; a number, or text with a unit."""
    try:
        return parse_time(_quantity(quantity))
    except ValueError as error:
        raise InputError(file, place, str(error)) from None


def size_of(file: str, place: str, quantity: Any) -> float:
    """Return a size in bytes; a number, or text with a unit."""
    try:
        return parse_size(_quantity(quantity))
    except ValueError as error:
        raise InputError(file, place, str(error)) from None


def _quantity(quantity: Any) -> str | float:
    if isinstance(quantity, str):
        return quantity
    if not isinstance(quantity, bool) and isinstance(quantity, SupportsFloat):
        with contextlib.suppress(OverflowError):
            return float(quantity)
    raise ValueError(f"{quantity!r:.40} is no number; give one that is not negative")


def _whole(file: str, place: str, number: Any, low: int) -> int:
    try:
        value = float(number) if not isinstance(number, bool) else -1.0
    except (OverflowError, TypeError, ValueError):
        value = -1.0
    if not (low <= value <= LIMIT and value == int(value)):
        remedy = "; or give the time instead and a longer cycle" if low and value > LIMIT else ""
        raise InputError(
            file, place, f"'{number!s:.40}' is out of range; give a whole number from {low} to {LIMIT}{remedy}"
        )
    return int(value)
