# SPDX-License-Identifier: Apache-2.0
"""What is soaked by default: a few builds, so that each is made once, with as much as possible chosen at run time."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from octopus_hw.contract.config import ROUTERS, Config
from octopus_hw.contract.errors import InputError
from octopus_lab.soak import edits, traffic
from octopus_lab.soak.campaign import Subject
from octopus_lab.soak.case import Case, random_case
from octopus_lab.soak.judge import Judge
from octopus_lab.soak.traffic import TrafficCase, TrafficJudge, random_traffic

__all__ = ["CHIPS", "NETWORKS", "load_case", "subject"]

#: Whole chips: as they are by default, with little room and slow links, and with the router of most throughput.
CHIPS = {
    "default": Config(link_stalls=3),
    "small": Config(
        tbus=2, peas=2, queue_depth=2, config_slots=2, link_latency=3, library_region=2, balance_period=128,
        retry_period=8, link_stalls=6,
    ),
    "fast": replace(Config(link_stalls=4), **ROUTERS["fast"]),
}  # fmt: skip

#: Routers alone, with sources and sinks of random packets.
NETWORKS = {f"{name} routers": replace(Config(link_stalls=4), **preset) for name, preset in ROUTERS.items()}


def subject(
    name: str, columns: int, rows: int, scale: int, judges: tuple[Judge, TrafficJudge], stalls: int | None = None
) -> Subject:
    """Return what `CHIPS` or `NETWORKS` call by this name, on a mesh.

    Parameters
    ----------
    name
        A key of `CHIPS` or `NETWORKS`.
    columns, rows
        The mesh.
    scale
        Of `random_workload`.
    judges
        What runs cases.
    stalls
        Replaces `link_stalls`.
    """
    config = (CHIPS | NETWORKS)[name]
    config = config if stalls is None else replace(config, link_stalls=stalls)
    if name in NETWORKS:
        make: Callable[[int], TrafficCase] = partial(random_traffic, columns=columns, rows=rows, config=config)
        return Subject(name=name, draw=make, judge=judges[1], stages=(traffic.EDITS,))
    stages = (edits.EDITS, edits.REBUILDS, edits.EDITS)
    draw = partial(random_case, columns=columns, rows=rows, config=config, scale=scale)
    return Subject(name=name, draw=draw, judge=judges[0], stages=stages)


def load_case(path: Path) -> Case | TrafficCase:
    """Read a case from a file.

    Raises
    ------
    InputError
        It is no file that a soak has written.
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return TrafficCase.from_json(fields) if "traffic" in fields else Case.from_json(fields)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(str(path), "", f"is no case that a soak has written: {error}") from None
