# SPDX-License-Identifier: Apache-2.0
"""Kernels that pack and unpack the contract's layouts, each generated from a layout's description.

A number that is packed has up to 64 bits, or is a tuple (or an array) of words of so many bits; fields that are not
given are 0, and those that are given are known to fit.
"""

from collections.abc import Callable
from typing import Any

from octopus_hw.contract.bits import Layout
from octopus_sim.model.kernel import kernel

__all__ = ["LONG", "packer", "reader", "words_of", "writer"]

#: Bits of a word of the state.
LONG = 64


def words_of(layout: Layout, bits: int = LONG) -> int:
    """Return how many words a layout takes."""
    return -(-layout.size // bits)


def packer(layout: Layout, bits: int = 0) -> Callable[..., Any]:
    """Return a kernel that takes fields by name and packs them into one number, or into a tuple of words of `bits`."""
    words: list[list[str]] = [[] for _ in range(words_of(layout, bits or LONG))]
    for name in layout.spans:
        for piece in layout.pieces(name, bits or LONG):
            part = f"({name} >> {piece.low} & {(1 << piece.width) - 1})" if piece.width < layout[name].width else name
            words[piece.word].append(f"{part} << {piece.shift}")
    packed = [" | ".join(parts) or "0" for parts in words]
    result = f"({', '.join(packed)},)" if bits else packed[0]
    return _kernel(f"def function({', '.join(f'{name}=0' for name in layout.spans)}):\n    return {result}\n")


def reader(layout: Layout, *names: str, bits: int = 0) -> Callable[..., Any]:
    """Return a kernel that takes what is packed and returns a field, or a tuple of several."""
    fields = [_read(layout, name, bits) for name in names]
    return _kernel(f"def function(packed):\n    return {', '.join(fields)}\n")


def writer(layout: Layout, name: str, bits: int = LONG) -> Callable[..., Any]:
    """Return a kernel that gives a field of an array of words another value."""
    lines = []
    for piece in layout.pieces(name, bits):
        mask = (1 << piece.width) - 1
        kept = _signed(~(mask << piece.shift))
        part = f"(value >> {piece.low} & {mask}) << {piece.shift}"
        lines.append(f"    words[{piece.word}] = words[{piece.word}] & {kept} | {part}")
    return _kernel("def function(words, value):\n" + "\n".join(lines) + "\n")


def _read(layout: Layout, name: str, bits: int) -> str:
    parts = []
    for piece in layout.pieces(name, bits or LONG):
        word = f"packed[{piece.word}]" if bits else "packed"
        parts.append(f"({word} >> {piece.shift} & {(1 << piece.width) - 1}) << {piece.low}")
    return " | ".join(parts)


def _signed(word: int) -> int:
    """Return a word of 64 bits as Numba reads it."""
    return (word + (1 << LONG - 1)) % (1 << LONG) - (1 << LONG - 1)


def _kernel(source: str) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return kernel(names["function"])
