# SPDX-License-Identifier: Apache-2.0
"""The host's port, at the west of tile 0,0 (docs/host.md, docs/timing.md#host-port).

::

    i ──▶ HostCommands ───────────────────────────────▶ boot     right words to tile 0,0's boot node, one a cycle
              │ asked, state
    o ◀── HostReplies ◀── [queue] ◀── LinkReceiver ◀══ link      replies that leave tile 0,0 by west

`i` is always ready. The queue has room for a DONE and a STALLED of every tile and for all answers to a READ: so much
can wait here while the host takes nothing, and the network is never held up.

When tile 0,0 begins to be held, what has come is dropped, be it half taken, and the next word begins a reply. Nothing
comes any more until the tile is let go. Words go in all the same.
"""

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.chip.host_commands import HostCommands
from octopus_hw.chip.host_replies import HostReplies
from octopus_hw.contract.codes import COUNTERS, Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import boot_words
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.control_switch import REPLY
from octopus_hw.noc.control_word import control_word, unpack_host
from octopus_hw.noc.link import LinkReceiver, delayed, wires
from octopus_hw.parts.deep_queue import DeepQueue
from octopus_hw.parts.queue import Fifo, Queue
from octopus_hw.verilog.held import Held
from octopus_hw.verilog.unit import Unit

__all__ = ["HostPort", "answers"]

#: Messages from which on a queue is smaller in block RAM.
_DEEP = 64


def answers(tiles: int) -> int:
    """Return the most answers to one READ: one counter of each tile, or all of one tile."""
    return max(tiles, len(COUNTERS))


class HostPort(Unit):
    """Words in, replies out.

    Parameters
    ----------
    columns, rows
        The mesh.
    config
        Sizes.

    Attributes
    ----------
    i, o : stream.Signature(32)
        The host's words, and the chip's.
    boot : Out(boot_words)
        To tile 0,0.
    link : In(wires(control_word, 2))
        Tile 0,0's link to the west; no request comes on it.
    """

    def __init__(self, columns: int, rows: int, config: Config) -> None:
        self.columns, self.rows = columns, rows
        self.config = config
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
        room = answers(self.columns * self.rows)
        commands = HostCommands(self.columns, self.rows, self.config, room, self.config.reset_cycles)
        m.submodules.commands = commands
        m.submodules.replies = replies = HostReplies(self.columns, self.rows, self.config)
        m.d.comb += [
            self.i.ready.eq(1),
            commands.word.eq(self.i.payload),
            commands.valid.eq(self.i.valid),
            self.boot.word.eq(commands.passed),
            self.boot.valid.eq(commands.passes),
        ]
        m.d.comb += [
            getattr(replies, name).eq(getattr(commands, name)) for name in ("asked", "state", "error", "words")
        ]
        drops = self._drops(m)
        queue = self._queue(m, drops)
        connect(m, queue.o, replies.i)
        connect(m, replies.o, flipped(self.o))
        m.d.comb += [
            replies.drops.eq(drops),
            commands.taken.eq(queue.o.valid & queue.o.ready & (queue.o.payload.message == Message.DATA)),
        ]
        return m

    def _drops(self, m: Module) -> Value:
        """Whether tile 0,0 has begun to be held, as long ago as the link is: what it sent last is in the queue."""
        held, before, drops = delayed(m, "held", self.boot.held, self.config.link_latency - 1), Signal(), Signal(init=1)
        m.d.sync += [before.eq(held), drops.eq(held & ~before)]
        return drops

    def _queue(self, m: Module, drops: Value) -> Fifo:
        """Place the queue of replies, behind the link."""
        tiles = self.columns * self.rows
        depth = 2 * tiles + answers(tiles)
        queue = (DeepQueue if depth >= _DEEP else Queue)(struct(layouts(self.config).control_flit), depth)
        receiver = LinkReceiver(self.word, self.config.link_depth, self.config.link_latency)
        m.submodules.receiver = Held(receiver, drops)
        m.submodules.queue = Held(queue, drops)
        came = receiver.o[0]
        unpack_host(m, queue.i.payload, came.payload)
        m.d.comb += [
            receiver.link.payload.eq(self.link.payload),
            receiver.link.valid.eq(self.link.valid[REPLY]),
            self.link.credit[REPLY].eq(receiver.link.credit),
            queue.i.valid.eq(came.valid),
            came.ready.eq(queue.i.ready),
        ]
        return queue
