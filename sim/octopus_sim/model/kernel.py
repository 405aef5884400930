# SPDX-License-Identifier: Apache-2.0
"""Compiled functions of the model: Numba, cached by the content of the whole package.

Numba's own cache looks at the file of the cached function alone, although the compiled code holds everything that it
calls. Here any change in this folder makes all entries stale. Where no folder is writable, functions are compiled anew
in each process.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import int64, njit, types

__all__ = ["entry", "kernel"]

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True}


def _stamp() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


_STAMP = _stamp()


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls, on its first call, or take it from the cache."""
    try:
        compiled = njit(cache=True, **_OPTIONS)(function)
    except (RuntimeError, OSError):
        return njit(**_OPTIONS)(function)
    compiled._cache._cache_file._source_stamp = _STAMP
    return compiled


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that only compiled functions call; it is cached as a part of those."""
    return _one_type(njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)(function))


def _one_type(compiled: Any) -> Any:
    """Let every whole number be passed as 64 bits: else Numba compiles anew for each mix of widths and literals."""
    resolve = compiled.get_call_template

    def get_call_template(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return resolve(tuple(_wide(arg) for arg in args), kws)

    compiled.get_call_template = get_call_template
    return compiled


def _wide(kind: Any) -> Any:
    plain = types.unliteral(kind)
    return int64 if isinstance(plain, types.Integer) else plain
