# SPDX-License-Identifier: Apache-2.0
"""The order in which the rows of a queue's memory are used: the first is 0."""

from amaranth.hdl import Cat, Mux, Value

__all__ = ["row_after"]

#: Taps of shift registers with the longest period, by length.
_TAPS = {1: (0,), 2: (1, 0), 3: (2, 1), 4: (3, 2), 5: (4, 2), 6: (5, 4)}


def row_after(row: Value, rows: int) -> Value:
    """Return the row that is used after this one.

    A power of two of rows, up to 64, has the order of a shift register, which costs one bit of logic: four rows are
    used in the order 0, 1, 3, 2. Its feedback is that of the longest period, inverted where all bits but the oldest
    are 0, so that 0 is a row, too. Other numbers of rows are counted.

    Parameters
    ----------
    row
        A signal of ``range(rows)``.
    rows
        Number of rows, at least 2.
    """
    if rows == 4:
        # What the below comes to, which a mapper does not always find.
        return Cat(~row[1], row[0])
    if rows == 1 << len(row) and len(row) in _TAPS:
        feedback = Cat(row[tap] for tap in _TAPS[len(row)]).xor()
        return Cat(feedback ^ ~row[:-1].any(), row[:-1])
    return Mux(row == rows - 1, 0, row + 1)[: len(row)]
