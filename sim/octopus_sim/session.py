# SPDX-License-Identifier: Apache-2.0
"""A running simulator that is given one plan after the other."""

import contextlib
import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from octopus_sim.plan import Plan, PlanError, PlanResult

__all__ = ["Session"]

_PATIENCE_S = 10


class Session:
    """One process of a built simulation; a context manager.

    Starting one costs about a second, a plan on a running one a few milliseconds, so many small runs share a session.
    The device's reset pin is set before each plan, unless it is to go on; memories keep their content, as in hardware.

    Parameters
    ----------
    command, environment
        The program.
    directory
        Where it runs: ``stdout.txt`` and ``stderr.txt`` appear there, and the wave file if there is one.
    """

    def __init__(self, command: list[str], environment: dict[str, str], directory: Path) -> None:
        directory = directory.absolute()  # it is named from within, too
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._printed = directory / "stdout.txt"
        self._errors = directory / "stderr.txt"
        command_read, command_write = os.pipe()
        reply_read, reply_write = os.pipe()
        plusargs = [f"+octopus_commands={command_read}", f"+octopus_replies={reply_write}"]
        environment = environment | {"COCOTB_RESULTS_FILE": str(directory / "results.xml")}
        with self._printed.open("wb") as printed, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [*command, *plusargs],
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=errors,
                pass_fds=(command_read, reply_write),
            )
        os.close(command_read)
        os.close(reply_write)
        self._commands: IO[str] = os.fdopen(command_write, "w", encoding="utf-8")
        self._replies: IO[str] = os.fdopen(reply_read, encoding="utf-8")

    def run(self, plan: Plan, *, reset: bool = True) -> PlanResult:
        """Reset the device by its pin, or go on where the plan before ended; carry out a plan; return what came of it.

        The first cycle is 0 in any case, and words that came before are no part of the result.

        Raises
        ------
        PlanError
            If a step timed out, or the simulator died; the message says where to look.
        """
        try:
            self._commands.write(json.dumps({"reset": reset, "steps": plan.steps}) + "\n")
            self._commands.flush()
            reply = self._replies.readline()
        except BrokenPipeError:
            reply = ""
        if not reply:
            raise PlanError(self._obituary())
        result: dict[str, Any] = json.loads(reply)
        if result["error"]:
            raise PlanError(result["error"])
        begin, end = result["printed"]
        return PlanResult(
            words=result["words"],
            word_cycles=result["word_cycles"],
            steps=[(first, last) for first, last in result["steps"]],
            cycles=result["cycles"],
            printed=self._read_printed(begin, end),
            wall_s=result["wall_s"],
        )

    def close(self) -> None:
        """End the simulator; its files are complete afterwards."""
        with contextlib.suppress(BrokenPipeError):
            self._commands.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._replies.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_printed(self, begin: int, end: int) -> list[str]:
        with self._printed.open("rb") as file:
            file.seek(begin)
            return file.read(end - begin).decode().splitlines()

    def _obituary(self) -> str:
        self._process.wait(_PATIENCE_S)
        lines = self._errors.read_text(errors="replace").splitlines()
        lines += self._printed.read_text(errors="replace").splitlines()
        return f"the simulator ended with status {self._process.returncode}:\n" + "\n".join(lines[-20:])
