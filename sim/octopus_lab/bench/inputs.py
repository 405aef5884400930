# SPDX-License-Identifier: Apache-2.0
"""The workloads of a bench: those of a suite, or of files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from octopus_hw.contract.errors import InputError, nearest
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.workload import Workload

__all__ = ["SUITE", "Workloads", "workloads_of"]

SUITE = "octopus"

#: The workloads for a mesh's columns and rows.
Workloads = Callable[[int, int], list[Workload]]


def workloads_of(suite: str | None, files: Sequence[str], seed: int | None = None) -> Workloads:
    """Return the workloads of a suite, then those of files, with another seed if one is given; of `SUITE` by default.

    Raises
    ------
    InputError
        There is no such suite; a file is wrong; two workloads have the same name.
    """
    loaded = [load_workload(file) for file in files]
    suite = suite if suite or files else SUITE
    if suite is not None:
        from octopus_hw.suites import SUITES

        if suite not in SUITES:
            raise InputError("--suite", suite, f"is not known; {nearest(suite, SUITES)}")

    def workloads(columns: int, rows: int) -> list[Workload]:
        found = [*(_of_suite(suite, columns, rows) if suite is not None else ()), *loaded]
        _check_names(found)
        return found if seed is None else [replace(workload, seed=seed) for workload in found]

    return workloads


def _of_suite(suite: str, columns: int, rows: int) -> list[Workload]:
    from octopus_hw.suites import load_suite

    return list(load_suite(suite, columns, rows))


def _check_names(workloads: Sequence[Workload]) -> None:
    files: dict[str, str] = {}
    for workload in workloads:
        if workload.name in files:
            message = f"'{workload.name}' is what {files[workload.name]} is called too; rename one of them"
            raise InputError(workload.file, "name", message)
        files[workload.name] = workload.file
