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
      Tbus ──▶ LibraryLookup ─┐
      requests: Cbu ──────────┴──▶ Merge ─▶ ┌───────────────┐ ──▶ CONFIG: Home, PLACE: Cbu
      replies: Cbu x 2, Status ──▶ Merge ─▶ │ ControlRouter │ ──▶ Cbu
                                            └───────────────┘ ◀══▶ control links

      Tbus ── work ──▶ Cbu ── work, granted, taken ──▶ Balancer ◀══▶ work lines
                        ▲ └─────── tick, wants ──────────┘

The boot node resets all the others; it sees to the reset pin too.
"""

from collections.abc import Sequence
from typing import TypeVar

from amaranth.hdl import Module
from amaranth.lib import data
from amaranth.lib.wiring import In, Out, connect

from octopus_hw.cbu.cbu import Cbu
from octopus_hw.cbu.home import Home
from octopus_hw.chip.boot_node import BootNode
from octopus_hw.chip.library_lookup import LibraryLookup
from octopus_hw.chip.status import Status
from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.balancer import Balancer
from octopus_hw.noc.control_router import ControlRouter
from octopus_hw.noc.control_switch import REPLY, REQUEST
from octopus_hw.noc.data_router import DataRouter
from octopus_hw.noc.link_stalls import LinkStalls
from octopus_hw.noc.merge import Merge
from octopus_hw.noc.route import Routing
from octopus_hw.noc.side import attach, side_layouts
from octopus_hw.noc.tile_switch import TileSwitch
from octopus_hw.tbu.tbu import Tbu
from octopus_hw.verilog.held import Held
from octopus_hw.verilog.unit import Unit

__all__ = ["Tile"]

_Unit = TypeVar("_Unit", bound=Unit)


class Tile(Unit):
    """One tile of the mesh.

    Parameters
    ----------
    config
        Sizes.
    routing
        The policy of both planes.
    events
        Print event records (simulation builds).

    Attributes
    ----------
    x, y : In(coord)
        Coordinates.
    north_in, west_in, south_out, east_out
        What goes down the mesh: links, work lines and boot words, packed (`octopus_hw.noc.side`).
    south_in, east_in, north_out, west_out
        What goes up: links and work lines.
    """

    def __init__(self, config: Config, routing: Routing, events: bool) -> None:
        self.config = config
        self.routing = routing
        self.events = events
        members = {"x": In(layouts(config).coord), "y": In(layouts(config).coord)}
        for name, (comes, goes) in self._sides().items():
            members |= {f"{name}_in": In(comes.size), f"{name}_out": Out(goes.size)}
        super().__init__(members)

    def _sides(self) -> dict[str, tuple[data.StructLayout, data.StructLayout]]:
        """Return the layouts of what comes and goes at each side, in the order of the links' numbers."""
        down, up = side_layouts(self.config)
        return {"north": (down, up), "east": (up, down), "south": (up, down), "west": (down, up)}

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.boot = self._boot = BootNode(self.config, self.config.reset_cycles)
        cbu = self._add(m, "cbu", Cbu(self.config, self.events))
        home = self._add(m, "home", Home(self.config))
        tbus = [self._add(m, f"tbu_{number}", Tbu(self.config, self.events)) for number in range(self.config.tbus)]
        for number, tbu in enumerate(tbus):
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
        connect(m, home.left, cbu.left)
        m.d.comb += home.row_at.eq(cbu.row_at)
        data_router = self._data_plane(m, [*tbus, home])
        status = self._state(m, cbu, [cbu, home, *tbus])
        balancer = self._balance(m, cbu)
        lookup = self._library(m, tbus)
        control_router = self._control_plane(m, cbu, home, lookup, status)
        if self.config.link_stalls:
            stalls = self._add(m, "stalls", LinkStalls(self.config))
            connect(m, self._boot.state, stalls.state)
            m.d.comb += [data_router.stall.eq(stalls.data), control_router.stall.eq(stalls.control)]
        self._edge(m, data_router, control_router, balancer)
        return m

    def _add(self, m: Module, name: str, unit: _Unit) -> _Unit:
        """Place a unit that the boot node resets."""
        m.submodules[name] = Held(unit, self._boot.state.held)
        return unit

    def _data_plane(self, m: Module, units: Sequence[Tbu | Home]) -> DataRouter:
        """Tile switch and data router."""
        router = self._add(m, "data_router", DataRouter(self.config, self.routing))
        switch = self._add(m, "tile_switch", TileSwitch(self.config))
        m.d.comb += [router.x.eq(self.x), router.y.eq(self.y), switch.x.eq(self.x), switch.y.eq(self.y)]
        for port, unit in enumerate(units):
            connect(m, unit.tx, switch.i[port])
            connect(m, switch.o[port], unit.rx)
        connect(m, router.o, switch.i[-1])
        connect(m, switch.o[-1], router.i)
        return router

    def _balance(self, m: Module, cbu: Cbu) -> Balancer:
        """Balancer."""
        balancer = self._add(m, "balancer", Balancer(self.config))
        connect(m, self._boot.state, balancer.state)
        for sender, taker, ports in (
            (cbu, balancer, ("work", "granted", "taken", "taken_partner")),
            (balancer, cbu, ("tick", "wants", "wanted")),
        ):
            m.d.comb += [getattr(taker, port).eq(getattr(sender, port)) for port in ports]
        return balancer

    def _state(self, m: Module, cbu: Cbu, units: Sequence[Cbu | Home | Tbu]) -> Status:
        """What units see of the boot node, and the status unit over all units' counters."""
        boot, status = self._boot, self._add(m, "status", Status(self.config, len(units)))
        m.d.comb += [boot.x.eq(self.x), boot.y.eq(self.y), status.finished.eq(cbu.finished)]
        connect(m, boot.read, status.read)
        connect(m, boot.state, status.state)
        for number, unit in enumerate(units):
            connect(m, boot.state, unit.state)
            connect(m, boot.loads, unit.loads)
            connect(m, unit.counters, status.counters[number])
        return status

    def _library(self, m: Module, tbus: Sequence[Tbu]) -> LibraryLookup:
        """Where loaders ask."""
        lookup = self._add(m, "library", LibraryLookup(self.config))
        m.d.comb += [lookup.x.eq(self.x), lookup.y.eq(self.y)]
        connect(m, self._boot.loads, lookup.loads)
        for number, tbu in enumerate(tbus):
            connect(m, tbu.request, lookup.i[number])
        return lookup

    def _control_plane(self, m: Module, cbu: Cbu, home: Home, lookup: LibraryLookup, status: Status) -> ControlRouter:
        """Control router, the merges in front of it, and what is behind its eject queues."""
        router = self._add(m, "control_router", ControlRouter(self.config, self.routing))
        message = struct(layouts(self.config).control_flit)
        m.d.comb += [router.x.eq(self.x), router.y.eq(self.y)]
        for vc, name, sources in (
            (REQUEST, "requests", [cbu.request, lookup.o]),
            (REPLY, "replies", [cbu.reply, status.o, cbu.result]),
        ):
            merge = self._add(m, f"merge_{name}", Merge(message, len(sources)))
            for number, source in enumerate(sources):
                connect(m, source, merge.i[number])
            connect(m, merge.o, router.i[vc])
        asked = router.o[REQUEST]
        for taker, is_taker in (
            (home.library, asked.payload.message == Message.CONFIG),
            (cbu.asked, asked.payload.message == Message.PLACE),
        ):
            m.d.comb += [taker.payload.eq(asked.payload), taker.valid.eq(asked.valid & is_taker)]
            with m.If(is_taker):
                m.d.comb += asked.ready.eq(taker.ready)
        connect(m, router.o[REPLY], cbu.answer)
        return router

    def _edge(self, m: Module, data_router: DataRouter, control_router: ControlRouter, balancer: Balancer) -> None:
        """Sides, to the units that have links."""
        for number, (name, (comes, goes)) in enumerate(self._sides().items()):
            attach(
                m,
                comes(getattr(self, f"{name}_in")),
                goes(getattr(self, f"{name}_out")),
                data=[data_router.link_in[number], data_router.link_out[number]],
                control=[control_router.link_in[number], control_router.link_out[number]],
                work=[balancer.work_in[number], balancer.work_out[number]],
                boot=[getattr(self._boot, name)],
            )
