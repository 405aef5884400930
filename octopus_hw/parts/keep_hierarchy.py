# SPDX-License-Identifier: Apache-2.0
"""Wires that synthesis does not move logic across.

A mapper that aims at speed alone merges a late select into every bit of a wide multiplexer behind it, at many times the
area and no gain once it is routed. Such a select goes through a boundary: a module that is wires alone and asks to be
kept. It takes neither area nor time.
"""

from collections.abc import Mapping
from typing import ClassVar

from amaranth.hdl import Module
from amaranth.lib.wiring import In, Out

from octopus_hw.verilog.unit import Unit

__all__ = ["KeepHierarchy"]


class KeepHierarchy(Unit):
    """Wires from `i` to `o`.

    Parameters
    ----------
    width
        Number of wires.
    """

    attributes: ClassVar[Mapping[str, int]] = {"keep_hierarchy": 1}

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__({"i": In(width), "o": Out(width)})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.d.comb += self.o.eq(self.i)
        return m
