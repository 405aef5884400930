# SPDX-License-Identifier: Apache-2.0
"""Files that commands write: whole or not at all, and refused before the work rather than after it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from octopus_hw.contract.errors import InputError

__all__ = ["output_directory", "write"]


def output_directory(path: str) -> Path:
    """Make a directory for output and return it.

    Raises
    ------
    InputError
        It cannot be made, or nothing can be written there.
    """
    directory = Path(path)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return directory
    except OSError as error:
        raise _refusal(path, error) from None


def write(path: Path, content: str | Callable[[Path], object]) -> Path:
    """Write a file under a temporary name beside its final one, then rename it; return its path.

    Parameters
    ----------
    path : Path
    content : str or callable
        The text, or what writes it to the path it is given.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if isinstance(content, str):
            temporary.write_text(content, encoding="utf-8")
        else:
            content(temporary)
        temporary.replace(path)
    except OSError as error:
        raise _refusal(str(path), error) from None
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _refusal(path: str, error: OSError) -> InputError:
    reason = (error.strerror or str(error)).lower()
    return InputError(path, "", f"cannot be written ({reason}); choose another --out")
