# SPDX-License-Identifier: Apache-2.0
"""Rows of data: how the memories of data are read and written, W bits in a cycle (docs/timing.md#conventions)."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts

__all__ = ["per_quad", "per_row", "place_rows", "row_bits", "row_reads", "row_writes"]


def per_row(config: Config) -> int:
    """Return the words of a row, w."""
    return config.data_width // WORD


def per_quad(config: Config) -> int:
    """Return the rows of a quad."""
    return 4 // per_row(config)


def place_rows(config: Config) -> int:
    """Return the rows of a place's buffer: whole quads."""
    return -(-config.buffer_words // 4) * per_quad(config)


def row_bits(config: Config) -> int:
    """Return the bits of a row's number, counted from where data or a configuration begin."""
    widths = layouts(config)
    return max(widths.length, widths.config_words) - (per_row(config).bit_length() - 1)


def row_reads(config: Config) -> wiring.Signature:
    """Return the bundle of a reader of rows.

    Row `index` of what lies at `source`, asked for in a cycle in which the reader `reads`, is `data` in the next cycle.
    Of a TBU the source is a place, of a home a quad of the store.
    """
    members = {"reads": Out(1), "source": Out(layouts(config).at), "index": Out(row_bits(config))}
    return wiring.Signature(members | {"data": In(config.data_width)})


def row_writes(config: Config) -> wiring.Signature:
    """Return the bundle of a writer of rows: row `index` of what lies at `target` in the cycle of `valid`.

    It is seen by reads from the next cycle on. Of a TBU the target is a place, of a home a quad of the store.
    """
    members = {"valid": Out(1), "target": Out(layouts(config).at), "index": Out(row_bits(config))}
    return wiring.Signature(members | {"data": Out(config.data_width)})
