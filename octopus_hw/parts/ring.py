# SPDX-License-Identifier: Apache-2.0
"""The order in which the rows of a queue's memory are used.

Four rows are used in the order 0, 1, 3, 2, so that the way to the next one is a single inverter.
"""

from amaranth.hdl import Cat, Mux, Value

__all__ = ["row_after"]


def row_after(row: Value, depth: int) -> Value:
    """Return the row that is used after this one; the first is 0.

    Parameters
    ----------
    row
        A signal of ``range(depth)``.
    depth
        Number of rows.
    """
    if depth == 4:
        return Cat(~row[1], row[0])
    return Mux(row == depth - 1, 0, row + 1)[: len(row)]
