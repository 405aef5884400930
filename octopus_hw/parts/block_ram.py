# SPDX-License-Identifier: Apache-2.0
"""Memories in block RAM, none of whose readers looks at a row in the cycle in which it is written.

What a block RAM reads in such a cycle differs from FPGA to FPGA. Synthesis would add a comparison of the addresses, a
register for the old row and a multiplexer behind each memory, on what are the slowest paths of a tile, to make it the
old row everywhere. Nothing here needs it: tables are written before the start alone, a queue looks elsewhere for a row
that is just being written, and every other memory has a user that reads it and one that writes it at different times.
`tests/equivalence/test_memories.py` runs whole chips whose memories give a wrong row in that cycle.
"""

from amaranth.hdl import ShapeLike
from amaranth.lib.memory import Memory

__all__ = ["NO_RW_CHECK", "block_ram"]

#: The attribute that says so to Yosys; other tools pass over it.
NO_RW_CHECK = "no_rw_check"


def block_ram(shape: ShapeLike, rows: int) -> Memory:
    """Make a memory of zeros, of at least two rows: an address of no bits has no faithful form in Verilog.

    Parameters
    ----------
    shape
        Of a row.
    rows
        How many.
    """
    return Memory(shape=shape, depth=max(2, rows), init=[], attrs={NO_RW_CHECK: 1})
