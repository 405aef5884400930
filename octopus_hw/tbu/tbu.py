# SPDX-License-Identifier: Apache-2.0
"""The Task Block Unit (docs/timing.md#tbu).

::

    rx ──▶ [ receiver ] ── rows ─▶ [ buffers ] ─▶ [ sender ] ──▶ tx
               │ token                               ▲    └────▶ release
    accept ─▶ (or) ──▶ [ places: tokens, draws ] ──▶ done        │
               │            ▲ cycles, values               command
               └──▶ [ waiting list ] ──▶ [ dispatcher ] ──▶ [ bank of PEAs ] ──▶ [ recorder ] ──▶ counters
                            │   ▲ match        ▲ contexts ◀──────┘
                            ▼   │              │
                        [ slots, loader ] ──▶ [ queue of 1 ] ──▶ request

A token accepted in cycle t waits from t + 1 on. With its block resident and configured on an idle PEA it is bound in
t + 1 and starts in t + 3 (CONST cycles, draw unit idle) at the earliest.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COUNTER, PEAS, TBU_WORK
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import (
    Counters,
    Loads,
    accept,
    asked_blocks,
    chip_state,
    commands,
    completions,
    flits,
    release,
)
from octopus_hw.noc.receiver import Receiver
from octopus_hw.noc.sender import Sender
from octopus_hw.parts.queue import Queue
from octopus_hw.tbu.bank import Bank
from octopus_hw.tbu.buffers import Buffers
from octopus_hw.tbu.configuration_log import ConfigurationLog
from octopus_hw.tbu.dispatcher import Dispatcher
from octopus_hw.tbu.places import Places
from octopus_hw.tbu.record import Recorder
from octopus_hw.tbu.slots import Slots
from octopus_hw.tbu.tbu_work import TbuWork
from octopus_hw.tbu.waiting import WaitingList
from octopus_hw.verilog.unit import Unit

__all__ = ["Tbu"]


class Tbu(Unit):
    """One TBU of a tile.

    Parameters
    ----------
    config
        Sizes.
    events
        Print `start` and `finish` events (simulation only).

    Attributes
    ----------
    number : In(tbu)
        Number of the TBU in its tile.
    state, loads : In(chip_state), In(Loads)
        The tile's registers and loads.
    accept : In(accept)
        A token from the tile's CBU, accepted in this cycle without fail.
    rx, tx : In(flits), Out(flits)
        From and to the tile switch.
    command : In(commands)
        To the sender; its `source` is a place.
    vacant : Out(1)
        The sender's command queue holds nothing at the start of the cycle.
    release : Out(release)
        A place freed in this cycle.
    done : Out(completions)
        Finished invocations.
    request : Out(asked_blocks)
        Blocks whose configuration it asks for.
    work : Out(14)
        What the weights of the tokens are worth that are accepted and have not finished.
    counters : Out(Counters)
        `hash`, `started`, `work` and `loads`; the others are 0.
    """

    def __init__(self, config: Config, events: bool) -> None:
        self.config = config
        self.events = events
        super().__init__(
            {
                "number": In(layouts(config).tbu),
                "state": In(chip_state(config)),
                "loads": In(Loads),
                "accept": In(accept(config)),
                "rx": In(flits(config)),
                "tx": Out(flits(config)),
                "command": In(commands(config)),
                "vacant": Out(1),
                "release": Out(release(config)),
                "done": Out(completions(config)),
                "request": Out(asked_blocks(config)),
                "work": Out(TBU_WORK),
                "counters": Out(Counters),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.receiver = self._receiver = Receiver(self.config)
        m.submodules.sender = self._sender = Sender(self.config)
        m.submodules.buffers = self._buffers = Buffers(self.config)
        m.submodules.places = self._places = Places(self.config)
        m.submodules.waiting = self._waiting = WaitingList(self.config)
        m.submodules.slots = self._slots = Slots(self.config)
        m.submodules.dispatcher = self._dispatcher = Dispatcher(self.config)
        m.submodules.bank = self._bank = Bank(self.config)
        self._packets(m)
        self._accept(m)
        self._bind(m)
        self._load(m)
        self._run(m)
        self._weigh(m)
        self._record(m)
        if self.events:
            self._log_configurations(m)
        return m

    def _packets(self, m: Module) -> None:
        """Join receiver, sender and tally unit with the buffers."""
        receiver, sender, buffers, places = self._receiver, self._sender, self._buffers, self._places
        connect(m, flipped(self.rx), receiver.rx)
        connect(m, flipped(self.command), sender.command)
        m.d.comb += self.vacant.eq(sender.vacant)
        connect(m, sender.tx, flipped(self.tx))
        connect(m, sender.release, flipped(self.release))
        connect(m, sender.rows, buffers.sent)
        connect(m, receiver.rows, buffers.received)
        connect(m, places.read, buffers.tallied)
        connect(m, places.write, buffers.made)
        m.d.comb += [places.reading.eq(sender.rows.reads), places.writing.eq(receiver.rows.valid)]

    def _accept(self, m: Module) -> None:
        """Accept a token from the CBU, or else from a packet."""
        receiver, places, push = self._receiver, self._places, self._waiting.push
        m.d.comb += [
            receiver.hold.eq(self.accept.valid),
            places.accept.valid.eq(self.accept.valid | receiver.accepts),
            places.accept.place.eq(Mux(self.accept.valid, self.accept.place, receiver.token.arg)),
            places.accept.token.eq(Mux(self.accept.valid, self.accept.token, receiver.token.token)),
            push.valid.eq(places.accept.valid),
            push.block.eq(places.accept.token.block),
            push.place.eq(places.accept.place),
            push.match.eq(self._slots.match),
        ]

    def _bind(self, m: Module) -> None:
        """Join the waiting list, the dispatcher and the PEAs."""
        waiting, dispatcher, bank = self._waiting, self._dispatcher, self._bank
        m.d.comb += [
            dispatcher.mode.eq(self.state.mode),
            dispatcher.entries.eq(waiting.entries),
            dispatcher.idle.eq(bank.idle),
            dispatcher.contexts.eq(bank.contexts),
            dispatcher.in_two.eq(self._slots.in_two),
            dispatcher.in_four.eq(self._slots.in_four),
            waiting.remove.eq(dispatcher.remove),
            bank.bind.eq(dispatcher.bind),
            bank.place.eq(dispatcher.place),
            bank.slot.eq(dispatcher.slot),
            bank.switch.eq(dispatcher.switch),
            bank.team.eq(dispatcher.team),
            bank.join.eq(dispatcher.join),
        ]
        with m.Switch(self.number):
            for i in range(self.config.tbus):
                with m.Case(i):
                    m.d.sync += bank.dead.eq(self.state.dead[PEAS * i :][:PEAS])

    def _load(self, m: Module) -> None:
        """Join the slots with all that they look at, and send their requests."""
        slots, bank, waiting, state = self._slots, self._bank, self._waiting, self.state
        connect(m, slots.change, waiting.change)
        m.d.comb += [
            slots.mode.eq(state.mode),
            slots.entries.eq(waiting.entries),
            slots.used.eq(bank.used),
            slots.bound.eq(self._dispatcher.slot),
            slots.some_idle.eq(bank.idle.any()),
            slots.impatient.eq(self._dispatcher.impatient),
            slots.arrived.eq(self._receiver.loaded),
            slots.parallel.eq(self._receiver.chunk.parallel),
            slots.lookup.eq(waiting.push.block),
            bank.evict.eq(slots.change.evict),
        ]
        # At most one load is under way, so the queue of depth 1 has room for its request.
        m.submodules.requests = requests = Queue(layouts(self.config).block, 1)
        connect(m, requests.o, flipped(self.request))
        m.d.comb += [requests.i.valid.eq(slots.load), requests.i.payload.eq(slots.wanted)]

    def _run(self, m: Module) -> None:
        """Join the PEAs and the places."""
        places, bank = self._places, self._bank
        connect(m, flipped(self.state), places.state)
        connect(m, flipped(self.loads), places.loads)
        connect(m, places.done, flipped(self.done))
        connect(m, bank.start, places.start)
        connect(m, bank.finish, places.finish)
        m.d.comb += [bank.drawn.eq(places.drawn), bank.valued.eq(places.settled), bank.cycles.eq(places.cycles)]

    def _weigh(self, m: Module) -> None:
        """Keep the sum over the tokens that are here."""
        m.submodules.work = work = TbuWork()
        places, bank = self._places, self._bank
        m.d.comb += [
            work.come.eq(places.accept.valid),
            work.coming.eq(places.accept.token.weight),
            work.go.eq(bank.finish.valid),
            work.going.eq(places.weight),
            self.work.eq(work.work),
        ]

    def _log_configurations(self, m: Module) -> None:
        """Tell what is loaded."""
        m.submodules.configurations = log = ConfigurationLog(self.config)
        receiver = self._receiver
        connect(m, flipped(self.state), log.state)
        m.d.comb += [
            log.number.eq(self.number),
            log.valid.eq(receiver.constants),
            log.chunk.eq(receiver.chunk.chunk),
            log.index.eq(receiver.rows.index),
            log.row.eq(receiver.rows.data),
            log.loaded.eq(receiver.loaded),
            log.block.eq(self._slots.change.block),
        ]

    def _record(self, m: Module) -> None:
        """Count."""
        m.submodules.recorder = recorder = Recorder(self.config, self.events)
        places, bank, loads = self._places, self._bank, Signal(COUNTER)
        connect(m, flipped(self.state), recorder.state)
        connect(m, bank.start, recorder.start)
        connect(m, bank.finish, recorder.finish)
        with m.If(self._slots.load):
            m.d.sync += loads.eq(loads + 1)
        m.d.comb += [
            recorder.number.eq(self.number),
            recorder.starting.eq(places.starting),
            recorder.finishing.eq(places.finishing),
            recorder.told.eq(places.told),
            recorder.cycles.eq(places.cycles),
            self.counters.hash.eq(recorder.hash),
            self.counters.started.eq(recorder.started),
            self.counters.work.eq(recorder.work),
            self.counters.loads.eq(loads),
        ]
