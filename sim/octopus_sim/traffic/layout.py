# SPDX-License-Identifier: Apache-2.0
"""What the traffic chip's packets, registers and counters look like.

A packet is a header and, if it has more than one flit, words that say whose they are and which; the 32 bits of either
lie in each word of a flit. No bit of it is free: the sink knows all of them in advance but the birth, which every word
after the header repeats, and the mark, which is counted at both ends.
"""

from enum import IntEnum

from amaranth.hdl import Const, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts

__all__ = ["BACKLOG", "BIRTH", "CLEARING", "COUNTERS", "INDEX", "LARGEST", "SEQUENCE", "SIDE", "SINK", "SOURCE", "TILE",
           "Birth", "Body", "Pattern", "Setting", "SettingsWord",
           "births", "head_layout", "results", "settings", "spread"]  # fmt: skip

#: Bits of a coordinate within a packet, and the most tiles on a side of the mesh.
SIDE = 4
LARGEST = 1 << SIDE
#: Bits of a tile's number in a table of them: its x, then its y.
TILE = 2 * SIDE
#: Cycles in which tables of them are cleared before the start.
CLEARING = 1 << TILE
SEQUENCE = 8
BIRTH = 18
INDEX = 6
#: Packets that are born and not yet under way, at most; when there are so many, further ones are refused and counted.
BACKLOG = 1024


class Pattern(IntEnum):
    """Where packets go."""

    UNIFORM = 0  #: any other tile
    TRANSPOSE = 1  #: from x, y to y, x; tiles on the diagonal are silent
    COMPLEMENT = 2  #: to the tile opposite the mesh's middle; that in the middle is silent
    HOTSPOT = 3  #: a share to one tile, the others to any other tile
    NEIGHBOUR = 4  #: one step in any direction; a step off the mesh goes the opposite way


class Setting(IntEnum):
    """Registers behind ``LoadTarget.REGISTER`` from this address on, beside those of the boot node."""

    CHANCE = 16  #: that a packet is born in a cycle, in 1/2^32
    LENGTH = 17  #: flits of a packet, 1 to 63
    PATTERN = 18
    BEGIN = 19  #: first cycle of the measuring window
    END = 20  #: cycle after its last
    STOP = 21  #: no packet is born from this cycle on
    HOT = 22  #: the hot spot: x[3:0], y[7:4], share[31:16] in 1/65536


class SettingsWord(data.Struct):
    """All registers; what they are is at `Setting`."""

    chance: 32
    length: INDEX
    pattern: 3
    begin: 32
    end: 32
    stop: 32
    hot_x: SIDE
    hot_y: SIDE
    share: 16


def head_layout(config: Config) -> data.StructLayout:
    """Lay out the first flit of a packet, of which a router reads x, y and `host` alone.

    `sequence` counts the packets from this source to this target; `marked`: born in the measuring window. `source_x`
    lies where a header has what routers do not read.
    """
    coord = layouts(config).coord
    fields = {"x": coord, "y": coord, "source_x": SIDE, "host": 1}
    return data.StructLayout(fields | {"sequence": SEQUENCE, "source_y": SIDE, "marked": 1})


def spread(config: Config, word: Value) -> Value:
    """Return a flit's data of the 32 bits that lie in each of its words."""
    return (word | Const(0, 32)).replicate(config.data_width // 32)


class Body(data.Struct):
    """Any other flit."""

    birth: BIRTH
    index: INDEX
    source_x: SIDE
    source_y: SIDE


class Birth(data.Struct):
    """A packet that waits at its source."""

    birth: BIRTH
    marked: 1


births = stream.Signature(Birth)
#: What source and sink see of the registers; `inside`: this cycle is in the measuring window.
settings = wiring.Signature({"word": Out(SettingsWord), "inside": Out(1)})
#: A word for the host in the cycle of `valid`.
results = wiring.Signature({"word": Out(32), "valid": Out(1)})

#: Counters of a source. Of packets born in the window: `marked`, `birth_sum` (mod 2^32), and `refused`, never born.
SOURCE = ("born", "marked", "birth_sum", "refused")
#: Counters of a sink: packets; of marked ones how many, the sums (mod 2^32) of the cycles in which their last flit was
#: taken and of their hops, and the longest latency (packets of one flit carry no birth, they count as 0); flits in the
#: window; packets for another tile; packets out of order; flits that do not belong where they are.
SINK = ("taken", "arrived", "arrival_sum", "hops", "longest", "flits", "misrouted", "disordered", "broken")
#: All counters of a tile, in the order in which they are read.
COUNTERS = SOURCE + SINK
