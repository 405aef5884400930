# SPDX-License-Identifier: Apache-2.0
"""Processes that a command starts: they do not hear Ctrl-C, which is for their parent; it ends them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["deaf_to_interrupts"]


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Within, this process does not hear Ctrl-C, nor do ever the processes that it starts."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
