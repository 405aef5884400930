# SPDX-License-Identifier: Apache-2.0
"""Parts that do not work: ``x,y`` (a tile's compute), ``x,y.tbu`` or ``x,y.tbu.pea``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.contract.layout import PEAS

__all__ = ["dead_masks", "live_peas", "live_tbus"]

_PART = re.compile(r"(\d+),(\d+)(?:\.(\d+)(?:\.(\d+))?)?", re.ASCII)


def dead_masks(parts: Iterable[str], columns: int, rows: int, config: Config) -> tuple[int, ...]:
    """Return for each tile, row by row, which PEAs are dead: bit TBU x PEAS + PEA.

    Raises
    ------
    InputError
        A part is written wrongly or does not exist.
    """
    masks = [0] * (columns * rows)
    for part in parts:
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise InputError("--disable", part, "is no part; write x,y or x,y.tbu or x,y.tbu.pea")
        x, y, tbu, pea = (None if text is None else int(text) for text in match.groups())
        assert x is not None and y is not None
        for what, number, count in (("column", x, columns), ("row", y, rows), ("TBU", tbu, config.tbus)):
            _check(part, what, number, count)
        _check(part, "PEA", pea, config.peas)
        for t in range(config.tbus) if tbu is None else (tbu,):
            for p in range(config.peas) if pea is None else (pea,):
                masks[y * columns + x] |= 1 << (t * PEAS + p)
    return tuple(masks)


def _check(part: str, what: str, number: int | None, count: int) -> None:
    if number is not None and number >= count:
        raise InputError("--disable", part, f"there is no {what} {number}; they go from 0 to {count - 1}")


def live_tbus(mask: int, config: Config) -> list[int]:
    """Return a tile's TBUs that have a live PEA."""
    whole = (1 << config.peas) - 1
    return [tbu for tbu in range(config.tbus) if ~(mask >> tbu * PEAS) & whole]


def live_peas(masks: Iterable[int], config: Config) -> int:
    """Return how many PEAs of the mesh are alive."""
    return sum(config.tbus * config.peas - mask.bit_count() for mask in masks)
