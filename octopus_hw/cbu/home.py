# SPDX-License-Identifier: Apache-2.0
"""The home of a tile: the store with its sender and receiver, and the region's configuration library.

::

    rx ──▶ [ receiver ] ─ words ─▶ [ store ] ─▶ [ sender ] ──▶ tx
                │ token                           ▲    ▲
                └─▶ [ queue of 4 ] ─▶ arrival     │  command
                                          [ library rows ]
    library ─▶ [ queue of library_depth ] ────────┘

The last flit of a packet waits for room in the arrival queue; the token can be taken in the cycle after. A command or
request taken in cycle t gives the header in t+1 and the first data word in t+2 (configuration) or t+6 (token).
"""

from typing import Any

from amaranth.hdl import Module
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.cbu.store import Store
from octopus_hw.cbu.table import Table
from octopus_hw.contract.bits import Field, Layout
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import Counters, Loads, chip_state, commands, flits, messages, tokens
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.payload import payload_as
from octopus_hw.noc.packet import Receiver, Sender
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
        Fills the sender's queue of depth 2; `source` is an address of the store.
    vacant : Out(1)
        That queue holds nothing at the start of the cycle.
    library : In(messages)
        CONFIG requests; the queue has room for all there can be.
    arrival : Out(tokens)
        Tokens that have come, their data in the store.
    counters : Out(Counters)
        `errors`: packets with a wrong checksum; the others are 0.
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
                "library": In(messages(config)),
                "arrival": Out(tokens(config)),
                "counters": Out(Counters),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.store = store = Store(self.config)
        self._send(m, store)
        self._receive(m, store)
        with m.If(self.loads.valid & (self.loads.word.memory == LoadTarget.STORE)):
            m.d.comb += [
                store.write.eq(1),
                store.write_address.eq(self.loads.word.address),
                store.write_data.eq(self.loads.word.data),
            ]
        return m

    def _send(self, m: Module, store: Store) -> None:
        """Sender and library."""
        config, widths = self.config, layouts(self.config)
        m.submodules.sender = sender = Sender(config, True)
        m.submodules.rows = rows = Table(struct(widths.library_row), config.max_blocks, LoadTarget.LIBRARY)
        m.submodules.requests = requests = DeepQueue(_request(config), max(2, config.library_depth))
        connect(m, flipped(self.command), sender.command)
        connect(m, sender.tx, flipped(self.tx))
        connect(m, flipped(self.loads), rows.loads)
        m.d.comb += [
            self.vacant.eq(sender.vacant),
            store.read_address.eq(sender.words.source + sender.words.index),
            sender.words.data.eq(store.read_data),
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
        m.submodules.arrivals = arrivals = Queue(struct(layouts(self.config).token), 4)
        connect(m, flipped(self.rx), receiver.rx)
        connect(m, arrivals.o, flipped(self.arrival))
        m.d.comb += [
            receiver.hold.eq(~arrivals.i.ready),
            arrivals.i.valid.eq(receiver.done),
            arrivals.i.payload.eq(receiver.token),
            store.write.eq(receiver.word.valid),
            store.write_address.eq(receiver.header.arg + receiver.word.index),
            store.write_data.eq(receiver.word.data),
            self.counters.errors.eq(receiver.errors),
        ]
