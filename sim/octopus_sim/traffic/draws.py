# SPDX-License-Identifier: Apache-2.0
"""Random numbers of a tile: Marsaglia's xorshift with shifts of 13, 17 and 5, one word of 32 bits each cycle.

Before the start the state is what seed, place and stream give when scrambled, so that tiles have nothing in common.
"""

from amaranth.hdl import Cat, Const, Module, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COORD
from octopus_hw.interfaces.bundles import chip_state
from octopus_hw.verilog.unit import Unit

__all__ = ["Draws"]


class Draws(Unit):
    """A stream of random words.

    Parameters
    ----------
    config
        Sizes.
    number
        Which of a tile's streams, 0 to 3.

    Attributes
    ----------
    state : In(chip_state)
        Place, seed, and whether the tile runs.
    word : Out(32)
        Another one in each cycle; never 0.
    """

    def __init__(self, config: Config, number: int) -> None:
        self.number = number
        super().__init__({"state": In(chip_state(config)), "word": Out(32, init=1)})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        state = self.state
        place = state.x | Const(0, COORD), state.y | Const(0, COORD)
        first = _scrambled(m, (state.seed + Cat(Const(0, 16), *place, Const(self.number, 2)))[:32])
        word: Value = self.word
        for bits in (13, -17, 5):
            word = (word ^ (word << bits if bits > 0 else word >> -bits))[:32]
        with m.If(state.running):
            m.d.sync += self.word.eq(word)
        with m.Else():
            m.d.sync += self.word.eq(first | 1)
        return m


def _scrambled(m: Module, word: Value) -> Value:
    for number, (factor, shift) in enumerate(((0x9E3779B1, 15), (0x85EBCA6B, 13), (0xC2B2AE35, 16))):
        product = Signal(32, name=f"product_{number}")
        m.d.comb += product.eq(word * factor)
        word = product ^ product >> shift
    return word
