# SPDX-License-Identifier: Apache-2.0
"""Is a workflow well-formed? In time linear in its size."""

from __future__ import annotations

from octopus_hw.owg.bodies import spawn_bodies
from octopus_hw.owg.objects import Workflow
from octopus_hw.owg.slices import check_slices
from octopus_hw.owg.structure import check_structure
from octopus_hw.owg.tokens import check_tokens


def check(workflow: Workflow) -> Workflow:
    """Return the workflow if it is well-formed.

    Raises
    ------
    InputError
        Naming the block or flow that is wrong and what to do about it.
    """
    check_structure(workflow)
    spawn_bodies(workflow)
    check_tokens(workflow)
    check_slices(workflow)
    return workflow
