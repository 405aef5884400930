# SPDX-License-Identifier: Apache-2.0
"""The home of a tile: the store with its sender and receiver, and the region's configuration library.

::

    rx ──▶ [ receiver ] ── rows ─▶ [ store ] ─▶ [ sender ] ──▶ tx, left
                │ token     row_at                ▲    ▲
                └─▶ [ queue of 4 ] ─▶ arrival     │  command
                                          [ library rows ]
    library ─▶ [ queue of library_depth ] ────────┘

The last flit of a packet waits for room in the arrival queue; the token can be taken in the cycle after. A command or
request taken in cycle t gives the first flit in t+1 at the earliest.
"""

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.cbu.store import Store
from octopus_hw.cbu.table import Table
from octopus_hw.contract.bits import Field, Layout
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import UNIT_ROW
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import (
    Counters,
    Loads,
    arrivals,
    chip_state,
    commands,
    flits,
    messages,
    slot_release,
)
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.payload import payload_as
from octopus_hw.noc.receiver import Receiver
from octopus_hw.noc.sender import HomeSender
from octopus_hw.parts.deep_queue import DeepQueue
from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.unit import Unit

__all__ = ["Home"]


def _request(config: Config) -> Any:
    widths = layouts(config)
    source = Field("source_x", widths.coord), Field("source_y", widths.coord)
    return struct(Layout.of("Request", "What counts of a CONFIG.", *source, *widths.config_request.fields))


class Home(Unit):
    """Home store, arrivals and configuration library.

    Parameters
    ----------
    config
        Sizes.

    Attributes
    ----------
    state, loads : In(chip_state), In(Loads)
        STORE and LIBRARY words.
    rx, tx : In(flits), Out(flits)
        From and to the tile switch.
    command : In(commands)
        Fills the sender's queue of depth 2; `source` is a quad of the store.
    vacant : Out(1)
        That queue holds nothing at the start of the cycle.
    left : Out(slot_release)
        A result has been sent: its slot is free.
    library : In(messages)
        CONFIG requests; the queue has room for all there can be.
    row_at : In(quad)
        Where the words of a row from the host go.
    arrival : Out(arrivals)
        Tokens, and rows, that have come, their data in the store.
    counters : Out(Counters)
        All 0: a home counts nothing.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "state": In(chip_state(config)),
                "loads": In(Loads),
                "rx": In(flits(config)),
                "tx": Out(flits(config)),
                "command": In(commands(config)),
                "vacant": Out(1),
                "left": Out(slot_release(config)),
                "library": In(messages(config)),
                "row_at": In(layouts(config).quad),
                "arrival": Out(arrivals(config)),
                "counters": Out(Counters),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.store = store = Store(self.config)
        connect(m, flipped(self.loads), store.loads)
        self._send(m, store)
        self._receive(m, store)
        return m

    def _send(self, m: Module, store: Store) -> None:
        """Sender and library."""
        config, widths = self.config, layouts(self.config)
        m.submodules.sender = sender = HomeSender(config)
        m.submodules.rows = rows = Table(struct(widths.library_row), config.max_blocks, LoadTarget.LIBRARY)
        m.submodules.requests = requests = DeepQueue(_request(config), max(2, config.library_depth))
        connect(m, flipped(self.command), sender.command)
        connect(m, sender.tx, flipped(self.tx))
        connect(m, sender.rows, store.reads)
        connect(m, sender.left, flipped(self.left))
        connect(m, flipped(self.loads), rows.loads)
        m.d.comb += [
            self.vacant.eq(sender.vacant),
            rows.address.eq(sender.entry.block),
            rows.read.eq(sender.entry.enable),
            sender.entry.row.eq(rows.row),
        ]
        asked, kept, head = self.library.payload, requests.i.payload, requests.o.payload
        asks = widths.config_request
        wanted, request = sender.library.payload, payload_as(asks, asked)
        m.d.comb += [
            requests.i.valid.eq(self.library.valid),
            self.library.ready.eq(requests.i.ready),
            kept.source_x.eq(asked.source_x),
            kept.source_y.eq(asked.source_y),
            kept.block.eq(request.block),
            kept.tbu.eq(request.tbu),
            sender.library.valid.eq(requests.o.valid),
            requests.o.ready.eq(sender.library.ready),
            wanted.source_x.eq(head.source_x),
            wanted.source_y.eq(head.source_y),
            payload_as(asks, wanted).block.eq(head.block),
            payload_as(asks, wanted).tbu.eq(head.tbu),
        ]

    def _receive(self, m: Module, store: Store) -> None:
        """Receiver and arrivals."""
        m.submodules.receiver = receiver = Receiver(self.config)
        m.submodules.arrivals = queue = Queue(self.arrival.payload.shape(), 4)
        connect(m, flipped(self.rx), receiver.rx)
        connect(m, queue.o, flipped(self.arrival))
        head, rows, is_row = receiver.token, receiver.rows, Signal()
        m.d.comb += [
            is_row.eq(head.header.unit == UNIT_ROW),
            receiver.hold.eq(~queue.i.ready),
            queue.i.valid.eq(receiver.accepts),
            queue.i.payload.token.eq(head.token),
            queue.i.payload.row.eq(is_row),
            store.writes.valid.eq(rows.valid),
            store.writes.target.eq(Mux(is_row, self.row_at, rows.target)),
            store.writes.index.eq(rows.index),
            store.writes.data.eq(rows.data),
        ]
