# SPDX-License-Identifier: Apache-2.0
"""Progress on stderr: a bar on a terminal, a quiet line for each step elsewhere."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO

__all__ = ["Progress"]

_WIDTH = 24


class Progress:
    """Counts the steps of a command; a context manager.

    Parameters
    ----------
    total
        Steps there are.
    stream
        Where to write, by default stderr.
    """

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self.total = total
        self.done = 0
        self.stream = stream or sys.stderr
        self.bar = self.stream.isatty()
        self.begun = time.monotonic()

    def note(self, text: str) -> None:
        """Say what is being done now."""
        if self.bar:
            filled = _WIDTH * self.done // max(1, self.total)
            shape = "#" * filled + "-" * (_WIDTH - filled)
            self._write(f"\r\x1b[K[{shape}] {self.done}/{self.total} {text}")
        else:
            self._write(f"{text} ...\n")

    def step(self, text: str) -> None:
        """Say what is done, and count it."""
        self.done += 1
        if self.bar:
            self.note(text)
        else:
            self._write(f"{text} ({self.done}/{self.total}, {time.monotonic() - self.begun:.1f} s)\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
