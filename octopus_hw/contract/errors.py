# SPDX-License-Identifier: Apache-2.0
"""The one exception for everything a user can get wrong, and the hint for a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["InputError", "nearest"]


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or else all there are (the first few of many)."""
    names = list(known)
    if close := get_close_matches(name, names, n=1, cutoff=0.5):
        return f"did you mean '{close[0]}'?"
    listed = ", ".join(f"'{other}'" for other in names[:12])
    return f"known: {listed}{', ...' if len(names) > 12 else ''}" if names else "there are none"


class InputError(Exception):
    """Bad input, told in one line.

    The command line prints ``error: `` and this text, and exits with status 2.

    Parameters
    ----------
    file : str
        The file (or other origin) that is wrong.
    place : str
        Where in it, like ``blocks[3].count`` or ``line 4 column 7``; empty if the whole file is meant.
    message : str
        What is wrong and what to do about it.
    """

    def __init__(self, file: str, place: str, message: str) -> None:
        self.file = file
        self.place = place
        self.message = message
        super().__init__(file, place, message)

    def __str__(self) -> str:
        text = ": ".join(part for part in (self.file, self.place, self.message) if part)
        return " ".join(text.encode("utf-8", "backslashreplace").decode("utf-8").split())
