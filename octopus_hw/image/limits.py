# SPDX-License-Identifier: Apache-2.0
"""What does not fit is refused: how much is needed, how much there is, and which key to raise."""

from __future__ import annotations

from dataclasses import fields

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError

__all__ = ["WHAT", "require", "require_all"]

#: What each configuration key counts, in words for a message.
WHAT = {
    "max_blocks": "blocks",
    "max_flows": "rows of the flow table",
    "max_streams": "streams",
    "number_words": "words of number sources",
    "max_instances": "instances in flight at one tile",
    "home_records": "records at one tile",
    "join_records": "join records at one tile",
    "store_words": "words of the home store",
    "owner_entries": "owners of task blocks",
    "list_depth": "instances that one tile injects",
}


def require(file: str, key: str, needed: int, available: int, what: str) -> None:
    """Refuse what needs more of a configuration key than there is."""
    if needed <= available:
        return
    most = next(f.metadata["high"] for f in fields(Config) if f.name == key)
    remedy = f"raise {key} to {needed}" if needed <= most else f"{key} can be at most {most}: make the workload smaller"
    raise InputError(file, "", f"needs {needed} {what}, but the configuration has {available} ({key}); {remedy}")


def require_all(file: str, needs: dict[str, int], config: Config) -> None:
    """Refuse a workload with these needs unless all of them are met."""
    for key, needed in needs.items():
        require(file, key, needed, getattr(config, key), WHAT[key])
