# SPDX-License-Identifier: Apache-2.0
"""What this process and those that it started have taken of the machine."""

import resource

__all__ = ["cpu_seconds", "peak_mib"]


def cpu_seconds() -> float:
    """Return processor time, user and system: of this process, and of those that it started and that have ended."""
    return sum(usage.ru_utime + usage.ru_stime for usage in _usages())


def peak_mib() -> int:
    """Return the most memory that this process ever had, and of its children the largest, added up, in 2^20 bytes."""
    return sum(usage.ru_maxrss for usage in _usages()) >> 10


def _usages() -> list[resource.struct_rusage]:
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
