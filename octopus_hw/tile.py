# SPDX-License-Identifier: Apache-2.0
"""A tile: T TBUs, the CBU, the home store, and the fabric between them. All tiles are alike.

::

                 ┌──────────── Cbu ──────────────┐          loads, state to all
        accept,  │ command    release, done      │               ▲
                 ▼                               ▼            BootNode ◀── boot words
               Tbu x T                         Home              │
                 │ flits                        │ flits       Status ◀── counters, finished
                 ▼                              ▼                │
               TileSwitch ◀──────────────▶ DataRouter ◀══▶ data links (north, east, south, west)
                                                                 │
      requests: Cbu, Tbus ──▶ Merge ──▶ ┌───────────────┐ ──▶ CONFIG: Home, PLACE: Cbu
      replies: Cbu, Status ──▶ Merge ─▶ │ ControlRouter │ ──▶ Cbu
                                        └───────────────┘ ◀══▶ control links

      Tbus ── work ──▶ Cbu ── work, granted, taken ──▶ Balancer ◀══▶ work lines
                        ▲ └─────── tick, wants ──────────┘
"""

from amaranth.hdl import Module
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.boot_node import BootNode, boot_words
from octopus_hw.cbu.cbu import Cbu
from octopus_hw.cbu.home import Home
from octopus_hw.config import Config
from octopus_hw.layout import COORD, ControlFlit, Flit, Message
from octopus_hw.noc.balancer import Balancer
from octopus_hw.noc.control_router import ControlRouter
from octopus_hw.noc.control_switch import REPLY, REQUEST
from octopus_hw.noc.data_router import DataRouter
from octopus_hw.noc.link import wires
from octopus_hw.noc.merge import Merge
from octopus_hw.noc.pauses import Pauses
from octopus_hw.noc.status import Status
from octopus_hw.noc.tile_switch import TileSwitch
from octopus_hw.noc.work_line import work_wires
from octopus_hw.tbu.tbu import Tbu
from octopus_hw.unit import Unit

__all__ = ["Tile"]


