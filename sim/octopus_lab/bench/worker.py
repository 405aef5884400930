# SPDX-License-Identifier: Apache-2.0
"""Jobs one after another, in this process or in one of its own."""

from __future__ import annotations

import contextlib
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from octopus_hw.contract.errors import InputError
from octopus_lab.bench.jobs import Job, sources_version
from octopus_lab.bench.row import RunError, Subject, make_row
from octopus_lab.bench.store import RowStore
from octopus_lab.errors import LabError

if TYPE_CHECKING:
    from octopus_sim.engines import Engine

__all__ = ["Engines", "WorkerError", "run_group", "serve"]


class WorkerError(LabError):
    """A process that runs jobs cannot go on."""


class Engines:
    """Engines by name, each started when it is first asked for; a context manager that ends them."""

    def __init__(self) -> None:
        self._open: dict[str, Engine] = {}
        self._stack = contextlib.ExitStack()

    def __call__(self, name: str) -> Engine:
        """Return the engine of this name."""
        from octopus_sim.engines import open_engine

        if name not in self._open:
            self._open[name] = self._stack.enter_context(open_engine(name))
        return self._open[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def run_group(group: Sequence[Job], store: RowStore, engines: Engines) -> Iterator[tuple[Job, str]]:
    """Run jobs that have one subject, keep their rows, and yield each with what went wrong (or nothing)."""
    from octopus_sim.model import ModelError
    from octopus_sim.plan import PlanError

    subject = Subject.of(group[0])
    for job in group:
        try:
            store.put(job, make_row(job, subject, engines))
        except (InputError, RunError, ModelError, PlanError) as error:
            yield job, str(error)
        else:
            yield job, ""


def serve(connection: Connection, directory: Path, version: str, number: int, count: int) -> None:
    """Run the groups that come over a connection, until it ends.

    The answer to a group is a (digest, error) for each job, then None. An exception that concerns more than one job is
    an answer too, and the last.

    Parameters
    ----------
    connection : Connection
    directory : Path
        Where rows are kept.
    version : str
        Of the sources that the jobs' digests stand for.
    number, count : int
        Which of how many such processes this is; they share the processors.
    """
    from octopus_sim.toolchain import share_processors

    share_processors(number, count)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    with contextlib.suppress(EOFError, BrokenPipeError), Engines() as engines:
        try:
            if sources_version() != version:
                raise WorkerError("the sources have changed since the command began; give it again")
            store = RowStore(directory)
            while True:
                for job, error in run_group(connection.recv(), store, engines):
                    connection.send((job.digest, error))
                connection.send(None)
        except (EOFError, BrokenPipeError):
            raise
        except Exception as error:
            error.add_note(f"in a process of its own:\n{traceback.format_exc()}")
            connection.send(error)
