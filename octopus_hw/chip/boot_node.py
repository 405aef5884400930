# SPDX-License-Identifier: Apache-2.0
"""A tile's part of the boot tree: parses the host's words and passes them on (docs/timing.md#start).

::

    west ───┐                                       ┌─▶ loads, state (registers, cycle counter)
            ├─OR─▶[L-1 registers]─▶[input register]─┼─▶ read
    north ──┘                                       │      ┌─▶ east   (only where y is 0)
                                                    └─▶[output register]─▶ south

A word stands in the next node's input register 1+L cycles after this one's, and a START's time word has grown by as
many. Words come at any time, at most one in a cycle; there is no back pressure, so every word is taken at once.

The words of a command (`BootOp`), one state each::

    HEAD ─▶ LOAD:  PLACE ─▶ COUNT ─▶ DATA x count
         ─▶ START: TIME
         ─▶ READ:  COUNTERS
         ─▶ RESET, 0: HEAD

Only words that are right come here (`octopus_hw.chip.host_commands`); what was refused has become words of 0, which
make a LOAD of no words and a READ of no counters of what has begun.

A tile outside the rectangle x0..x1, y0..y1 counts the words and does nothing; so does, in a LOAD, one that lies no
multiple of 2^`step` behind x0 or y0. A word of a LOAD is on the `loads` bus in the cycle after it stood in the input
register. The tile takes a START in the cycle in which the time word, W, stands in
the input register: this is cycle W, and from W+1 on `running` is high and `cycle` is the time.

A RESET holds the rest of the tile in reset for a while (`TileState`) and clears the registers here. Words are parsed
and passed on all the same: LOADs may follow at once.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib.wiring import In, Out

from octopus_hw.chip.tile_state import TileState
from octopus_hw.contract.codes import BootOp, LoadTarget, Register
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import LOADED, WORD, BootWord, LoadPlace, ReadWord
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import CounterRead, Loads, boot_words, chip_state
from octopus_hw.interfaces.layouts import struct
from octopus_hw.verilog.unit import Unit

__all__ = ["BootNode"]


class BootNode(Unit):
    """Parser, registers and the tile's state.

    Parameters
    ----------
    config
        Sizes: `link_latency`, L.
    reset_cycles
        From a RESET to the first START's header: `Config.reset_cycles` in a tile.

    Attributes
    ----------
    x, y : In(coord)
        The tile's coordinates.
    west, north : In(boot_words)
        Where words come from: one of the two; the other stays 0.
    east, south : Out(boot_words)
        Where they go.
    loads : Out(Loads)
        Words for the tile's tables.
    state : Out(chip_state)
        The tile's registers and time.
    read : Out(CounterRead)
        What the host wants to read.
    """

    def __init__(self, config: Config, reset_cycles: int) -> None:
        self.config = config
        self.latency = config.link_latency
        self.reset_cycles = reset_cycles
        super().__init__(
            {
                "x": In(layouts(config).coord),
                "y": In(layouts(config).coord),
                "west": In(boot_words),
                "north": In(boot_words),
                "east": Out(boot_words),
                "south": Out(boot_words),
                "loads": Out(Loads),
                "state": Out(chip_state(config)),
                "read": Out(CounterRead),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        word, valid, is_time = Signal(WORD), Signal(), Signal()
        come_word, come_valid = self.west.word | self.north.word, self.west.valid | self.north.valid
        for number in range(self.latency - 1):
            wire_word, wire_valid = Signal(WORD, name=f"wire_word_{number}"), Signal(name=f"wire_valid_{number}")
            m.d.sync += [wire_word.eq(come_word), wire_valid.eq(come_valid)]
            come_word, come_valid = wire_word, wire_valid
        m.d.sync += [word.eq(come_word), valid.eq(come_valid)]
        m.d.sync += [
            self.south.valid.eq(valid),
            self.south.word.eq(Mux(is_time, word + 1 + self.latency, word)),
        ]
        # Two output registers: between tiles there is no logic, not even the gate at the mesh's first row.
        with m.If(self.y == 0):
            m.d.sync += [
                self.east.valid.eq(valid),
                self.east.word.eq(Mux(is_time, word + 1 + self.latency, word)),
            ]
        m.submodules.state = state = TileState(self.config, self.reset_cycles)
        m.d.comb += [state.x.eq(self.x), state.y.eq(self.y), state.time.eq(word)]
        for name in ("starts", "held", "running", "cycle", "refused"):
            m.d.comb += getattr(self.state, name).eq(getattr(state, name))
        m.d.comb += [self.west.held.eq(state.held), self.north.held.eq(state.held), self.read.valid.eq(state.reads)]
        self._parse(m, word, valid, is_time, state)
        self._registers(m, state.reset)
        return m

    def _parse(self, m: Module, word: Signal, valid: Signal, is_time: Signal, state: TileState) -> None:
        """Follow the commands word by word."""
        head, place, read = (struct(layout)(word) for layout in (BootWord, LoadPlace, ReadWord))
        here, left, load = Signal(), Signal(LOADED), self.loads.word
        # In which of the lowest bits the tile's coordinates differ from the rectangle's corner.
        apart = Signal((1 << len(place.step)) - 1)
        m.d.sync += self.loads.valid.eq(0)
        m.d.comb += [self.read.first.eq(read.first), self.read.count.eq(read.count)]
        with m.FSM(name="boot"):
            with m.State("HEAD"), m.If(valid):
                across = (head.x0 <= self.x) & (self.x <= head.x1)
                m.d.sync += here.eq(across & (head.y0 <= self.y) & (self.y <= head.y1))
                m.d.sync += apart.eq((head.x0 ^ self.x) | (head.y0 ^ self.y))
                for op, next_ in ((BootOp.LOAD, "PLACE"), (BootOp.START, "TIME"), (BootOp.READ, "COUNTERS")):
                    with m.If(head.op == op):
                        m.next = next_
                m.d.comb += state.reset.eq(head.op == BootOp.RESET)
            with m.State("PLACE"), m.If(valid):
                m.d.sync += here.eq(here & ~(apart & ((1 << place.step) - 1)).any())
                # The address grows before each word.
                m.d.sync += [load.memory.eq(place.memory), load.address.eq(place.address - 1)]
                m.next = "COUNT"
            with m.State("COUNT"), m.If(valid):
                m.d.sync += left.eq(word)
                m.next = "DATA"
                with m.If(word[:LOADED] == 0):
                    m.next = "HEAD"
            with m.State("DATA"), m.If(valid):
                m.d.sync += [load.address.eq(load.address + 1), load.data.eq(word), self.loads.valid.eq(here)]
                m.d.sync += left.eq(left - 1)
                with m.If(left == 1):
                    m.next = "HEAD"
            with m.State("TIME"):
                m.d.comb += is_time.eq(1)
                with m.If(valid):
                    m.d.comb += state.start.eq(here)
                    m.next = "HEAD"
            with m.State("COUNTERS"), m.If(valid):
                m.d.comb += state.read.eq(here & (read.count != 0))
                m.next = "HEAD"

    def _registers(self, m: Module, reset: Signal) -> None:
        """Write the registers behind LoadTarget.REGISTER from the loads bus."""
        state, load = self.state, self.loads.word
        registers = {
            Register.SEED: (state.seed,),
            Register.MODE: (state.mode,),
            Register.DEAD: (state.dead[:WORD],),
            Register.DEAD + 1: (state.dead[WORD:],),
            Register.STREAMS: (state.streams,),
            Register.EXPECTED: (state.expected,),
            Register.BALANCE: (state.balance,),
            Register.WATCHDOG: (state.watchdog,),
        }
        m.d.comb += [state.x.eq(self.x), state.y.eq(self.y)]
        for address, fields in registers.items():
            with m.If(self.loads.valid & (load.memory == LoadTarget.REGISTER) & (load.address == address)):
                m.d.sync += Cat(*fields).eq(load.data)
            with m.If(reset):
                m.d.sync += Cat(*fields).eq(0)
