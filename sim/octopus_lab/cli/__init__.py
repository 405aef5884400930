# SPDX-License-Identifier: Apache-2.0
"""The command line: ``octopus-hw COMMAND ...``.

Exit status: 0 done, 1 the answer is no (engines differ, a run went wrong), 2 bad input or usage, 130 interrupted.
Whatever goes wrong is told here, in one line, for all commands.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from octopus_hw.contract.errors import InputError

__all__ = ["main"]

DONE, NO, BAD, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.
    """
    try:
        with _interruptible():
            status = _run(arguments)
            print(end="", flush=True)  # a full disk is told here, not when the interpreter ends
            return status
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except InputError as error:
        return _fail(str(error), BAD)
    except OSError as error:
        lost = _output_is_lost()
        if lost and isinstance(error, BrokenPipeError):
            return NO  # whoever read has seen enough
        where = "standard output" if lost else error.filename
        return _fail(": ".join(map(str, filter(None, (where, (error.strerror or str(error)).lower())))), BAD)
    except Exception as error:
        status = _status_of(error)
        if not status:
            raise
        return _fail(str(error), status)


def _run(arguments: Sequence[str] | None) -> int:
    from octopus_lab.cli.parser import build_parser

    try:
        parsed = build_parser().parse_args(arguments)
    except SystemExit:  # --help and --version, whose text is printed
        return DONE
    return int(parsed.run(parsed))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Turn Ctrl-C into an exception, and have Amaranth say nothing of what is left half made then."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        warnings.filterwarnings("ignore", message=".*created but never used")
        raise KeyboardInterrupt

    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler:  # whoever started us wants something else
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _output_is_lost() -> bool:
    """Whether nothing can be written to stdout; then what is still to be written goes nowhere."""
    try:
        print(end="", flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _status_of(error: Exception) -> int:
    """Return the exit status for what a tool or a simulation says; 0 for a fault of ours."""
    from octopus_hw.verilog.export import ExportError
    from octopus_lab.errors import LabError
    from octopus_sim.model import ModelError
    from octopus_sim.plan import PlanError
    from octopus_sim.toolchain import ToolError

    if isinstance(error, (ToolError, ExportError)):
        return BAD
    return NO if isinstance(error, (LabError, PlanError, ModelError)) else 0


def _fail(message: str, status: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return status
