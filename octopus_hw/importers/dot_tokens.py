# SPDX-License-Identifier: Apache-2.0
"""The words of the DOT language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from octopus_hw.contract.errors import InputError

__all__ = ["DotToken", "tokens"]

_SKIPPED = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/|(?m:^#[^\n]*))+", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_\u0080-\U0010ffff][A-Za-z_0-9\u0080-\U0010ffff]*|-?(?:\.\d+|\d+(?:\.\d*)?)", re.ASCII)
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_SIGN = re.compile(r"->|--|[{}\[\];,=:+]")


class DotToken(NamedTuple):
    """An ``id`` (quotes taken off), or a ``sign``; a bare id may be a keyword."""

    kind: str
    text: str
    line: int
    bare: bool = False


def tokens(text: str, file: str) -> Iterator[DotToken]:
    """Yield all tokens; what is none is refused with its line."""
    at = 0
    while True:
        skipped = _SKIPPED.match(text, at)
        at = skipped.end() if skipped else at
        if at == len(text):
            return
        line = text.count("\n", 0, at) + 1
        if quoted := _QUOTED.match(text, at):
            yield DotToken("id", _unquoted(quoted[1]), line)
            at = quoted.end()
        elif word := _WORD.match(text, at):
            yield DotToken("id", word[0], line, bare=True)
            at = word.end()
        elif sign := _SIGN.match(text, at):
            yield DotToken("sign", sign[0], line)
            at = sign.end()
        elif text[at] == "<":
            end = _html_end(text, at)
            if end is None:
                raise InputError(file, f"line {line}", "'<' is never closed; add '>'")
            yield DotToken("id", text[at:end], line)
            at = end
        else:
            raise InputError(file, f"line {line}", f"'{text[at : at + 12]}' is no DOT; correct it")


def _unquoted(text: str) -> str:
    return text.replace("\\\n", "").replace('\\"', '"')


def _html_end(text: str, start: int) -> int | None:
    depth = 0
    for bracket in re.compile("[<>]").finditer(text, start):
        depth += 1 if bracket[0] == "<" else -1
        if not depth:
            return bracket.end()
    return None
