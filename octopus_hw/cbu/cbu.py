# SPDX-License-Identifier: Apache-2.0
"""The Control Block Unit of a tile: takes every decision about the tokens that live here (docs/timing.md, section 5).

::

    arrival ─▶ ┌────────────────────────────────────────────┐ ─▶ accept (T)
    answer ──▶ │                  Engine                    │ ─▶ command (T + 1)
    asked ───▶ │                                            │ ─▶ [ requests ] ─▶ request
    done (T) ▶ │                                            │ ─▶ [ replies ] ──▶ reply
    wants ───▶ └┬─────┬──────┬──────┬──────┬──────┬──────┬──┘ ─▶ granted, taken
                │     │      │      │      │      │      │
              flows  slots  joins holders free  owners inject   draw   log ─▶ counters, finished
    loads ──────┴─────┴────────────────────────┴──────┴────────┘
    release (T) ─────────────────────────▶ free     tick ─▶ grants     tbu_work (T) ─▶ work ─▶ work

A completion whose next block is a task of this tile is dispatched 3 cycles after it could be taken (IDLE, FLOW, ACT).
"""

from typing import Any

from amaranth.hdl import Module
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.cbu import arrive, leave, take, walk
from octopus_hw.cbu.choose import Choose
from octopus_hw.cbu.engine import Engine
from octopus_hw.cbu.events import Log
from octopus_hw.cbu.free_places import FreePlaces
from octopus_hw.cbu.grants import Grants
from octopus_hw.cbu.holders import Holders
from octopus_hw.cbu.inject import Inject
from octopus_hw.cbu.joins import Arrival, Claim, JoinTable
from octopus_hw.cbu.locate import Locate
from octopus_hw.cbu.owners import Owners
from octopus_hw.cbu.table import Table
from octopus_hw.cbu.turn import Turn
from octopus_hw.cbu.work import Work
from octopus_hw.config import Config
from octopus_hw.draw import Draw
from octopus_hw.layout import PARTNER, WORK, ControlFlit, FlowRow, Grant, Memory, SlotRow
from octopus_hw.ports import Accept, ChipState, Counters, Loads, Release, commands, completions, messages, tokens
from octopus_hw.queue import Queue
from octopus_hw.unit import Unit

__all__ = ["Cbu"]

#: Every state, in the order of docs/timing.md, section 5, with the function that says what it does.
STATES = {
    "IDLE": take.idle,
    "HOLD": take.hold,
    "CLAIM": take.claim,
    "FLOW": walk.flow,
    "DECIDE": walk.decide,
    "CHOSEN": walk.chosen,
    "OWN": walk.own,
    "TRY": walk.try_,
    "ACT": leave.act,
    "ARRIVE": arrive.arrive,
    "COUNT": arrive.count,
    "FIRE": arrive.fire,
    "NEXT": leave.next_,
}

_ENGINE_PORTS = ("accept", "done", "command", "vacant", "arrival", "asked", "answer", "wants", "wanted")


