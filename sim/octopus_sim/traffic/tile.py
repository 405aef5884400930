# SPDX-License-Identifier: Apache-2.0
"""A tile of the traffic chip: the data router between a source and a sink.

::

    boot words ──▶ BootNode ──state──▶ all
                      │  └──loads──▶ registers ──settings──▶ Source, Sink
                      └──read──▶ Readout ◀── counters
    Source ──▶ DataRouter ──▶ Sink          (links to the north, east, south and west)
"""

from amaranth.hdl import Module
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.chip.boot_node import BootNode
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import boot_words
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.data_router import DataRouter
from octopus_hw.noc.link import wires
from octopus_hw.noc.link_stalls import LinkStalls
from octopus_hw.noc.route import Routing
from octopus_hw.verilog.unit import Unit
from octopus_sim.traffic.layout import CLEARING, COUNTERS, SOURCE, Setting, results
from octopus_sim.traffic.layout import settings as settings_signature
from octopus_sim.traffic.readout import Readout
from octopus_sim.traffic.sink import Sink
from octopus_sim.traffic.source import TrafficSource

__all__ = ["TrafficTile"]


class TrafficTile(Unit):
    """One tile.

    Parameters
    ----------
    columns, rows
        The mesh.
    config
        The router's sizes; with `link_stalls` links stall as in the whole chip, and so do source and sink.
    routing
        The router's policy.

    Attributes
    ----------
    x, y : In(coord)
        Coordinates.
    data_in, data_out : wires(flit, vcs) x 4
        Links to the north, east, south and west.
    boot_west, boot_north, boot_east, boot_south : boot_words
        As in the whole chip.
    near, far : In(results)
    result : Out(results)
        Counters on their way to the host.
    """

    def __init__(self, columns: int, rows: int, config: Config, routing: Routing) -> None:
        self.columns = columns
        self.rows = rows
        self.config = config
        self.routing = routing
        widths = layouts(config)
        link = wires(struct(widths.flit), config.data_vcs)
        super().__init__(
            {
                "x": In(widths.coord),
                "y": In(widths.coord),
                "data_in": In(link).array(4),
                "data_out": Out(link).array(4),
                "boot_west": In(boot_words),
                "boot_north": In(boot_words),
                "boot_east": Out(boot_words),
                "boot_south": Out(boot_words),
                "near": In(results),
                "far": In(results),
                "result": Out(results),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        config = self.config
        m.submodules.boot = boot = BootNode(config, CLEARING)
        m.submodules.source = source = TrafficSource(self.columns, self.rows, config)
        m.submodules.router = router = DataRouter(config, self.routing)
        m.submodules.sink = sink = Sink(config)
        m.d.comb += [boot.x.eq(self.x), boot.y.eq(self.y), router.x.eq(self.x), router.y.eq(self.y)]
        for name in ("west", "north", "east", "south"):
            outer, inner = flipped(getattr(self, f"boot_{name}")), getattr(boot, name)
            connect(m, outer, inner)
        for number in range(4):
            connect(m, flipped(self.data_in[number]), router.link_in[number])
            connect(m, router.link_out[number], flipped(self.data_out[number]))
        connect(m, source.o, router.i)
        connect(m, router.o, sink.i)
        self._settings(m, boot, source, sink)
        self._readout(m, boot, source, sink)
        if config.link_stalls:
            m.submodules.stalls = stalls = LinkStalls(config)
            connect(m, boot.state, stalls.state)
            m.d.comb += [router.stall.eq(stalls.data), source.stall.eq(stalls.control[0])]
            m.d.comb += sink.stall.eq(stalls.control[1])
        return m

    def _settings(self, m: Module, boot: BootNode, source: TrafficSource, sink: Sink) -> None:
        """Keep the registers of this chip beside the boot node's."""
        settings = settings_signature.create()
        word, load = settings.word, boot.loads.word
        registers = {
            Setting.CHANCE: word.chance,
            Setting.LENGTH: word.length,
            Setting.PATTERN: word.pattern,
            Setting.BEGIN: word.begin,
            Setting.END: word.end,
            Setting.STOP: word.stop,
        }
        for setting, register in registers.items():
            with m.If(boot.loads.valid & (load.memory == LoadTarget.REGISTER) & (load.address == setting)):
                m.d.sync += register.eq(load.data)
        with m.If(boot.loads.valid & (load.memory == LoadTarget.REGISTER) & (load.address == Setting.HOT)):
            m.d.sync += [word.hot_x.eq(load.data[:4]), word.hot_y.eq(load.data[4:8]), word.share.eq(load.data[16:])]
        state = boot.state
        m.d.comb += settings.inside.eq((state.cycle >= word.begin) & (state.cycle < word.end))
        for unit in (source, sink):
            connect(m, boot.state, unit.state)
            m.d.comb += [unit.settings.word.eq(word), unit.settings.inside.eq(settings.inside)]

    def _readout(self, m: Module, boot: BootNode, source: TrafficSource, sink: Sink) -> None:
        m.submodules.readout = readout = Readout()
        connect(m, boot.read, readout.read)
        connect(m, flipped(self.near), readout.near)
        connect(m, flipped(self.far), readout.far)
        connect(m, readout.o, flipped(self.result))
        for number, name in enumerate(COUNTERS):
            m.d.comb += readout.counters[number].eq(getattr(source if name in SOURCE else sink, name))
