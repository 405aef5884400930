# SPDX-License-Identifier: Apache-2.0
"""A cache of directories that are made whole or not at all, each by one process at a time."""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["content_hash", "make_once"]


def content_hash(*parts: str) -> str:
    """Name for what depends on these texts and nothing else."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()[:24]


def make_once(cache: Path, name: str, make: Callable[[Path], None]) -> Path:
    """Return the directory `name` of the cache, made by `make` unless it is there.

    `make` gets an empty directory that is renamed when it returns, so an interrupted or failed `make` leaves nothing
    that could be taken for a result. Other processes that want the same directory wait.
    """
    final = cache / name
    if final.is_dir():
        return final
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f"{name}.lock"):
        if final.is_dir():
            return final
        for stale in cache.glob(f"{name}.partial-*"):
            shutil.rmtree(stale, ignore_errors=True)
        partial = cache / f"{name}.partial-{os.getpid()}"
        partial.mkdir()
        try:
            make(partial)
            partial.rename(final)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return final


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
