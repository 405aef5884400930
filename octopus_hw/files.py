# SPDX-License-Identifier: Apache-2.0
"""Files that are written whole or not at all, and those of a command together: all of them, or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from types import TracebackType
from typing import Self

from octopus_hw.contract.errors import InputError

__all__ = ["Outputs", "output_directory", "write"]

#: A file's text, or what writes it to the path it is given.
Content = str | Callable[[Path], object]


def write(path: Path, content: Content) -> Path:
    """Write a file under a temporary name beside its final one, then rename it; return its path.

    Raises
    ------
    InputError
        It cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    with _refused(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _fill(temporary, content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    return path


def output_directory(path: str | Path) -> Path:
    """Make a directory for output and return it.

    Raises
    ------
    InputError
        It cannot be made, or nothing can be written there.
    """
    directory = Path(path)
    with _refused(directory):
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return directory


class Outputs:
    """What a command writes into a directory: seen when all of it is there, instead of what an earlier one has left.

    A context manager. Files are written beside their final places; at the end they get there by renaming, after
    everything earlier has gone, so that old and new never lie side by side. If an exception ends it, all is as it was.

    Parameters
    ----------
    directory : str or Path
        Made if it is not there.
    earlier : iterable of str
        Patterns of names within the directory: files that only make sense together with the new ones. They go even if
        no new ones take their places.

    Raises
    ------
    InputError
        Something cannot be written; where it is the directory, before any work is done.
    """

    def __init__(self, directory: str | Path, earlier: Iterable[str] = ()) -> None:
        self.directory = Path(directory)
        self._earlier = tuple(earlier)
        self._staging = self.directory / f".new.{os.getpid()}"

    def write(self, name: str, content: Content) -> Path:
        """Write a file, perhaps in a folder, and return the path that it will have."""
        path = self.directory / name
        with _refused(path):
            self.staged(name).parent.mkdir(parents=True, exist_ok=True)
            _fill(self.staged(name), content)
        return path

    def staged(self, name: str) -> Path:
        """Return where something is to be written that will get this name."""
        return self._staging / name

    def commit(self) -> None:
        """Put what has been written in its place, and begin anew."""
        with _refused(self.directory):
            new = sorted(self._staging.iterdir())
            old = [path for pattern in self._earlier for path in self.directory.glob(pattern)]
            for path in dict.fromkeys([*old, *(self.directory / path.name for path in new)]):
                _remove(path)
            for path in new:
                path.rename(self.directory / path.name)

    def __enter__(self) -> Self:
        with _refused(self.directory):
            self._staging.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            shutil.rmtree(self._staging, ignore_errors=True)


def _fill(path: Path, content: Content) -> None:
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        content(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(str(path), "", f"cannot be written ({reason}); choose another place") from None
