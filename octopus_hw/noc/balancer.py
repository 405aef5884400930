# SPDX-License-Identifier: Apache-2.0
"""The balancer: tells the neighbours how much work there is, and says whose work this tile wants.

::

    cycle ─▶ phase ─▶ tick, sends on, looks, decides
                                                          ┌─▶ line to the south, ...
    work ────────────────┬─▶ in a tick ──────▶ or ─▶ WorkLine
                         │       sends on ───▶ ┘          └── line from the south, ...
    what has come (4) ───┼─▶ looks ─▶ [largest of those not promised] ─▶ [best, partner] ─▶ wanted
                         └─────────────────────▶ Decision ◀─────────────────┘
    granted, taken ──▶ [promised], [pending] ───────┘ └──────────────────────────────────▶ wants

With H = 1 + L and a tick in cycle z (docs/timing.md#exchange): work is sent in z and sent on in z + kH
for k from 1 to 7; the partners at distance s are looked at in z + sH, and the largest is compared with the best one in
the next cycle; the decision falls in z + 8H + 1 and is seen in the next cycle. A tick follows no sooner than 8H + 4
cycles after the one before.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib.wiring import In, Out, connect, flipped
from amaranth.utils import exact_log2

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import PARTNER, WORK
from octopus_hw.interfaces.bundles import chip_state
from octopus_hw.noc.decision import PENDING, Decision
from octopus_hw.noc.work_line import WorkLine, work_wires
from octopus_hw.parts.compare import largest
from octopus_hw.parts.weight import worth
from octopus_hw.verilog.unit import Unit

__all__ = ["DISTANCES", "PARTNERS", "Balancer"]

#: Distances of partners; four partners at each, one in each direction.
DISTANCES = (1, 2, 4, 8)
PARTNERS = 4 * len(DISTANCES)


class Balancer(Unit):
    """Exchange of work, and the decision.

    Parameters
    ----------
    config
        `tick` cycles between two exchanges: a power of two, at least 8(1 + L) + 4; `link_latency`, L.

    Attributes
    ----------
    state : In(chip_state)
        The tile's registers and time.
    work : In(12)
        The tile's work.
    work_in, work_out : work_wires x 4
        Work lines from and to the north, east, south and west.
    tick : Out(1)
        The tile ticks in this cycle.
    wants, wanted : Out(1), Out(4)
        It wants work, and of which partner.
    granted : In(1)
        It has granted the wanted partner a place in this cycle; only while `wants`.
    taken, taken_partner : In(1), In(4)
        A partner that was promised something has answered in this cycle.
    """

    def __init__(self, config: Config) -> None:
        self.period = config.tick
        self.latency = config.link_latency
        self.hop = 1 + self.latency
        # Proofs read these.
        self.promised = Signal(PARTNERS)
        self.pending = Signal(PENDING)
        self.largest, self.place = Signal(WORK), Signal(PARTNER)
        self.best = Signal(WORK)
        self.ticked = Signal()
        self.decision = Decision()
        super().__init__(
            {
                "state": In(chip_state(config)),
                "work": In(WORK),
                "work_in": In(work_wires).array(4),
                "work_out": Out(work_wires).array(4),
                "tick": Out(1),
                "wants": Out(1),
                "wanted": Out(PARTNER),
                "granted": In(1),
                "taken": In(1),
                "taken_partner": In(PARTNER),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        phase = self.state.cycle[: exact_log2(self.period)]
        sends_on, looks, distance, decides = Signal(), Signal(), Signal(range(len(DISTANCES))), Signal()
        m.d.comb += self.tick.eq(self.state.running & self.state.mode.balance & (phase == 0))
        with m.If(self.tick):
            m.d.sync += self.ticked.eq(1)
        # A tile that has started since the last tick leaves the exchange under way alone.
        with m.If(self.ticked), m.Switch(phase):
            for hops in range(1, DISTANCES[-1] + 1):
                with m.Case(hops * self.hop):
                    m.d.comb += sends_on.eq(hops < DISTANCES[-1])
                    if hops in DISTANCES:
                        number = DISTANCES.index(hops)
                        m.d.comb += [looks.eq(self.state.balance.strides[number]), distance.eq(number)]
            with m.Case(DISTANCES[-1] * self.hop + 1):
                m.d.comb += decides.eq(1)
        come = self._exchange(m, sends_on)
        self._promise(m)
        self._look(m, come, looks, distance)
        best = self._keep(m)
        m.submodules.decision = decision = self.decision
        m.d.comb += [
            decision.balance.eq(self.state.balance),
            decision.best.eq(best),
            decision.pending.eq(self.pending),
            decision.work.eq(self.work),
            decision.decides.eq(decides),
            decision.tick.eq(self.tick),
            decision.granted.eq(self.granted),
            self.wants.eq(decision.wants),
        ]
        return m

    def _exchange(self, m: Module, sends_on: Value) -> list[Value]:
        """Send this tile's work, and send on what comes; return what has come, by direction."""
        lines = [WorkLine(self.latency) for _ in range(4)]
        for number, (line, name) in enumerate(zip(lines, ("north", "east", "south", "west"), strict=True)):
            m.submodules[f"line_{name}"] = line
            connect(m, flipped(self.work_in[number]), line.line_in)
            connect(m, line.line_out, flipped(self.work_out[number]))
            with m.If(self.tick):
                m.d.comb += line.i.eq(self.work)
            with m.Elif(sends_on):
                m.d.comb += line.i.eq(lines[(number + 2) % 4].o)
        return [line.o for line in lines]

    def _promise(self, m: Module) -> None:
        """Keep who is promised something, and how much work that is in all."""
        nominal = worth(self.state.balance.nominal)
        for number in range(PARTNERS):
            with m.If(self.taken & (self.taken_partner == number)):
                m.d.sync += self.promised[number].eq(0)
            with m.If(self.granted & (self.wanted == number)):
                m.d.sync += self.promised[number].eq(1)
        with m.If(self.granted & ~self.taken):
            m.d.sync += self.pending.eq(self.pending + nominal)
        with m.If(self.taken & ~self.granted):
            m.d.sync += self.pending.eq(self.pending - nominal)

    def _look(self, m: Module, come: list[Value], looks: Value, distance: Value) -> None:
        """Find the largest of what has come from partners that are not promised anything."""
        promised = Signal(4)
        with m.Switch(distance):
            for number in range(len(DISTANCES)):
                with m.Case(number):
                    m.d.comb += promised.eq(self.promised[4 * number :][:4])
        offers = [Mux(promised[number], 0, work) for number, work in enumerate(come)]
        best = largest(m, offers, "offer")
        m.d.sync += [self.largest.eq(Mux(looks, best.key, 0)), self.place.eq(Cat(best.number, distance))]

    def _keep(self, m: Module) -> Value:
        """Keep the best partner since the tick; return its work, what was found last included."""
        best = largest(m, [self.best, self.largest], "best")
        m.d.sync += self.best.eq(Mux(self.tick, 0, best.key))
        with m.If(best.number):
            m.d.sync += self.wanted.eq(self.place)
        return best.key
