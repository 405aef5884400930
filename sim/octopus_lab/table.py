# SPDX-License-Identifier: Apache-2.0
"""Tables: for a terminal, or as Markdown. What there is not is a dash."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["Writer", "cell", "markdown", "number", "plain"]

#: Writes headings and rows.
Writer = Callable[[Sequence[str], Sequence[Sequence[Any]]], str]

_NUMBER = re.compile(r"-|[+-]?[\d,]*\.?\d+(e[+-]?\d+)?%?")


def number(value: float) -> str:
    """Return a number with as many digits as are worth reading."""
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def cell(value: Any) -> str:
    """Return a cell's text."""
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def plain(headings: Sequence[str], rows: Sequence[Sequence[Any]], indent: str = "") -> str:
    """Return lines of aligned columns: those of numbers, however written, to the right, words to the left."""
    texts = [list(headings), *([cell(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    right = [all(not text or _NUMBER.fullmatch(text) for text in column[1:]) for column in zip(*texts, strict=True)]
    lines = (
        "  ".join(
            text.rjust(width) if is_number else text.ljust(width)
            for text, width, is_number in zip(row, widths, right, strict=True)
        )
        for row in texts
    )
    return "\n".join((indent + line).rstrip() for line in lines)


def markdown(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a Markdown table, everything but the first column to the right."""
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)], *([cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
