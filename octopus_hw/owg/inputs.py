# SPDX-License-Identifier: Apache-2.0
"""The words that a stream's instances start with: rows of a NumPy file."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.document import read_bytes
from octopus_hw.owg.objects import MAX_WORDS

__all__ = ["NAME", "load_inputs"]

#: The array's name in an ``.npz``.
NAME = "inputs"

_GIVE = "give bytes (uint8) or words (uint32 or int32)"


def load_inputs(path: Path) -> NDArray[np.uint32]:
    """Read a ``.npy``, or the array ``inputs`` of a ``.npz``: rows of bytes or words, one for each instance.

    Returns
    -------
    array of uint32, shape (rows, words)
        Bytes as little-endian words, the last one padded with 0. It cannot be written to.

    Raises
    ------
    InputError
        There is no such file, it is no such array, or a row is longer than `MAX_WORDS` words.
    """
    array = _read(path)
    if array.ndim != 2:
        raise _refused(path, f"{array.ndim} dimensions; give two, a row for each instance")
    if not len(array):
        raise _refused(path, "no rows; give one at least")
    words = _words(path, array)
    if words.shape[1] > MAX_WORDS:
        raise _refused(path, f"rows of {words.shape[1]} words, but a token carries at most {MAX_WORDS}; shorten them")
    words.flags.writeable = False
    return words


def _refused(path: Path, message: str) -> InputError:
    return InputError(str(path), NAME, message)


def _read(path: Path) -> NDArray[Any]:
    """Return the file's array, whatever it holds."""
    content = read_bytes(path, ".npy or .npz file")
    try:
        file = np.load(BytesIO(content), allow_pickle=False)
        found = file if isinstance(file, np.ndarray) else file.get(NAME)
    except Exception as error:  # NumPy has a dozen kinds of them for what is broken
        if "Object arrays" in str(error):
            raise _refused(path, f"Python objects; {_GIVE}") from None
        raise InputError(str(path), "", "is no .npy or .npz file; write it with numpy.save or numpy.savez") from None
    if not isinstance(found, np.ndarray):
        raise InputError(str(path), "", f"has no array '{NAME}'; save the rows under that name")
    return found


def _words(path: Path, array: NDArray[Any]) -> NDArray[np.uint32]:
    if array.dtype == np.uint8:
        padded = np.pad(array, ((0, 0), (0, -array.shape[1] % 4)))
        return np.ascontiguousarray(padded).view("<u4").astype(np.uint32)
    if array.dtype.kind in "iu" and array.dtype.itemsize == 4:
        return array.astype(np.uint32)
    raise _refused(path, f"numbers of type {array.dtype}; {_GIVE}")
