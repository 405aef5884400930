# SPDX-License-Identifier: Apache-2.0
"""Processes that run groups of jobs; they end when their parent does, however it ends."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from octopus_lab.bench.jobs import Job, sources_version
from octopus_lab.bench.worker import WorkerError, serve
from octopus_lab.processes import deaf_to_interrupts

__all__ = ["WorkerError", "Workers"]

#: Seconds that a process has to end what it has started.
_GRACE_S = 5.0


class Workers:
    """So many processes; a context manager that ends them.

    Parameters
    ----------
    count : int
    directory : Path
        Where they keep their rows.
    """

    def __init__(self, count: int, directory: Path) -> None:
        self._processes: dict[Connection, BaseProcess] = {}
        context = multiprocessing.get_context("spawn")
        with deaf_to_interrupts():
            for number in range(count):
                ours, theirs = context.Pipe()
                given = (theirs, directory, sources_version(), number, count)
                process = context.Process(target=serve, args=given, daemon=True)
                process.start()
                theirs.close()
                self._processes[ours] = process

    def run(self, groups: Sequence[Sequence[Job]]) -> Iterator[tuple[str, str]]:
        """Run groups in this order and yield each job's digest, with what went wrong (or nothing), as it is done.

        Raises
        ------
        WorkerError
            A process was killed, or finds other sources than those that the jobs are for.
        """
        todo = deque(groups)
        busy = {connection: todo.popleft() for connection in list(self._processes)[: len(todo)]}
        for connection, group in busy.items():
            self._give(connection, group)
        while busy:
            for connection in [connection for connection in wait(list(busy)) if isinstance(connection, Connection)]:
                answer = self._answer(connection, busy[connection])
                if isinstance(answer, Exception):
                    raise answer
                if answer is not None:
                    yield answer
                elif todo:
                    busy[connection] = todo.popleft()
                    self._give(connection, busy[connection])
                else:
                    del busy[connection]

    def _give(self, connection: Connection, group: Sequence[Job]) -> None:
        with contextlib.suppress(BrokenPipeError):  # told when its answer is waited for
            connection.send(group)

    def _answer(self, connection: Connection, group: Sequence[Job]) -> tuple[str, str] | Exception | None:
        try:
            answer: tuple[str, str] | Exception | None = connection.recv()
        except (EOFError, ConnectionResetError):
            process = self._processes[connection]
            process.join(_GRACE_S)
            why = "for want of memory?" if process.exitcode == -signal.SIGKILL else "see above"
            raise WorkerError(
                f"a process ended with status {process.exitcode} ({why}) on {group[0].label}; "
                "what was done is kept: run again, perhaps with fewer --jobs"
            ) from None
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._processes:
            connection.close()
        if kind is not None:
            for process in self._processes.values():
                process.terminate()
        for process in self._processes.values():
            process.join(_GRACE_S)
            if process.is_alive():
                process.kill()
                process.join()
