# SPDX-License-Identifier: Apache-2.0
"""The target of a tile's next packet, from its pattern and a random word.

::

    word[15:0]  < share: to the hot spot          word[17:16]: direction
    word[31:16] x (tiles - 1) / 2^16 + 1: how many tiles further, row by row, round the mesh's end
"""

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib.wiring import In, Out

from octopus_hw.noc.route import DIRECTIONS, step
from octopus_hw.verilog.unit import Unit
from octopus_sim.traffic.layout import LARGEST, SIDE, Pattern, settings

__all__ = ["Destination"]


class Destination(Unit):
    """Combinational.

    Parameters
    ----------
    columns, rows
        The mesh, 2 to 16 tiles each.

    Attributes
    ----------
    x, y : In(4)
        The tile's coordinates.
    settings : In(settings)
        Pattern and hot spot.
    word : In(32)
        Random.
    to_x, to_y : Out(4)
        The target.
    silent : Out(1)
        The pattern has no target for this tile.
    """

    def __init__(self, columns: int, rows: int) -> None:
        for name, value in (("columns", columns), ("rows", rows)):
            if value not in range(2, LARGEST + 1):
                raise ValueError(f"{name}: {value!r} is not a whole number from 2 to {LARGEST}")
        self.columns = columns
        self.rows = rows
        super().__init__(
            {
                "x": In(SIDE),
                "y": In(SIDE),
                "settings": In(settings),
                "word": In(32),
                "to_x": Out(SIDE),
                "to_y": Out(SIDE),
                "silent": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        word = self.settings.word
        to = Cat(self.to_x, self.to_y)
        x, y = self.x, self.y
        self._uniform(m)
        with m.Switch(word.pattern):
            with m.Case(Pattern.TRANSPOSE):
                m.d.comb += [to.eq(Cat(y, x)), self.silent.eq(x == y)]
            with m.Case(Pattern.COMPLEMENT):
                m.d.comb += [self.to_x.eq(self.columns - 1 - x), self.to_y.eq(self.rows - 1 - y)]
                m.d.comb += self.silent.eq(to == Cat(x, y))
            with m.Case(Pattern.HOTSPOT):
                hot = Cat(word.hot_x, word.hot_y)
                with m.If((self.word[:16] < word.share) & (hot != Cat(x, y))):
                    m.d.comb += to.eq(hot)
            with m.Case(Pattern.NEIGHBOUR):
                self._neighbour(m)
        return m

    def _uniform(self, m: Module) -> None:
        tiles = self.columns * self.rows
        further, number, wrapped = Signal(range(1, tiles)), Signal(range(2 * tiles)), Signal(range(tiles))
        m.d.comb += [
            further.eq((self.word[16:] * (tiles - 1) >> 16) + 1),
            number.eq(self.y * self.columns + self.x + further),
            wrapped.eq(number),
            self.to_x.eq(wrapped % self.columns),
            self.to_y.eq(wrapped // self.columns),
        ]
        with m.If(number >= tiles):
            m.d.comb += wrapped.eq(number - tiles)

    def _neighbour(self, m: Module) -> None:
        with m.Switch(self.word[16:18]):
            for number, port in enumerate(DIRECTIONS):
                with m.Case(number):
                    for here, to, size, by in zip(
                        (self.x, self.y), (self.to_x, self.to_y), (self.columns, self.rows), step(port), strict=True
                    ):
                        edge = here == Const(0 if by < 0 else size - 1, SIDE)
                        m.d.comb += to.eq(here + by)
                        with m.If(edge):
                            m.d.comb += to.eq(here - by)
