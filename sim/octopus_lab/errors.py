# SPDX-License-Identifier: Apache-2.0
"""The exception for what a command finds to be wrong, other than its input."""

__all__ = ["LabError"]


class LabError(Exception):
    """What was to hold does not, or a command cannot go on: told in one line, exit status 1."""