class Cbu(Unit):
    """The Control Block Unit.

    Parameters
    ----------
    config
        Sizes.
    events
        Print event records (simulation builds).

    Attributes
    ----------
    state, loads : In(ChipState), In(Loads)
        The tile's registers and boot words.
    accept : Out(Accept).array(T)
        Tokens dispatched to the TBUs; never refused.
    done : In(completions).array(T)
        Heads of the TBUs' completion queues.
    command : Out(commands).array(T + 1)
        To the senders of the TBUs and of the home (T); `ready` means that the sender's queue has room.
    vacant : In(T + 1)
        The sender's queue holds nothing at the start of the cycle: it has room for two.
    release : In(Release).array(T)
        Places freed by senders.
    arrival : In(tokens)
        Tokens that came to this home.
    request, reply : Out(messages)
        Heads of the engine's two queues.
    asked : In(messages)
        A PLACE at the head of the request eject queue.
    answer : In(messages)
        The head of the reply eject queue: an ANSWER, a GRANT or a TAKEN.
    tick : In(1)
        The tile ticks in this cycle.
    tbu_work, work : In(14).array(T), Out(12)
        Work of the TBUs; the tile's, cut off.
    wants, wanted : In(1), In(4)
        The tile wants work of this partner.
    granted : Out(1)
        In this cycle it is granted a place.
    taken, taken_partner : Out(1), Out(4)
        In this cycle a partner's TAKEN is taken.
    finished : Out(1)
        From the cycle after the last expected retirement on.
    counters : Out(Counters)
        The event hash, and the engine's events.
    """

    def __init__(self, config: Config, events: bool) -> None:
        self.config = config
        self.events = events
        tbus = config.tbus
        super().__init__(
            {
                "state": In(ChipState),
                "loads": In(Loads),
                "accept": Out(Accept).array(tbus),
                "done": In(completions).array(tbus),
                "command": Out(commands).array(tbus + 1),
                "vacant": In(tbus + 1),
                "release": In(Release).array(tbus),
                "arrival": In(tokens),
                "request": Out(messages),
                "reply": Out(messages),
                "asked": In(messages),
                "answer": In(messages),
                "tick": In(1),
                "tbu_work": In(14).array(tbus),
                "work": Out(WORK),
                "wants": In(1),
                "wanted": In(PARTNER),
                "granted": Out(1),
                "taken": Out(1),
                "taken_partner": Out(PARTNER),
                "finished": Out(1),
                "counters": Out(Counters),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        units = self._units(m)
        ports = {name: getattr(self, name) for name in _ENGINE_PORTS}
        engine = Engine(self.config, self.state, units | ports)
        self._wire(m, engine)
        engine.defaults(m)
        leave.payloads(m, engine)
        arrive.newborn(m, engine)
        with m.FSM(name="engine"):
            for name, state in STATES.items():
                with m.State(name):
                    state(m, engine)
        return m

    def _units(self, m: Module) -> dict[str, Any]:
        """Make the parts, by name."""
        config = self.config
        units: dict[str, Any] = {
            "flows": Table(FlowRow, config.max_flows, Memory.FLOW),
            "slots": Table(SlotRow, config.max_instances, Memory.SLOT, small=True),
            "owners": Owners(config),
            "inject": Inject(config),
            "free": FreePlaces(config),
            "holders": Holders(config),
            "grants": Grants(),
            "work": Work(config),
            "joins": JoinTable(config),
            "claims": Claim(),
            "arrival_at_join": Arrival(),
            "locate": Locate(),
            "choose": Choose(config),
            "choose_last": Choose(config),
            "draw": Draw(config, 1),
            "log": Log(self.events),
            "requests": Queue(ControlFlit, 2),
            "replies": Queue(ControlFlit, 2),
            "turn": Turn(config.tbus + 9, first=2),
        }
        for name, unit in units.items():
            m.submodules[name] = unit
            for port, ours in (("state", self.state), ("loads", self.loads)):
                if port in unit.signature.members:
                    connect(m, flipped(ours), getattr(unit, port))
        return units

    def _wire(self, m: Module, e: Engine) -> None:
        """Connect what does not depend on the engine's state."""
        state, body = self.state, e.item.body
        connect(m, e.requests.o, flipped(self.request))
        connect(m, e.replies.o, flipped(self.reply))
        for queue in (e.requests, e.replies):
            m.d.comb += [queue.i.payload.source_x.eq(state.x), queue.i.payload.source_y.eq(state.y)]
        for number, release in enumerate(self.release):
            connect(m, flipped(release), e.free.release[number])
        m.d.comb += [
            e.holders.freed.eq(e.free.released),
            e.holders.another.eq(e.free.give | e.grants.i.valid),
            e.locate.row.eq(e.flows.row),
            e.locate.slot.eq(e.slots.row),
            e.locate.lane.eq(body.index),
            e.claims.record.eq(e.joins.record),
            e.claims.index.eq(body.index),
            e.claims.spawn.eq(e.ref.index),
            e.arrival_at_join.record.eq(e.joins.record),
            e.arrival_at_join.row.eq(e.kept),
            e.arrival_at_join.body.eq(body),
            e.log.entry_block.eq(e.flows.row.dest),
            e.log.instance.eq(body.instance),
            self.finished.eq(e.log.finished),
        ]
        connect(m, e.log.counters, flipped(self.counters))
        self._wire_balance(m, e)
        for choose in (e.choose, e.choose_last):
            m.d.comb += [
                choose.available.eq(e.free.available),
                choose.pool.eq(e.flows.row.pool),
                choose.seat.eq(e.flows.row.seat),
            ]
            for tbu in range(self.config.tbus):
                m.d.comb += [choose.load[tbu].eq(e.free.load[tbu]), choose.live[tbu].eq(e.free.live[tbu])]
                m.d.comb += choose.own[tbu].eq(e.is_place & (e.own_tbu == tbu))
        m.d.comb += e.choose_last.inherit.eq(e.is_place & ~e.item.sent)

    def _wire_balance(self, m: Module, e: Engine) -> None:
        """Connect what has to do with the work of other tiles."""
        answer = self.answer.payload
        grant = Grant(answer.payload[: Grant.as_shape().size])
        m.d.comb += [
            e.grants.tick.eq(self.tick),
            e.grants.i.payload.x.eq(answer.source_x),
            e.grants.i.payload.y.eq(answer.source_y),
            e.grants.i.payload.grant.eq(grant),
            self.granted.eq(e.granted_one),
            self.taken.eq(e.taken),
            self.taken_partner.eq(grant.partner),
            self.work.eq(e.work.work),
        ]
        for ours, theirs in zip(self.tbu_work, e.work.tbu_work, strict=True):
            m.d.comb += theirs.eq(ours)
