# SPDX-License-Identifier: Apache-2.0
"""What does not fit is refused: how much is needed, how much there is, and which key to raise."""

from __future__ import annotations

from dataclasses import fields

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.contract.layout import LENGTH
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.words import row_words
from octopus_hw.owg.objects import ALIGN, End, Task, Workflow

__all__ = [
    "MOST_GATHERED",
    "WHAT",
    "require",
    "require_all",
    "require_buffer",
    "require_configuration",
    "require_gathered",
    "require_result",
    "require_slice",
]

#: The most words that a join can gather.
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
    """Refuse a flow that brings a task more words than a place's buffer holds, or the end more than the host port's."""
    words, limit = row_words(workflow, flow), config.buffer_words
    if words > limit and isinstance(workflow.blocks[workflow.ends[flow][1]], Task | End):
        message = f"{words} words, but a buffer has {limit}; send fewer or raise buffer_words"
        raise workflow.error(f"flows[{flow}].words", message)


def require_result(workflow: Workflow, number: int, config: Config) -> None:
    """Refuse a task of whose result more words are taken than a place's buffer holds."""
    words, limit = workflow.result_words[number], config.buffer_words
    if words > limit:
        message = f"{words} words of its result are taken, but a buffer has {limit}; take fewer or raise buffer_words"
        raise workflow.error(f"blocks[{number}]", message)


def require_gathered(workflow: Workflow, number: int, words: int) -> None:
    """Refuse a join that gathers more words than can be counted."""
    if words > MOST_GATHERED:
        message = f"{words} words come together at join '{workflow.blocks[number].id}'"
        raise workflow.error(f"blocks[{number}]", f"{message}, but {MOST_GATHERED} are the most; send fewer")


def require_slice(workflow: Workflow, flow: int, config: Config) -> None:
    """Refuse a flow whose words begin, or lie apart, further than the configuration's data can be long."""
    for key in ("first", "stride"):
        words = getattr(workflow.flows[flow], key)
        if not words or not row_words(workflow, flow):
            continue
        most = layouts(config).flow_row["begin"].most * ALIGN
        if words > most:
            message = f"{words} is more than {most}, up to where data are addressed; give less or raise store_words"
            raise workflow.error(f"flows[{flow}].{key}", message)


def require_configuration(workflow: Workflow, number: int, config: Config) -> None:
    """Refuse a task with a configuration that is longer than can be."""
    words, limit = workflow.tasks[number].config, config.config_words
    if words > limit:
        message = f"{words} words of configuration, but the longest has {limit}; give fewer or raise config_words"
        raise workflow.error(f"blocks[{number}].config", message)
