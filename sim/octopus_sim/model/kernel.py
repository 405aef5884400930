# SPDX-License-Identifier: Apache-2.0
"""Compiled functions of the model: Numba, cached by the content of the whole package.

Numba's own cache looks at the file of the cached function alone, although the compiled code holds everything that it
calls. Here any change in this folder, in the contract or in the event records makes all entries stale. Where no folder
is writable, functions are compiled anew in each process.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import int64, njit, types

from octopus_hw import contract
from octopus_sim import events, host_events

__all__ = ["entry", "kernel"]

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True}


#: What compiled code depends on: the model, its records of events, the contract.
_SOURCES = (
    *Path(__file__).parent.glob("*.py"),
    Path(events.__file__),
    Path(host_events.__file__),
    *Path(contract.__file__).parent.glob("*.py"),
)


def _stamp() -> str:
    digest = hashlib.sha256()
    for path in sorted(_SOURCES):
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
        return resolve(tuple(_wide(arg) for arg in args), {name: _wide(kind) for name, kind in kws.items()})

    compiled.get_call_template = get_call_template
    return compiled


def _wide(kind: Any) -> Any:
    plain = types.unliteral(kind)
    return int64 if isinstance(plain, types.Integer) else plain
