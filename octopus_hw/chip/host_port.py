# SPDX-License-Identifier: Apache-2.0
"""The host's port, at the west of tile 0,0.

::

    i ──▶ [register] ─────────────────────────────────▶ boot     words to tile 0,0's boot node, one a cycle
    o ◀── two words each ◀── [queue] ◀── LinkReceiver ◀══ link   replies that leave tile 0,0 by west

`i` is always ready. A reply becomes two words: a `HostWord`, then its payload. The queue
has room for a DONE of every tile and for 16 answers to READs: so much can wait here while the host takes nothing, and
the network is never held up. A host that asks for more at once takes words as they come.

When tile 0,0 begins to be held, what has come is dropped, be it half taken, and the next word begins a reply. Nothing
comes any more until the tile is let go. Words go in all the same.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COORD, WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import boot_words
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.control_switch import REPLY
from octopus_hw.noc.control_word import control_word, unpack_host
from octopus_hw.noc.link import LinkReceiver, delayed, wires
from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.held import Held
from octopus_hw.verilog.unit import Unit

__all__ = ["OUTSTANDING", "HostPort"]

#: Counters that the host may have asked for and not yet taken.
OUTSTANDING = 16


class HostPort(Unit):
    """Words in, replies out.

    Parameters
    ----------
    config
        Sizes.
    tiles
        Tiles of the mesh.

    Attributes
    ----------
    i, o : stream.Signature(32)
        The host's words, and the chip's.
    boot : Out(boot_words)
        To tile 0,0.
    link : In(wires(control_word, 2))
        Tile 0,0's link to the west; no request comes on it.
    """

    def __init__(self, config: Config, tiles: int) -> None:
        self.config = config
        self.tiles = tiles
        self.word = control_word(config)
        super().__init__(
            {
                "i": In(stream.Signature(WORD)),
                "o": Out(stream.Signature(WORD)),
                "boot": Out(boot_words),
                "link": In(wires(self.word, 2)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        latency = self.config.link_latency
        m.d.comb += self.i.ready.eq(1)
        m.d.sync += [self.boot.valid.eq(self.i.valid), self.boot.word.eq(self.i.payload)]
        # As long as the link: the last that the tile sent is in the queue when this comes.
        held, before, drops = delayed(m, "held", self.boot.held, latency - 1), Signal(), Signal(init=1)
        m.d.sync += [before.eq(held), drops.eq(held & ~before)]
        receiver = LinkReceiver(self.word, self.config.link_depth, latency)
        queue = Queue(struct(layouts(self.config).control_flit), self.tiles + OUTSTANDING)
        m.submodules.receiver = Held(receiver, drops)
        m.submodules.queue = Held(queue, drops)
        m.d.comb += [
            receiver.link.payload.eq(self.link.payload),
            receiver.link.valid.eq(self.link.valid[REPLY]),
            self.link.credit[REPLY].eq(receiver.link.credit),
        ]
        came = receiver.o[0]
        unpack_host(m, queue.i.payload, came.payload)
        m.d.comb += [queue.i.valid.eq(came.valid), came.ready.eq(queue.i.ready)]
        second = Signal()
        reply = queue.o.payload
        first = Cat(reply.message, reply.source_x | Const(0, COORD), reply.source_y)
        m.d.comb += [
            self.o.valid.eq(queue.o.valid),
            self.o.payload.eq(Mux(second, reply.payload, first)),
            queue.o.ready.eq(self.o.ready & second),
        ]
        with m.If(drops):
            m.d.sync += second.eq(0)
        with m.Elif(self.o.valid & self.o.ready):
            m.d.sync += second.eq(~second)
        return m
