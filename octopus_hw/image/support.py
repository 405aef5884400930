# SPDX-License-Identifier: Apache-2.0
"""What workflows and workloads may say and the hardware does not carry yet is refused, never left out of a run."""

from __future__ import annotations

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.workload import Workload

__all__ = ["require_supported"]


def require_supported(workload: Workload) -> None:
    """Refuse a workload that has inputs, with an `InputError`."""
    for number, stream in enumerate(workload.streams):
        if stream.inputs is not None or stream.rows is not None:
            message = "the hardware takes no inputs in this version; leave them out"
            raise InputError(workload.file, f"streams[{number}].inputs", message)
