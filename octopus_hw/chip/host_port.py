# SPDX-License-Identifier: Apache-2.0
"""The host's port, at tile 0,0 (docs/host.md, docs/timing.md#host-port).

::

    i ──▶ HostCommands ────────────────────────────────▶ boot           right words to tile 0,0's boot node
              │    │ words of rows                 ┌══▶ data_out        rows, which enter tile 0,0
              │    └──────────────▶ HostRows ══════┘
              │ credits               │  ▲ ROW
              │ asked, state          ▼  │
    o ◀── HostReplies ◀──────────── [queue] ◀── LinkReceiver ◀══ control_in    replies that leave tile 0,0 by west
              ▲                          │ RESULT
              └─────────────────── HostResults ◀══ data_in              results, which leave tile 0,0
                                        ╚════════▶ control_out          SENDs

`i` is always ready. The queue has room for a DONE and a STALLED of every tile and for all answers to a READ, those of
ROWs and RESULTs for one of every tile: so much can wait here while the host takes nothing, and the network is never
held up.

When tile 0,0 begins to be held, what has come is dropped, be it half taken, and the next word begins a reply. Nothing
comes any more until the tile is let go. Words go in all the same.
"""

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.chip.host_commands import HostCommands
from octopus_hw.chip.host_log import HostLog
from octopus_hw.chip.host_replies import HostReplies
from octopus_hw.chip.host_results import HostResults
from octopus_hw.chip.host_rows import HostRows
from octopus_hw.contract.codes import COUNTERS, Message, PortState
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import boot_words
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.control_switch import REPLY
from octopus_hw.noc.control_word import control_word, unpack_host
from octopus_hw.noc.link import LinkReceiver, delayed, wires
from octopus_hw.noc.route import Routing
from octopus_hw.parts.deep_queue import queue_of
from octopus_hw.parts.queue import Fifo
from octopus_hw.verilog.held import Held
from octopus_hw.verilog.unit import Unit

__all__ = ["HostPort", "answers"]


def answers(tiles: int) -> int:
    """Return the most answers to one READ: one counter of each tile, or all of one tile."""
    return max(tiles, len(COUNTERS))


class HostPort(Unit):
    """Words and rows in, replies and results out.

    Parameters
    ----------
    columns, rows
        The mesh.
    config
        Sizes.
    routing
        The policy of the data plane.
    events
        Print host events (simulation builds).

    Attributes
    ----------
    i, o : stream.Signature(32)
        The host's words, and the chip's.
    boot : Out(boot_words)
        To tile 0,0.
    control_in, control_out : wires(control_word, 2)
        Tile 0,0's links to the west; no request goes on them.
    data_in, data_out : wires(flit, vcs)
        The link by which packets leave the mesh, and that by which they enter it.
    """

    def __init__(self, columns: int, rows: int, config: Config, routing: Routing, events: bool) -> None:
        self.columns, self.rows = columns, rows
        self.config = config
        self.routing = routing
        self.events = events
        self.word = control_word(config)
        data, control = wires(struct(layouts(config).flit), config.data_vcs), wires(self.word, 2)
        super().__init__(
            {
                "i": In(stream.Signature(WORD)),
                "o": Out(stream.Signature(WORD)),
                "boot": Out(boot_words),
                "control_in": In(control),
                "control_out": Out(control),
                "data_in": In(data),
                "data_out": Out(data),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        tiles, drops = self.columns * self.rows, self._drops(m)
        commands = HostCommands(self.columns, self.rows, self.config, answers(tiles), self.config.reset_cycles)
        m.submodules.commands = commands
        m.submodules.replies = replies = HostReplies(self.columns, self.rows, self.config)
        rows, results = HostRows(tiles, self.config, self.routing), HostResults(tiles, self.config)
        m.submodules.rows, m.submodules.results = Held(rows, drops), Held(results, drops)
        queue = queue_of(struct(layouts(self.config).control_flit), 2 * tiles + answers(tiles))
        m.submodules.queue = Held(queue, drops)
        self._receive(m, drops, queue, rows, results)
        self._command(m, commands, rows, results)
        connect(m, queue.o, replies.i)
        connect(m, rows.told, replies.told)
        connect(m, results.o, replies.results)
        connect(m, replies.o, flipped(self.o))
        connect(m, rows.link, flipped(self.data_out))
        connect(m, results.send, flipped(self.control_out))
        connect(m, flipped(self.data_in), results.link)
        m.d.comb += [
            *(getattr(replies, name).eq(getattr(commands, name)) for name in ("asked", "state", "error", "words")),
            replies.drops.eq(drops),
            commands.taken.eq(queue.o.valid & queue.o.ready & (queue.o.payload.message == Message.DATA)),
        ]
        if self.events:
            self._log(m, drops, commands, rows, results)
        return m

    def _drops(self, m: Module) -> Signal:
        """Whether tile 0,0 has begun to be held, as long ago as the link is: what it sent last is in the queue."""
        held, before, drops = delayed(m, "held", self.boot.held, self.config.link_latency - 1), Signal(), Signal(init=1)
        m.d.sync += [before.eq(held), drops.eq(held & ~before)]
        return drops

    def _command(self, m: Module, commands: HostCommands, rows: HostRows, results: HostResults) -> None:
        """Take the host's words: for the tiles, words of rows, and credits."""
        m.d.comb += [
            self.i.ready.eq(1),
            commands.word.eq(self.i.payload),
            commands.valid.eq(self.i.valid),
            self.boot.word.eq(commands.passed),
            self.boot.valid.eq(commands.passes),
            commands.due.eq(rows.due),
            commands.credits.eq(results.credits),
            *(getattr(rows, name).eq(getattr(commands, name)) for name in ("came", "counts", "fills", "filled")),
            results.gives.eq(commands.gives),
            results.more.eq(commands.came),
        ]

    def _receive(self, m: Module, drops: Signal, queue: Fifo, rows: HostRows, results: HostResults) -> None:
        """Put what leaves the mesh into the queue of its kind."""
        receiver = LinkReceiver(self.word, self.config.link_depth, self.config.link_latency)
        m.submodules.receiver = Held(receiver, drops)
        link, came, message = self.control_in, receiver.o[0], Signal(struct(layouts(self.config).control_flit))
        unpack_host(m, message, came.payload)
        is_row, is_result = message.message == Message.ROW, message.message == Message.RESULT
        m.d.comb += [
            receiver.link.payload.eq(link.payload),
            receiver.link.valid.eq(link.valid[REPLY]),
            link.credit[REPLY].eq(receiver.link.credit),
            came.ready.eq(Mux(is_row, rows.i.ready, Mux(is_result, results.i.ready, queue.i.ready))),
        ]
        kinds: tuple[tuple[Fifo | HostRows | HostResults, Value], ...] = (
            (queue, ~is_row & ~is_result), (rows, is_row), (results, is_result),
        )  # fmt: skip
        for taker, its in kinds:
            m.d.comb += [taker.i.payload.eq(message), taker.i.valid.eq(came.valid & its)]

    def _log(self, m: Module, drops: Signal, commands: HostCommands, rows: HostRows, results: HostResults) -> None:
        """Print what the host does to a run."""
        m.submodules.log = log = HostLog(self.config)
        m.d.comb += [
            log.started.eq(commands.state == PortState.STARTED),
            log.time.eq(commands.passed),
            log.drops.eq(drops),
            log.row.eq(commands.filled),
            log.words.eq(rows.words),
            log.credit.eq(commands.gives),
            log.credits.eq(commands.came),
            log.taken.eq(results.freed),
        ]
