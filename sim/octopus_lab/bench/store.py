# SPDX-License-Identifier: Apache-2.0
"""Rows on disk: each written at once and whole, so that whatever is there can be relied on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from octopus_hw.files import output_directory, write
from octopus_lab.bench.jobs import Job
from octopus_lab.bench.row import Row

__all__ = ["RowStore", "document_text"]


def document_text(document: dict[str, Any]) -> str:
    """Return a document as JSON text in which each row has one line."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list) and value:
            text = "[\n" + ",\n".join(f"  {json.dumps(element)}" for element in value) + "\n ]"
        else:
            text = json.dumps(value, indent=1).replace("\n", "\n ")
        parts.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


class RowStore:
    """A directory of rows by digest.

    Parameters
    ----------
    directory : Path
        Made if it is not there.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = output_directory(directory)

    def path(self, job: Job) -> Path:
        """Return where a job's row is or will be."""
        return self.directory / f"{job.digest}.json"

    def get(self, job: Job) -> Row | None:
        """Return a job's row; None if it is not there (or is no row: it will be made again)."""
        try:
            row = json.loads(self.path(job).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return row if isinstance(row, dict) else None

    def put(self, job: Job, row: Row) -> None:
        """Keep a job's row."""
        write(self.path(job), json.dumps(row) + "\n")
