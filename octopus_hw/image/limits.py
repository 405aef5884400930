# SPDX-License-Identifier: Apache-2.0
"""What does not fit is refused: how much is needed, how much there is, and which key to raise."""

from __future__ import annotations

from dataclasses import fields

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.contract.layout import LENGTH
from octopus_hw.owg.objects import Workflow

__all__ = ["MOST_GATHERED", "WHAT", "require", "require_all", "require_buffer", "require_gathered"]

#: Words of a join of ``all`` that a flow's row can count: what lies before the last flow's, or, in a body, all of them.
MOST_GATHERED = (1 << LENGTH) - 1

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


def require_buffer(workflow: Workflow, flow: int, config: Config) -> None:
    """Refuse a flow with more words than a place's buffer holds."""
    words, limit = workflow.flows[flow].words, config.buffer_words
    if words > limit:
        message = f"{words} words, but a buffer has {limit}; send fewer or raise buffer_words"
        raise workflow.error(f"flows[{flow}].words", message)


def require_gathered(workflow: Workflow, flow: int, words: int) -> None:
    """Refuse a flow into a join of ``all`` by which more words come together than its row can count."""
    if words > MOST_GATHERED:
        message = f"{words} words come together at join '{workflow.flows[flow].target}'"
        remedy = "send fewer, or join some of its flows in a join before it"
        raise workflow.error(f"flows[{flow}].words", f"{message}, but {MOST_GATHERED} are the most; {remedy}")
