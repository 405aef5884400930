# SPDX-License-Identifier: Apache-2.0
"""Bit layouts as plain data, and the one packer for all of them.

::

    fields   home_x home_y  slot    block    index ...        from bit 0 on, side by side
    words    [        word 0 of 32 bits        ] [ word 1 ]   a field may lie in two

Whatever packs, unpacks or counts words takes names, offsets and sizes from here: Amaranth's layouts
(`octopus_hw.interfaces.layouts`), boot words, the compiler's tables, the model's kernels. Numbers are Python's or,
field by field, NumPy's arrays; only operators are used, so nothing has to be imported for either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

__all__ = ["WORD", "Field", "Layout", "Piece", "Span"]

#: Bits of a word: of a data flit's, of a boot word, of a table's column.
WORD = 32


class Field(NamedTuple):
    """A field: its bits, or the layout of what lies in it. One whose name begins with ``pad`` is always 0."""

    name: str
    shape: int | Layout
    doc: str = ""

    @property
    def width(self) -> int:
        """Bits."""
        return self.shape if isinstance(self.shape, int) else self.shape.size

    @property
    def is_padding(self) -> bool:
        """Whether it carries nothing."""
        return self.name.startswith("pad")


class Span(NamedTuple):
    """Where a field lies."""

    offset: int
    width: int

    @property
    def most(self) -> int:
        """The largest number that fits."""
        return (1 << self.width) - 1


class Piece(NamedTuple):
    """The part of a field that lies in one word: its bits from `low` on, at `shift` of word number `word`."""

    word: int
    shift: int
    low: int
    width: int


@dataclass(frozen=True)
class Layout:
    """Fields side by side, the first one from bit 0 on.

    Examples
    --------
    >>> header = Layout.of("Header", "A packet's first word.", Field("x", 7), Field("y", 7, "row"))
    >>> header.pack(x=3, y=2)
    259
    >>> header.unpack(259)
    {'x': 3, 'y': 2}
    """

    name: str
    doc: str
    fields: tuple[Field, ...]

    @classmethod
    def of(cls, name: str, doc: str, *fields: Field) -> Layout:
        """Describe a layout."""
        return cls(name, doc, fields)

    @cached_property
    def spans(self) -> dict[str, Span]:
        """Where each field lies, without padding."""
        spans, offset = {}, 0
        for field in self.fields:
            if not field.is_padding:
                spans[field.name] = Span(offset, field.width)
            offset += field.width
        return spans

    @cached_property
    def size(self) -> int:
        """Bits, with padding."""
        return sum(field.width for field in self.fields)

    @property
    def words(self) -> int:
        """Words that it takes."""
        return -(-self.size // WORD)

    @property
    def columns(self) -> int:
        """Words that a row of a table takes in boot addresses: a power of two."""
        return 1 << (self.words - 1).bit_length()

    def __getitem__(self, name: str) -> Span:
        """Where a field lies."""
        return self.spans[name]

    def pieces(self, name: str, bits: int = WORD) -> list[Piece]:
        """Return the parts of a field in words of so many bits, from the lowest on."""
        offset, width = self.spans[name]
        pieces, low = [], 0
        while low < width:
            word, shift = divmod(offset + low, bits)
            part = min(width - low, bits - shift)
            pieces.append(Piece(word, shift, low, part))
            low += part
        return pieces

    def pack(self, **values: Any) -> Any:
        """Return one number of `size` bits; arrays must have room for so many. Fields that are left out are 0.

        Raises
        ------
        ValueError
            There is no such field, or a number does not fit its field.
        """
        packed: Any = 0
        for name, value in self._checked(values):
            packed = packed | value << self.spans[name].offset
        return packed

    def unpack(self, packed: Any) -> dict[str, Any]:
        """Return the fields of one number, without padding."""
        return {name: packed >> span.offset & span.most for name, span in self.spans.items()}

    def pack_words(self, values: Mapping[str, Any]) -> list[Any]:
        """Return `words` words; fields that are left out are 0.

        Raises
        ------
        ValueError
            There is no such field, or a number does not fit its field.
        """
        words: list[Any] = [0] * self.words
        for name, value in self._checked(values):
            for piece in self.pieces(name):
                part = value >> piece.low & (1 << piece.width) - 1
                words[piece.word] = words[piece.word] | part << piece.shift
        return words

    def unpack_words(self, words: Sequence[Any]) -> dict[str, Any]:
        """Return the fields of some words, without padding."""
        values: dict[str, Any] = {}
        for name in self.spans:
            value: Any = 0
            for piece in self.pieces(name):
                value = value | (words[piece.word] >> piece.shift & (1 << piece.width) - 1) << piece.low
            values[name] = value
        return values

    def _checked(self, values: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Return the numbers of all fields that are given, each of which fits."""
        for name, value in values.items():
            if name not in self.spans:
                raise ValueError(f"{self.name}: no field {name!r}; there are {', '.join(self.spans)}")
            width = self.spans[name].width
            wrong = (value < 0) | (value >> width != 0)
            if wrong.any() if hasattr(wrong, "any") else wrong:
                number = value[wrong][0] if hasattr(value, "shape") and value.shape else value
                raise ValueError(f"{self.name}.{name}: {int(number)} does not fit {width} bits")
        return list(values.items())
