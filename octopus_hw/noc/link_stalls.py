# SPDX-License-Identifier: Apache-2.0
"""LinkStalls of a tile's links, drawn from the seed, the place and the time (docs/timing.md#stalls).

Only builds for tests have them, so area and speed do not matter here.
"""

from amaranth.hdl import Cat, Const, Module, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COORD, WORD
from octopus_hw.interfaces.bundles import chip_state
from octopus_hw.verilog.unit import Unit

__all__ = ["LinkStalls"]

_FIELD = 4


class LinkStalls(Unit):
    """Which links stall in this cycle.

    Parameters
    ----------
    config
        `link_stalls` sixteenths of the time a link stalls, 1 to 15.

    Attributes
    ----------
    state : In(chip_state)
        The tile's registers and time.
    data, control : Out(4)
        Links to the north, east, south and west that stall.
    """

    def __init__(self, config: Config) -> None:
        self.sixteenths = config.link_stalls
        super().__init__({"state": In(chip_state(config)), "data": Out(4), "control": Out(4)})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        state = self.state
        place = Cat(Const(0, WORD - 2 * COORD), state.y | Const(0, COORD), state.x)
        word: Value = (state.seed ^ place) + state.cycle[2:]
        for number, (shift, factor) in enumerate(((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1))):
            last, word = word[:WORD], Signal(WORD, name=f"mixed_{number}")
            m.d.comb += word.eq((last ^ last >> shift) * factor)
        fields = [word[start : start + _FIELD] for start in range(0, WORD, _FIELD)]
        m.d.comb += Cat(self.data, self.control).eq(Cat(field < self.sixteenths for field in fields))
        return m
