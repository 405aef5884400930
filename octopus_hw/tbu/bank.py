# SPDX-License-Identifier: Apache-2.0
"""The PEAs of a TBU, and which of them starts and which finishes in a cycle: the lowest (docs/timing.md#pea).

::

    bind ──▶ [ PEA 0 ] ─ asks ─▶ lowest ─▶ start: pea, place ─▶ cycles of the place ─▶ the PEA
             [  ...  ]
             [ PEA P-1] ─ done ─▶ lowest ─▶ finish: pea, place

`start` and `finish` are valid in the cycle of the event. Of a team only the first PEA asks to start and to finish; its
helpers become idle with it. A team shares what is to be done, which is then an eighth more.
"""

from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import NUMBER, PEA
from octopus_hw.parts.onehot import encode, lowest, pick
from octopus_hw.tbu.pea import TimedPea
from octopus_hw.tbu.team import TEAM
from octopus_hw.verilog.unit import Unit

__all__ = ["Bank", "PeaSelect"]


def PeaSelect(config: Config) -> wiring.Signature:  # noqa: N802
    """Return the bundle that says whose turn it is in this cycle: a PEA, and the place of its token."""
    return wiring.Signature({"valid": Out(1), "pea": Out(PEA), "place": Out(config.place_bits)})


class Bank(Unit):
    """P timed PEAs.

    Parameters
    ----------
    config
        P = `peas`, Q = `queue_depth`, R = `config_slots`.

    Attributes
    ----------
    dead : In(P)
        PEAs that are disabled.
    bind, place, slot, switch : In(P), In(place), In(R), In(1)
        The dispatcher's choice; `bind` is one-hot or 0.
    team, join : In(2), In(P)
        The logarithm of how many PEAs are bound, and which: `bind` and its helpers.
    evict : In(R)
        The slot that is being given away.
    idle : Out(P)
        PEAs that are idle.
    contexts : Out(P x R)
        The contexts of idle PEAs, one-hot by slot, or 0.
    used : Out(R)
        Slots that are contexts of PEAs that are neither idle nor dead.
    drawn, valued : In(Q)
        By place: its token's cycles, and all that its finish waits for, are visible.
    start, finish : Out(PeaSelect)
        The PEA that starts and the one that finishes in this cycle.
    cycles : In(16)
        Cycles of the token at `start.place`, in the same cycle.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        peas, slots, places = config.peas, config.config_slots, config.queue_depth
        super().__init__(
            {
                "dead": In(peas),
                "bind": In(peas),
                "place": In(config.place_bits),
                "slot": In(slots),
                "switch": In(1),
                "team": In(TEAM),
                "join": In(peas),
                "evict": In(slots),
                "idle": Out(peas),
                "contexts": Out(data.ArrayLayout(slots, peas)),
                "used": Out(slots),
                "drawn": In(places),
                "valued": In(places),
                "start": Out(PeaSelect(config)),
                "cycles": In(NUMBER),
                "finish": Out(PeaSelect(config)),
            }
        )
        self.peas = [TimedPea(config) for _ in range(config.peas)]
        # For each busy PEA the first of its team, one-hot: itself, if it is no helper.
        self.firsts = [Signal(config.peas, name=f"first_{p}") for p in range(config.peas)]
        # For each first PEA the logarithm of its team's size.
        self.teams = [Signal(TEAM, name=f"team_{p}") for p in range(config.peas)]

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        peas = self.peas
        starts, finishes = Signal(len(peas)), Signal(len(peas))
        m.d.comb += [starts.eq(lowest(Cat(p.asks for p in peas))), finishes.eq(lowest(Cat(p.done for p in peas)))]
        span, part = self._span(m, starts)
        # The dispatcher's choice of a slot comes late: what follows from it is left to the next cycle.
        joined, slot, switch = Signal(len(peas)), Signal(len(self.slot)), Signal()
        m.d.sync += [joined.eq(self.join), slot.eq(self.slot), switch.eq(self.switch)]
        for i, (pea, first) in enumerate(zip(peas, self.firsts, strict=True)):
            m.submodules[f"pea_{i}"] = pea
            m.d.comb += [
                pea.dead.eq(self.dead[i]),
                pea.join.eq(self.join[i]),
                pea.bind.eq(self.bind[i]),
                pea.place.eq(self.place),
                pea.joined.eq(joined[i]),
                pea.slot.eq(slot),
                pea.switch.eq(switch),
                pea.evict.eq(self.evict),
                pea.start.eq(starts[i]),
                pea.span.eq(span),
                pea.part.eq(part),
                pea.finish.eq(pea.busy & (finishes & first).any()),
                self.idle[i].eq(pea.idle),
                self.contexts[i].eq(pea.context),
            ]
            with m.If(self.join[i]):
                m.d.sync += first.eq(self.bind)
            with m.Switch(pea.at):
                for place in range(self.config.queue_depth):
                    with m.Case(place):
                        m.d.comb += [pea.drawn.eq(self.drawn[place]), pea.valued.eq(self.valued[place])]
        known = (Mux(pea.busy & ~joined[i], pea.context, 0) for i, pea in enumerate(peas))
        m.d.comb += self.used.eq(reduce(or_, known, slot))
        self._select(m, self.start, starts, peas)
        self._select(m, self.finish, finishes, peas)
        return m

    def _span(self, m: Module, starts: Value) -> tuple[Value, Value]:
        """Return how long the team of the PEA that starts takes: whole cycles, and whether a part of one is left."""
        for p, kept in enumerate(self.teams):
            with m.If(self.bind[p]):
                m.d.sync += kept.eq(self.team)
        team, work, span, part = Signal(TEAM), Signal(NUMBER + 1), Signal(NUMBER), Signal()
        m.d.comb += [team.eq(pick(starts, self.teams)), work.eq(self.cycles + Mux(team.any(), self.cycles >> 3, 0))]
        with m.Switch(team):
            with m.Case(0):
                m.d.comb += span.eq(work)
            with m.Case(1):
                m.d.comb += [span.eq(work[1:]), part.eq(work[0])]
            with m.Default():
                m.d.comb += [span.eq(work[2:]), part.eq(work[:2].any())]
        return span, part

    def _select(self, m: Module, select: wiring.PureInterface, chosen: Value, peas: list[TimedPea]) -> None:
        m.d.comb += [
            select.valid.eq(chosen.any()),
            select.pea.eq(encode(chosen, PEA)),
            select.place.eq(pick(chosen, [pea.at for pea in peas])),
        ]
