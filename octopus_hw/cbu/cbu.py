# SPDX-License-Identifier: Apache-2.0
"""The Control Block Unit of a tile: takes every decision about the tokens that live here (docs/timing.md#states).

::

    arrival ─▶ ┌────────────────────────────────────────────┐ ─▶ accept (T)
    answer ──▶ │                  Engine                    │ ─▶ command (T + 1)
    asked ───▶ │                                            │ ─▶ [ requests ] ─▶ request
    done (T) ▶ │                                            │ ─▶ [ replies ] ──▶ reply
    wants ───▶ └┬─────┬──────┬──────┬──────┬──────┬──────┬──┘ ─▶ granted, taken
                │     │      │      │      │      │      │
              flows  slots  joins holders free  owners inject   draw   log ─▶ counters    results ─▶ result
    loads ──────┴─────┴────────────────────────┴──────┴────────┘   left ─▶ inject, results
    release (T) ─────────────────────────▶ free     tick ─▶ grants     tbu_work (T) ─▶ work ─▶ work

A completion whose next block is a task of this tile is dispatched 3 cycles after it could be taken (IDLE, FLOW, ACT).
"""

from amaranth.hdl import Module
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.cbu import arrive, connections, dispatch, item_selection, parts, token_routing
from octopus_hw.cbu.engine import TokenEngine
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import PARTNER, TBU_WORK, WORK
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import (
    Counters,
    Loads,
    accept,
    arrivals,
    chip_state,
    commands,
    completions,
    messages,
    release,
    slot_release,
)
from octopus_hw.verilog.unit import Unit

__all__ = ["Cbu"]

#: Every state, in the order of docs/timing.md#states, with the function that says what it does.
STATES = {
    "IDLE": item_selection.idle,
    "HOLD": item_selection.hold,
    "CLAIM": item_selection.claim,
    "FLOW": token_routing.flow,
    "DECIDE": token_routing.decide,
    "CHOSEN": token_routing.chosen,
    "OWN": token_routing.own,
    "TRY": token_routing.try_,
    "ACT": dispatch.act,
    "ARRIVE": arrive.arrive,
    "COUNT": arrive.count,
    "FIRE": arrive.fire,
    "NEXT": dispatch.next_,
    "REPORT": dispatch.report,
}


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
    state, loads : In(chip_state), In(Loads)
        The tile's registers and boot words.
    accept : Out(accept).array(T)
        Tokens dispatched to the TBUs; never refused.
    done : In(completions).array(T)
        Heads of the TBUs' completion queues.
    command : Out(commands).array(T + 1)
        To the senders of the TBUs and of the home (T); `ready` means that the sender's queue has room.
    vacant : In(T + 1)
        The sender's queue holds nothing at the start of the cycle: it has room for two.
    release : In(release).array(T)
        Places freed by senders.
    left : In(slot_release)
        The home's sender has sent a result: its slot is free.
    row_at : Out(quad)
        Where the words go of the row that this tile has asked the host for.
    arrival : In(arrivals)
        Tokens, and rows, that came to this home.
    request, reply : Out(messages)
        Heads of the engine's two queues.
    asked : In(messages)
        A PLACE at the head of the request eject queue.
    answer : In(messages)
        The head of the reply eject queue: an ANSWER, a GRANT, a TAKEN or a SEND.
    result : Out(messages)
        A RESULT for the host.
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
        From the cycle on in which the slot of the last expected instance is free again.
    counters : Out(Counters)
        The event hash, and the engine's events.
    """

    def __init__(self, config: Config, events: bool) -> None:
        self.config = config
        self.events = events
        tbus = config.tbus
        super().__init__(
            {
                "state": In(chip_state(config)),
                "loads": In(Loads),
                "accept": Out(accept(config)).array(tbus),
                "done": In(completions(config)).array(tbus),
                "command": Out(commands(config)).array(tbus + 1),
                "vacant": In(tbus + 1),
                "release": In(release(config)).array(tbus),
                "left": In(slot_release(config)),
                "row_at": Out(layouts(config).quad),
                "arrival": In(arrivals(config)),
                "request": Out(messages(config)),
                "reply": Out(messages(config)),
                "asked": In(messages(config)),
                "answer": In(messages(config)),
                "result": Out(messages(config)),
                "tick": In(1),
                "tbu_work": In(TBU_WORK).array(tbus),
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
        made = parts.make(self.config, self.events)
        for name, unit in vars(made).items():
            m.submodules[name] = unit
            for port, ours in (("state", self.state), ("loads", self.loads)):
                if port in unit.signature.members:
                    connect(m, flipped(ours), getattr(unit, port))
        engine = TokenEngine(self, made)
        connections.wire(m, engine)
        engine.defaults(m)
        dispatch.payloads(m, engine)
        arrive.new_records(m, engine)
        with m.FSM(name="engine"):
            for name, state in STATES.items():
                with m.State(name):
                    state(m, engine)
        return m
