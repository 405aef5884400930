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
from contextlib import contextmanager, suppress
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
            _flush()
            return status
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except InputError as error:
        return _fail(str(error), BAD)
    except BrokenPipeError:
        _lose_output()  # whoever read has seen enough
        return NO
    except OSError as error:
        with suppress(OSError, InputError):
            _flush()
        return _fail(": ".join(map(str, filter(None, (error.filename, _reason(error))))), BAD)
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


def _flush() -> None:
    """Write what is still to be written to stdout: a full disk is told now, not when the interpreter ends."""
    try:
        if sys.stdout:  # None where a shell has closed it
            sys.stdout.flush()
    except OSError as error:
        _lose_output()
        if isinstance(error, BrokenPipeError):
            raise
        raise InputError("standard output", "", f"cannot be written ({_reason(error)})") from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _lose_output() -> None:
    """Have what is still to be written to stdout go nowhere, without a word when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
