# SPDX-License-Identifier: Apache-2.0
"""Compiled functions of the model: Numba, cached by the content of the whole package.

Numba's own cache looks at the file of the cached function alone, although the compiled code holds everything that it calls. Here
any change in this folder makes all entries stale. Where no folder is writable, functions are compiled anew in each process.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit

__all__ = ["kernel"]

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True}


def _stamp() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


_STAMP = _stamp()


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function on its first call, or take it from the cache."""
    try:
        compiled = njit(cache=True, **_OPTIONS)(function)
    except (RuntimeError, OSError):
        return njit(**_OPTIONS)(function)
    compiled._cache._cache_file._source_stamp = _STAMP
    return compiled
