# SPDX-License-Identifier: Apache-2.0
"""States in which a token leaves: ACT, NEXT, REPORT (docs/timing.md#act)."""

from amaranth.hdl import Cat, Module, Mux, Value

from octopus_hw.cbu.engine import Target, TokenEngine
from octopus_hw.cbu.home_addresses import offset_in_area
from octopus_hw.cbu.records import HolderKind
from octopus_hw.contract.codes import Event
from octopus_hw.contract.layout import UNIT_HOME

__all__ = ["act", "next_", "payloads", "report"]


def payloads(m: Module, e: TokenEngine) -> None:
    """Drive the token that ACT or REPORT sends, to all TBUs and senders alike."""
    item, kept, state, body = e.item, e.kept, e.state, e.item.body
    first, is_result = e.cbu.command[0].payload, e.target == Target.HOST
    token = first.token
    for name in ("home_x", "home_y", "slot", "index", "value", "instance", "round", "variant"):
        m.d.comb += token[name].eq(body[name])
    m.d.comb += [
        token.block.eq(kept.dest),
        token.weight.eq(kept.weight),
        token.next.eq(Mux(e.target == Target.HOME, item.flow, kept.next)),
        token.result.eq(kept.result),
        first.length.eq(item.length),
        first.begin.eq(Mux((item.kind == HolderKind.SINGLE) | is_result, 0, kept.begin)),
        first.words.eq(Mux(is_result, item.length, kept.words)),
        first.room.eq(Mux(is_result, 0, kept.room)),
        first.source.eq(Mux(e.is_place, e.own.place, item.source)),
        first.release.eq(is_result | e.is_place & item.last),
        first.host.eq(is_result),
    ]
    with m.Switch(e.target):
        with m.Case(Target.LOCAL):
            m.d.comb += [first.x.eq(state.x), first.y.eq(state.y), first.unit.eq(e.target_tbu)]
            m.d.comb += first.arg.eq(e.target_place)
        with m.Case(Target.REMOTE):
            m.d.comb += [first.x.eq(item.owner.x), first.y.eq(item.owner.y), first.unit.eq(item.owner.tbu)]
            m.d.comb += first.arg.eq(e.target_place)
        with m.Case(Target.HOST):
            m.d.comb += first.unit.eq(UNIT_HOME)
        with m.Default():
            m.d.comb += [first.x.eq(body.home_x), first.y.eq(body.home_y), first.unit.eq(UNIT_HOME)]
            m.d.comb += first.arg.eq(e.area_at + offset_in_area(kept, body.index) + kept.offset)
    for port in e.cbu.command[1:]:
        m.d.comb += port.payload.eq(first)
    # What is sent is counted by the sender; what is dispatched without one has data only where they were.
    operands = Mux(item.length < kept.words, item.length, kept.words)
    for port in e.cbu.accept:
        m.d.comb += [port.place.eq(e.target_place), port.token.eq(token)]
        m.d.comb += port.token.words.eq(Mux(e.inherited, operands, 0))


def act(m: Module, e: TokenEngine) -> None:
    """Dispatch the token, or send it; then the holder's next."""
    body, kept, local = e.item.body, e.kept, e.target == Target.LOCAL
    direct = local & (e.inherited | (kept.words == 0))
    with m.If(direct):
        for tbu, port in enumerate(e.cbu.accept):
            m.d.comb += port.valid.eq(e.target_tbu == tbu)
        with m.If(e.is_place & e.item.last & ~e.inherited):
            _free_holder(m, e)
    with m.Else():
        m.d.comb += e.sends.eq(1)
        _command_holder(m, e, empty=False)
    with m.If(local):
        e.emit_event(m, Event.DISPATCH, kept.dest, body.index, body.round)
    with m.Elif((e.target == Target.REMOTE) | ~e.at_home):
        e.emit_event(m, Event.MOVE, kept.dest, body.index, body.round)
    # What was pushed in this cycle counts, what the senders take in it does not.
    full = Cat(*(port.valid & ~vacant for port, vacant in zip(e.cbu.command, e.cbu.vacant, strict=True))).any()
    _go_on(m, e, e.own_credit & ~full)


def next_(m: Module, e: TokenEngine) -> None:
    """After an inline arrival."""
    with m.If(e.item.last & e.is_place):
        _free_holder(m, e)
    _go_on(m, e, e.own_credit)


def report(m: Module, e: TokenEngine) -> None:
    """Send a result to the host, whole (docs/timing.md#results)."""
    _command_holder(m, e, empty=False)
    m.next = "IDLE"


def _command_holder(m: Module, e: TokenEngine, *, empty: bool) -> None:
    """Push a command to the sender of the holder's data; an empty one frees the place."""
    for number, port in enumerate(e.cbu.command):
        here = e.own_tbu == number if number < e.config.tbus else ~e.is_place
        gate = here & e.is_place if number < e.config.tbus else here
        m.d.comb += port.valid.eq(gate)
        if empty:
            m.d.comb += [port.payload.empty.eq(1), port.payload.release.eq(1)]


def _free_holder(m: Module, e: TokenEngine) -> None:
    """Free the place of a holder that is one, after its last flow: at once, or when what it sent has left."""
    with m.If(e.item.sent):
        _command_holder(m, e, empty=True)
    with m.Else():
        m.d.comb += e.free.give.eq(1)


def _go_on(m: Module, e: TokenEngine, credit: Value) -> None:
    """*Next*: the holder's next token, if there is one."""
    after = e.after
    m.d.comb += e.flows.address.eq(after.flow)
    with m.If(e.item.last):
        m.next = "IDLE"
    with m.Else():
        m.d.sync += e.item.eq(after)
        m.d.comb += [e.holders.save.eq(1), e.holders.save_record.eq(after)]
        with m.If(~credit):
            m.d.comb += e.holders.to_ready.valid.eq(1)
            m.next = "IDLE"
        with m.Elif(e.item.kind == HolderKind.SPAWN):
            m.next = "CLAIM"
        with m.Else():
            m.next = "FLOW"
