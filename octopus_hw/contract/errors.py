# SPDX-License-Identifier: Apache-2.0
"""The one exception for everything a user can get wrong."""

from __future__ import annotations


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
