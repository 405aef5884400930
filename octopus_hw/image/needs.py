# SPDX-License-Identifier: Apache-2.0
"""What a workload needs of a configuration, before or after it is put on a mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.contract.layout import LOADED
from octopus_hw.image.flows import FlowTable, flow_table
from octopus_hw.image.home import Home, home_of
from octopus_hw.image.library import library_words
from octopus_hw.image.numbers import NumberTable, number_table
from octopus_hw.image.slots import least_slots, slot_needs
from octopus_hw.owg.instances import MAX_INSTANCES
from octopus_hw.owg.workload import Resolved, Workload

__all__ = ["Needs", "needs_of"]


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What does not depend on the strategy, and how much of each configuration key it takes.

    Attributes
    ----------
    homes : list of Home
        One instance's space at home, by stream.
    flows, numbers
        Tables.
    library_words : int
        Words of the home store that configurations take in the tile that has most.
    most : list of int
        Instances of each stream at the tile that has most of them.
    by_key : dict
        By configuration key.
    """

    homes: list[Home]
    flows: FlowTable
    numbers: NumberTable
    library_words: int
    most: list[int]
    by_key: dict[str, int]


def needs_of(workload: Workload, config: Config, resolved: Resolved | None = None) -> Needs:
    """Return what a workload needs.

    Parameters
    ----------
    workload : Workload
    config : Config
        Only its widths matter, `buffer_words` and `config_words`, which bound operands and configurations, and
        `library_region`.
    resolved : Resolved, optional
        The workload on a mesh; without it the instances of one tile are not known and have no limit, and library
        regions are whole.

    Raises
    ------
    InputError
        An operand, a result, a configuration or a number source is larger than can be.
    """
    homes = [home_of(stream.workflow, config, stream.given) for stream in workload.streams]
    _check_rows(workload, config)
    flows = flow_table(workload, homes, config)
    numbers = number_table(workload)
    columns, rows = (resolved.columns, resolved.rows) if resolved else (config.library_region, config.library_region)
    words = library_words(workload, config, columns, rows)
    most = [MAX_INSTANCES] * len(homes)
    by_key = {
        "max_blocks": sum(len(stream.workflow.blocks) for stream in workload.streams),
        "max_flows": len(flows.rows),
        "max_streams": len(workload.streams),
        "number_words": len(numbers.words),
    }
    if resolved is not None:
        tiles = resolved.columns * resolved.rows
        counts = np.bincount(resolved.stream * tiles + resolved.home, minlength=len(homes) * tiles)
        counts = counts.reshape(len(homes), tiles)
        most = counts.max(axis=1).tolist()
        by_key["list_depth"] = int(counts.sum(axis=0).max())
    by_key |= slot_needs(homes, least_slots(workload, most), words)
    return Needs(homes=homes, flows=flows, numbers=numbers, library_words=words, most=most, by_key=by_key)


def _check_rows(workload: Workload, config: Config) -> None:
    """Refuse rows that are longer than the buffers of the host port and of places, or than a ROW can be."""
    for number, stream in enumerate(workload.streams):
        words, limit, most = stream.given or 0, config.buffer_words, (1 << LOADED) - 1
        if words > min(limit, most):
            but = (
                f"a buffer has {limit}; shorten them or raise buffer_words" if words <= most else f"{most} are the most"
            )
            raise InputError(workload.file, f"streams[{number}].inputs", f"rows of {words} words, but {but}")
