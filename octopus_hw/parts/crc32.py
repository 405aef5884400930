# SPDX-License-Identifier: Apache-2.0
"""CRC-32, a word of 32 bits at a time: that of zlib, PNG and Ethernet, over the word's bytes from the lowest on."""

from amaranth.hdl import Cat, Value

__all__ = ["POLYNOMIAL", "crc32_after"]

#: The reflected polynomial.
POLYNOMIAL = 0xEDB88320


def crc32_after(crc: Value, word: Value) -> Value:
    """Return the register after a word; it is all ones at first, and the CRC is its complement."""
    mixed = crc ^ word
    return Cat(
        _parity(mixed, [place for place, column in enumerate(_COLUMNS) if column >> bit & 1]) for bit in range(32)
    )


def _column(bit: int) -> int:
    """Return what a bit of the word makes of a register of 0."""
    register = 1 << bit
    for _ in range(32):
        register = register >> 1 ^ (POLYNOMIAL if register & 1 else 0)
    return register


_COLUMNS = [_column(bit) for bit in range(32)]


def _parity(value: Value, places: list[int]) -> Value:
    return Cat(value[place] for place in places).xor()
