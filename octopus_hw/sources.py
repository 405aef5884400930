# SPDX-License-Identifier: Apache-2.0
"""What the hardware's sources are: what is generated from them, and only that, depends on these folders."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

__all__ = ["HARDWARE", "hardware_sources", "read_sources"]

#: The folders of this package that describe hardware, each of which imports from those before it.
HARDWARE = ("contract", "verilog", "interfaces", "parts", "noc", "tbu", "cbu", "chip")


def hardware_sources() -> list[str]:
    """Return names and texts of all sources of the hardware."""
    root = Path(__file__).parent
    return read_sources(root, (root / folder for folder in HARDWARE))


def read_sources(root: Path, paths: Iterable[Path]) -> list[str]:
    """Return names, relative to `root`, and texts of Python files, and of those in folders, in order of their names."""
    files = {file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))}
    return [text for file in sorted(files) for text in (file.relative_to(root).as_posix(), file.read_text("utf-8"))]
