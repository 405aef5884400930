# SPDX-License-Identifier: Apache-2.0
"""Plain tables: numbers to the right, words to the left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["number", "table"]


def number(value: float) -> str:
    """Return a number with as many digits as are worth reading."""
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def table(headings: Sequence[str], rows: Sequence[Sequence[Any]], indent: str = "") -> str:
    """Return lines of aligned columns."""
    cells = [list(headings), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    right = [all(isinstance(row[column], (int, float)) for row in rows) for column in range(len(headings))]
    lines = []
    for row in cells:
        parts = [
            text.rjust(width) if is_number else text.ljust(width)
            for text, width, is_number in zip(row, widths, right, strict=True)
        ]
        lines.append((indent + "  ".join(parts)).rstrip())
    return "\n".join(lines)


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
