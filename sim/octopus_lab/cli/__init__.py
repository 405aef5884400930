# SPDX-License-Identifier: Apache-2.0
"""The command line: ``octopus-hw check | generate | run | compare | demo``.

Exit status: 0 done, 1 the answer is no (engines differ, a run went wrong), 2 bad input or usage.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from octopus_hw.contract.errors import InputError
from octopus_lab.cli.parser import build_parser

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
        parsed = build_parser().parse_args(arguments)
        status = parsed.command(parsed)
        sys.stdout.flush()
        return int(status)
    except InputError as error:
        return _fail(str(error), BAD)
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; nothing may be written when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO
    except Exception as error:
        status = _status_of(error)
        if status is None:
            raise
        return _fail(str(error), status)


def _status_of(error: Exception) -> int | None:
    """Return the exit status for what a tool or a simulation says, None for a fault of ours."""
    from octopus_hw.verilog.export import ExportError
    from octopus_sim.model import ModelError
    from octopus_sim.plan import PlanError
    from octopus_sim.toolchain import ToolError

    if isinstance(error, (ToolError, ExportError)):
        return BAD
    return NO if isinstance(error, (PlanError, ModelError)) else None


def _fail(message: str, status: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return status
