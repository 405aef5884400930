# SPDX-License-Identifier: Apache-2.0
"""How many words a LOAD can write in each memory of a tile."""

from octopus_hw.contract.codes import LoadTarget, Register
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts

__all__ = ["memory_words"]


def memory_words(config: Config) -> dict[LoadTarget, int]:
    """Return the words of each memory: rows times the words that a row takes, a power of two."""
    widths = layouts(config)
    tables = {
        LoadTarget.FLOW: (widths.flow_row, config.max_flows),
        LoadTarget.SLOT: (widths.slot_row, config.max_instances),
        LoadTarget.STREAM: (widths.stream_row, 1 << (config.max_streams - 1).bit_length()),
        LoadTarget.LIST: (widths.list_row, config.list_depth),
        LoadTarget.OWN_HEAD: (widths.own_head, config.max_blocks),
        LoadTarget.OWNER: (widths.owner, config.owner_entries),
        LoadTarget.LIBRARY: (widths.library_row, config.max_blocks),
        LoadTarget.LIBRARY_TILE: (widths.library_tile, config.max_blocks),
    }
    # A table has at least two rows; of streams a power of two is visited.
    words = {memory: max(2, rows) * layout.columns for memory, (layout, rows) in tables.items()}
    words[LoadTarget.REGISTER] = max(Register) + 1
    words[LoadTarget.NUMBER] = config.number_words
    words[LoadTarget.STORE] = config.store_words
    return {memory: words[memory] for memory in LoadTarget}
