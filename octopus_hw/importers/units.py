# SPDX-License-Identifier: Apache-2.0
"""Times and sizes as people write them, and round numbers to choose from."""

from __future__ import annotations

import math
import re

__all__ = ["WORD_BYTES", "nice", "parse_size", "parse_time", "show_size", "show_time"]

#: Bytes of a word of the hardware.
WORD_BYTES = 4

#: Longest time in seconds, and largest size in bytes.
MOST = 1e18

_TIMES = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_SIZES = {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
_BINARY = {"KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40}
_QUANTITY = re.compile(r"\s*(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)\s*", re.ASCII)


def _parse(quantity: str | float, units: dict[str, float], plain: str, what: str) -> float:
    if isinstance(quantity, str):
        match = _QUANTITY.fullmatch(quantity)
        if match is None or (match[2] or plain) not in units:
            example, known = f"10 {list(units)[2]}", ", ".join(units)
            raise ValueError(f"'{quantity}' is no {what}; give a number and a unit, like {example} (known: {known})")
        quantity = float(match[1]) * units[match[2] or plain]
    if not 0 <= quantity <= MOST:
        raise ValueError(f"{quantity} is no {what}; give a number from 0 to {MOST:g}")
    return float(quantity)


def parse_time(quantity: str | float) -> float:
    """Return seconds; a number without a unit is in seconds.

    Raises
    ------
    ValueError
        It is no time; the message says what to give.
    """
    return _parse(quantity, _TIMES, "s", "time")


def parse_size(quantity: str | float) -> float:
    """Return bytes; a number without a unit is in bytes.

    Raises
    ------
    ValueError
        It is no size; the message says what to give.
    """
    return _parse(quantity, _SIZES | _BINARY, "B", "size")


def _show(quantity: float, units: dict[str, float]) -> str:
    fitting = [name for name, factor in units.items() if quantity >= factor * 0.9999995] or list(units)[:1]
    name = max(fitting, key=lambda name: units[name])
    return f"{quantity / units[name]:.6g} {name}"


def show_time(seconds: float) -> str:
    """Return a time with the unit up to seconds that makes it easiest to read; `parse_time` reads it."""
    return _show(seconds, {name: _TIMES[name] for name in ("ns", "us", "ms", "s")})


def show_size(size: float) -> str:
    """Return a size with the unit that makes it easiest to read; `parse_size` reads it."""
    return _show(size, _SIZES)


def nice(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below a positive number."""
    power = math.floor(math.log10(least))
    numbers = [float(f"{digit}e{power + more}") for more in (0, 1) for digit in (1, 2, 5)]
    return next(number for number in numbers if number >= least)
