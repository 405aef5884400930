# SPDX-License-Identifier: Apache-2.0
"""Memories in look-up tables, for a few rows that are read without a register."""

from amaranth.hdl import Module, Value
from amaranth.lib.memory import Memory

__all__ = ["lut_ram"]


def lut_ram(m: Module, name: str, rows: int, push: Value, write: Value, item: Value, read: Value) -> Value:
    """Add a memory with one write port and one read port; return what it reads in this cycle.

    Parameters
    ----------
    m, name
        Where it goes, and its name there.
    rows
        How many items it holds.
    push, write, item
        Whether an item is written at the end of this cycle, to which row, and the item.
    read
        The row that is read.
    """
    m.submodules[name] = store = Memory(shape=len(item), depth=rows, init=[])
    w, r = store.write_port(), store.read_port(domain="comb")
    m.d.comb += [w.addr.eq(write), w.data.eq(item), w.en.eq(push), r.addr.eq(read)]
    return r.data