class Tile(Unit):
    """One tile of the mesh.

    Parameters
    ----------
    config
        Sizes.
    events
        Print event records (simulation builds).

    Attributes
    ----------
    x, y : In(7)
        Coordinates.
    data_in, data_out : wires(Flit) x 4
        Links of the data plane to the north, east, south and west.
    control_in, control_out : wires(ControlFlit, 2) x 4
        Links of the control plane.
    work_in, work_out : work_wires x 4
        Work lines.
    boot_west, boot_north : In(boot_words)
        Boot words come from one of these.
    boot_east, boot_south : Out(boot_words)
        Boot words go on.
    """

    def __init__(self, config: Config, events: bool) -> None:
        self.config = config
        self.events = events
        super().__init__(
            {
                "x": In(COORD),
                "y": In(COORD),
                "data_in": In(wires(Flit)).array(4),
                "data_out": Out(wires(Flit)).array(4),
                "control_in": In(wires(ControlFlit, 2)).array(4),
                "control_out": Out(wires(ControlFlit, 2)).array(4),
                "work_in": In(work_wires).array(4),
                "work_out": Out(work_wires).array(4),
                "boot_west": In(boot_words),
                "boot_north": In(boot_words),
                "boot_east": Out(boot_words),
                "boot_south": Out(boot_words),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.cbu = cbu = Cbu(self.config, self.events)
        m.submodules.home = home = Home(self.config)
        tbus = [Tbu(self.config, self.events) for _ in range(self.config.tbus)]
        for number, tbu in enumerate(tbus):
            m.submodules[f"tbu_{number}"] = tbu
            m.d.comb += tbu.number.eq(number)
            connect(m, cbu.accept[number], tbu.accept)
            connect(m, cbu.command[number], tbu.command)
            m.d.comb += cbu.vacant[number].eq(tbu.vacant)
            connect(m, tbu.release, cbu.release[number])
            connect(m, tbu.done, cbu.done[number])
            m.d.comb += cbu.tbu_work[number].eq(tbu.work)
        connect(m, cbu.command[-1], home.command)
        m.d.comb += cbu.vacant[-1].eq(home.vacant)
        connect(m, home.arrival, cbu.arrival)
        self._data_plane(m, [*tbus, home])
        boot, status = self._boot(m, cbu, [cbu, home, *tbus])
        self._balance(m, cbu, boot)
        self._control_plane(m, cbu, home, [tbu.request for tbu in tbus], status)
        if self.config.link_pauses:
            m.submodules.pauses = pauses = Pauses(self.config.link_pauses)
            connect(m, boot.state, pauses.state)
            m.d.comb += [m.submodules.data_router.pause.eq(pauses.data)]
            m.d.comb += [m.submodules.control_router.pause.eq(pauses.control)]
        return m

    def _data_plane(self, m: Module, units: list[Unit]) -> None:
        """Tile switch and data router."""
        config = self.config
        m.submodules.data_router = router = DataRouter(config.data_depth, config.link_latency)
        m.submodules.tile_switch = switch = TileSwitch(config.tbus)
        m.d.comb += [router.x.eq(self.x), router.y.eq(self.y), switch.x.eq(self.x), switch.y.eq(self.y)]
        for port, unit in enumerate(units):
            connect(m, unit.tx, switch.i[port])
            connect(m, switch.o[port], unit.rx)
        connect(m, router.o, switch.i[-1])
        connect(m, switch.o[-1], router.i)
        for number in range(4):
            connect(m, flipped(self.data_in[number]), router.link_in[number])
            connect(m, router.link_out[number], flipped(self.data_out[number]))

    def _balance(self, m: Module, cbu: Cbu, boot: BootNode) -> None:
        """Balancer."""
        m.submodules.balancer = balancer = Balancer(self.config.tick, self.config.link_latency)
        connect(m, boot.state, balancer.state)
        for sender, taker, ports in (
            (cbu, balancer, ("work", "granted", "taken", "taken_partner")),
            (balancer, cbu, ("tick", "wants", "wanted")),
        ):
            m.d.comb += [getattr(taker, port).eq(getattr(sender, port)) for port in ports]
        for number in range(4):
            connect(m, flipped(self.work_in[number]), balancer.work_in[number])
            connect(m, balancer.work_out[number], flipped(self.work_out[number]))

    def _boot(self, m: Module, cbu: Cbu, units: list[Unit]) -> tuple[BootNode, Status]:
        """Boot node, and the status unit over all units' counters."""
        m.submodules.boot = boot = BootNode(self.config.link_latency)
        m.submodules.status = status = Status(len(units))
        m.d.comb += [boot.x.eq(self.x), boot.y.eq(self.y), status.finished.eq(cbu.finished)]
        connect(m, flipped(self.boot_west), boot.west)
        connect(m, flipped(self.boot_north), boot.north)
        connect(m, boot.east, flipped(self.boot_east))
        connect(m, boot.south, flipped(self.boot_south))
        connect(m, boot.read, status.read)
        connect(m, boot.state, status.state)
        for number, unit in enumerate(units):
            connect(m, boot.state, unit.state)
            connect(m, boot.loads, unit.loads)
            connect(m, unit.counters, status.counters[number])
        return boot, status

    def _control_plane(self, m: Module, cbu: Cbu, home: Home, loaders: list[object], status: Status) -> None:
        """Control router, the merges in front of it, and what is behind its eject queues."""
        config = self.config
        m.submodules.control_router = router = ControlRouter(config.link_depth, config.link_latency)
        m.d.comb += [router.x.eq(self.x), router.y.eq(self.y)]
        for class_, name, sources in (
            (REQUEST, "requests", [cbu.request, *loaders]),
            (REPLY, "replies", [cbu.reply, status.o]),
        ):
            m.submodules[f"merge_{name}"] = merge = Merge(ControlFlit, len(sources))
            for number, source in enumerate(sources):
                connect(m, source, merge.i[number])
            connect(m, merge.o, router.i[class_])
        asked = router.o[REQUEST]
        for taker, is_taker in (
            (home.library, asked.payload.message == Message.CONFIG),
            (cbu.asked, asked.payload.message == Message.PLACE),
        ):
            m.d.comb += [taker.payload.eq(asked.payload), taker.valid.eq(asked.valid & is_taker)]
            with m.If(is_taker):
                m.d.comb += asked.ready.eq(taker.ready)
        connect(m, router.o[REPLY], cbu.answer)
        for number in range(4):
            connect(m, flipped(self.control_in[number]), router.link_in[number])
            connect(m, router.link_out[number], flipped(self.control_out[number]))
