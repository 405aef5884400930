# SPDX-License-Identifier: Apache-2.0
"""Wormhole switch: packets go from queues' heads to outputs, one flit a cycle each (docs/timing.md#wormhole-switch).

::

    i[0] ──▶ to ──┐           ┌─▶ RoundRobin ─▶ one-hot mux ──▶ o[0]
    i[1] ──▶ to ──┼──────────▶┼─▶ RoundRobin ─▶ one-hot mux ──▶ o[1]
     :            │           │    :
                  └───────────┘   first in turn, or in_use of each VC: until the packet's last flit has moved

Combinational from heads to outputs: what is head and finds room in cycle t moves in t. A `FlitQueue` in front of each
input and a queue behind each output make this one cycle per switch.

An output with one virtual channel needs no lock: its arbiter stays at the packet that it has begun, which asks, and so
is granted, even while its next flit is not there yet.
"""

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.route import Turns
from octopus_hw.parts.arbiter import RoundRobin
from octopus_hw.parts.flit_queue import heads
from octopus_hw.parts.keep_hierarchy import KeepHierarchy
from octopus_hw.parts.onehot import pick
from octopus_hw.verilog.unit import Unit

__all__ = ["WormholeSwitch", "leave", "outlets", "sources_of"]


def outlets(config: Config, vcs: int) -> wiring.Signature:
    """Return the signature of an output: a flit, and for each virtual channel whether it comes and whether it may."""
    return wiring.Signature({"payload": Out(struct(layouts(config).flit)), "valid": Out(vcs), "ready": In(vcs)})


def leave(m: Module, outlet: wiring.PureInterface, o: wiring.PureInterface) -> None:
    """Connect an output with one virtual channel to a stream whose `ready` comes from registers."""
    m.d.comb += [o.payload.eq(outlet.payload), o.valid.eq(outlet.valid[0]), outlet.ready.eq(o.ready)]


def sources_of(turns: Turns, output: int) -> list[int]:
    """List the inputs that can reach an output."""
    return [number for number, outputs in enumerate(turns) if output in outputs]


class WormholeSwitch(Unit):
    """The switch without its queues.

    Parameters
    ----------
    config
        Sizes.
    turns
        For each input the outputs that it can reach.
    vcs
        For each output its number of virtual channels, 1 or 2; of a head for an output with one virtual channel, `vc`
        does not count.

    Attributes
    ----------
    i : In(heads(outputs)).array(inputs)
        Heads of the input queues.
    o : Out(outlets(2)).array(outputs)
        The outputs, with `ready` from registers. Of an output with one virtual channel bits 1 are 0.
    """

    def __init__(self, config: Config, turns: Turns, vcs: Sequence[int]) -> None:
        self.config = config
        self.turns = turns
        self.vcs = tuple(vcs)
        outputs = range(len(vcs))
        # What proofs read.
        self.in_use = {number: Signal(2, name=f"in_use_{number}") for number in outputs if vcs[number] == 2}
        self.arbiters = [RoundRobin(len(sources_of(turns, number))) for number in outputs]
        outlet = outlets(config, 2)
        super().__init__({"i": In(heads(config, len(vcs))).array(len(turns)), "o": Out(outlet).array(len(vcs))})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        moves: list[list[Value]] = [[] for _ in self.turns]
        for number, arbiter in enumerate(self.arbiters):
            sources = sources_of(self.turns, number)
            m.submodules[f"arbiter_{number}"] = arbiter
            m.submodules[f"granted_{number}"] = granted = KeepHierarchy(len(sources))
            flits = [Value.cast(self.i[source].flit) for source in sources]
            m.d.comb += [granted.i.eq(arbiter.grant), self.o[number].payload.eq(pick(granted.o, flits))]
            output = self._single if self.vcs[number] == 1 else self._double
            for source, move in zip(sources, output(m, number, [self.i[source] for source in sources]), strict=True):
                moves[source].append(move)
        m.d.comb += [i.take.eq(Cat(ways).any()) for i, ways in zip(self.i, moves, strict=True)]
        return m

    def _single(self, m: Module, number: int, heads: list[wiring.PureInterface]) -> Sequence[Value]:
        """One output of one virtual channel: keeps to a packet until its last flit has moved. Return who moves."""
        o, arbiter = self.o[number], self.arbiters[number]
        moves = Signal(len(heads), name=f"moves_{number}")
        m.d.comb += [
            arbiter.requests.eq(Cat(i.to[number] for i in heads)),
            arbiter.take.eq(o.valid[0]),
            arbiter.stay.eq(~o.payload.last),
            moves.eq(Mux(o.ready[0], arbiter.grant & Cat(i.valid for i in heads), 0)),
            o.valid[0].eq(moves.any()),
        ]
        return moves

    def _double(self, m: Module, number: int, heads: list[wiring.PureInterface]) -> Sequence[Value]:
        """One output of two virtual channels: grants any flit that can move now. Return who moves."""
        o, arbiter = self.o[number], self.arbiters[number]
        for bit, i in enumerate(heads):
            may = [ready & ~(i.first & in_use) for ready, in_use in zip(o.ready, self.in_use[number], strict=True)]
            m.d.comb += arbiter.requests[bit].eq(i.valid & i.to[number] & Mux(i.vc, may[1], may[0]))
        second = (arbiter.grant & Cat(i.vc for i in heads)).any()
        m.d.comb += [
            arbiter.take.eq(1),
            o.valid.eq(Cat(arbiter.requests.any() & ~second, second)),
        ]
        for vc, in_use in enumerate(self.in_use[number]):
            with m.If(o.valid[vc]):
                m.d.sync += in_use.eq(~o.payload.last)
        return arbiter.grant
