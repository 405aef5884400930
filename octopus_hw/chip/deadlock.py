# SPDX-License-Identifier: Apache-2.0
"""Who waits for whom: the graph of a whole chip, end points included, and the proof that it has no cycle.

A node is a place where something can be held up: a queue, a sender or receiver, an item that the engine may take, a
holder's state. It waits for every node that it may need room, an answer or a result from. Waiting that ends by itself
is no edge: arbitration is round robin, draws and PEAs finish, and the engine never waits in the middle of an item.

::

    senders ─▶ tile switch ─▶ data links, one after the other ─▶ tile switch ─▶ receivers ─▶ arrivals ─▶ engine
    loaders ─▶ lookup ─▶ requests ─▶ eject queue ─▶ library ─▶ home's sender
    engine ─────────────────▲              └──────▶ engine's replies ─▶ replies ─▶ eject queue ─▶ engine
    places, granted ones too ─▶ grants ──────────────▲
    rows, results ──────────────────────────────────▶ replies ─▶ port
    slots ─▶ rows ─▶ host        host's rows ─▶ data links       SENDs ─▶ replies, down the mesh
      └────▶ results ─▶ host

The host may be silent for ever. Only what waits for a row or with a result waits for it: an instance's slot, and an
injection that wants one; its port takes whatever comes at once, as there is room for all that tiles may send, and for
each result that was asked for. A SEND waits for the home's sender, not for the engine's queues into the network:
replies must not wait for replies.

GRANT and TAKEN are replies, which the engine always takes: the queue of grants has one entry for each partner, and a
partner grants no second place before it has the first one's TAKEN; a TAKEN needs no room. A granted place waits for
its grant to be used or given back. A grant waits for two ticks, the engine and room for the TAKEN, but for no place:
what is not used goes back by itself. Work lines hold nothing up.

With two virtual channels of data links, a link's two queues are two nodes: one waits for the way straight on alone, the
other for all other ways; each waits for both queues of the link beyond.

The links' part follows from the turns that the switches are built with (`octopus_hw.noc.route.Routing`); the end
points' part is the table in `end_points`, written from docs/timing.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple, Self

from octopus_hw.cbu.grants import GRANTS
from octopus_hw.contract.config import Config
from octopus_hw.noc.balancer import PARTNERS
from octopus_hw.noc.control_route import control_turns, host_turns
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.route import Port, Routing, opposite, step, tile_turns

__all__ = ["DeadlockError", "Design", "Node", "check", "end_points", "graph"]

CLASSES = ("request", "reply")

#: Of the host's port: what takes messages and results, the host, and what sends rows and SENDs.
PORT = ("port", "host", "host's rows", "SENDs")


class DeadlockError(Exception):
    """A cycle of waiting, or a queue without the room that was promised; the message says which."""


class Node(NamedTuple):
    """Something that can be held up, in a tile; what is not in one tile has coordinates -1."""

    name: str
    x: int = -1
    y: int = -1

    def __str__(self) -> str:
        return self.name if self.x < 0 else f"{self.name} of {self.x},{self.y}"


@dataclass(frozen=True, kw_only=True)
class Design:
    """What decides who waits for whom, apart from sizes.

    Attributes
    ----------
    data, control
        The policies of both planes' routers.
    data_vcs
        Virtual channels of data links.
    more
        Further waits between end points of a tile: who, for whom.
    """

    data: Routing = XY
    control: Routing = XY
    data_vcs: int = 1
    more: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, config: Config, routing: Routing) -> Self:
        """Return what a chip is built with, one policy on both planes."""
        return cls(data=routing, control=routing, data_vcs=config.data_vcs)


def end_points(tbus: int) -> dict[str, tuple[str, ...]]:
    """Tabulate who waits for whom at a tile's end points, by name; names with * stand for every tile's."""
    home, engine = f"switch input {tbus}", "engine"
    room = [(engine, f"commands {unit}", "engine's requests", "engine's replies") for unit in range(tbus + 1)]
    table: dict[str, tuple[str, ...]] = {
        engine: (),
        "arrivals": (engine,),
        "home's receiver": ("arrivals",),
        "home's sender": (home,),
        f"commands {tbus}": ("home's sender",),
        "library": ("home's sender",),
        "request eject": ("library", "engine's replies", engine),
        # A SEND is taken when the home's sender can take the result.
        "reply eject": (engine, f"commands {tbus}"),
        "engine's requests": ("request local",),
        "lookup": ("request local",),
        "engine's replies": ("reply local",),
        "grant": ("engine's replies", engine),
        "grants": ("engine's replies", engine),
        "status": ("reply local",),
        "results": ("reply local",),
        # What an instance's slot waits for: its row to come, or its result to go.
        "row": ("engine's replies", "host", "host's rows", "arrivals"),
        "result": ("results *", "host", "SENDs", "reply eject *", f"commands {tbus} *", "home's sender *"),
        "resumed": tuple(sorted({name for names in room[:-1] for name in names})),
        "ready": room[-1],
        "stalled": (*room[-1], "place *"),
        # Children of a spawn that waits for a lane, and an instance's slot, wait for the tokens of the instance.
        "lane": ("ready *", "stalled *", "place *"),
        "slot": ("ready *", "stalled *", "place *", "lane *", "row", "result"),
        "inject": (*room[-1], "slot"),
    }
    for unit in range(tbus):
        table |= {
            f"sender {unit}": (f"switch input {unit}",),
            f"commands {unit}": (f"sender {unit}",),
            # The last flit waits for one cycle's dispatch, which waits for nothing.
            f"receiver {unit}": (),
            f"loader {unit}": ("lookup", "library *"),
            f"completions {unit}": room[unit],
        }
    # A place waits for its token (a holder anywhere has it, or a grant), its configuration, and the way of its output.
    table["place"] = ("engine's replies *", "reply eject *", "grants *", "resumed *", "ready *", "library *",
                      *(f"{kind} {unit}" for unit in range(tbus)
                      for kind in ("loader", "completions", "commands")))  # fmt: skip
    return table


def graph(columns: int, rows: int, tbus: int, design: Design | None = None) -> dict[Node, list[Node]]:
    """Build the graph of a mesh: for each node those that it waits for."""
    design = design or Design()
    table = end_points(tbus)
    for name, other in design.more:
        table[name] = (*table.get(name, ()), other)
    waits: dict[Node, list[Node]] = {}
    tiles = [(x, y) for y in range(rows) for x in range(columns)]
    for x, y in tiles:
        for who, whom in (
            *_data_plane(x, y, columns, rows, tbus, design),
            *_control_plane(x, y, columns, rows, design),
        ):
            waits.setdefault(who, []).append(whom)
        for name, names in table.items():
            waits.setdefault(Node(name, x, y), []).extend(
                Node(other) if other.endswith("*") or other in PORT else Node(other, x, y) for other in names
            )
    for everywhere in {other for names in table.values() for other in names if other.endswith("*")}:
        waits[Node(everywhere)] = [Node(everywhere.removesuffix(" *"), x, y) for x, y in tiles]
    entrance = [Node(_data_link(design.data.enters, vc, design), 0, 0) for vc in range(design.data_vcs)]
    sends = [Node(_link("reply", Port.WEST), 0, 0)]
    return waits | {Node(name): others for name, others in zip(PORT, ([], [], entrance, sends), strict=True)}


@cache
def check(columns: int, rows: int, config: Config, design: Design | None = None) -> None:
    """Prove that nobody can wait for himself.

    Raises
    ------
    DeadlockError
        Somebody can: the message shows the cycle, each waiting for the next. Or a library could be asked by more
        loaders than its queue has room for, or a tile be granted places by more partners.
    """
    # Any tile of a region may have what all its loaders ask for.
    askers = min(columns, config.library_region) * min(rows, config.library_region) * config.tbus
    if askers > config.library_depth:
        raise DeadlockError(f"{askers} loaders ask a library whose queue has {config.library_depth} entries")
    if PARTNERS > GRANTS:
        raise DeadlockError(f"{PARTNERS} partners grant places to a tile whose queue has {GRANTS} entries")
    try:
        design = design or Design.of(config, XY)
        TopologicalSorter(graph(columns, rows, config.tbus, design)).prepare()
    except CycleError as error:
        cycle = " -> ".join(map(str, reversed(error.args[1])))
        raise DeadlockError(f"a cycle of waiting: {cycle}") from None


def _data_plane(x: int, y: int, columns: int, rows: int, tbus: int, design: Design) -> Iterator[tuple[Node, Node]]:
    """Yield the waits of a tile's queues on the data plane."""
    for port, vc, outputs in design.data.inputs(design.data_vcs):
        who = Node(_data_link(port, vc, design), x, y)
        for output in outputs:
            if output == Port.LOCAL:
                yield who, Node(f"switch input {tbus + 1}", x, y)
            elif (x, y, output) == (0, 0, design.data.leaves):
                yield who, Node("port")
            elif beyond := _beyond(x, y, output, columns, rows):
                for next_class in range(design.data_vcs):
                    yield who, Node(_data_link(opposite(output), next_class, design), *beyond)
    receivers = [*(f"receiver {unit}" for unit in range(tbus)), "home's receiver", _link("data", Port.LOCAL)]
    for number, outputs in enumerate(tile_turns(tbus)):
        for output in outputs:
            yield Node(f"switch input {number}", x, y), Node(receivers[output], x, y)


def _control_plane(x: int, y: int, columns: int, rows: int, design: Design) -> Iterator[tuple[Node, Node]]:
    """Yield the waits of a tile's queues on the control plane."""
    out_of_the_mesh = host_turns(design.control)
    for vc in CLASSES:
        for port, outputs in enumerate(control_turns(design.control)):
            for output in outputs:
                if output == Port.LOCAL:
                    yield Node(_link(vc, port), x, y), Node(f"{vc} eject", x, y)
                elif (x, y, output) == (0, 0, Port.WEST):
                    yield Node(_link(vc, port), x, y), Node("port")
                elif (port, output) not in out_of_the_mesh and (beyond := _beyond(x, y, output, columns, rows)):
                    yield Node(_link(vc, port), x, y), Node(_link(vc, opposite(output)), *beyond)


def _link(plane: str, port: int) -> str:
    return f"{plane} local" if port == Port.LOCAL else f"{plane} link from {Port(port).name.lower()}"


def _data_link(port: int, vc: int, design: Design) -> str:
    """Name a queue of the data router; with two virtual channels a link's queues are told apart."""
    kind = "" if design.data_vcs == 1 or port == Port.LOCAL else f", {('straight', 'turning')[vc]}"
    return f"{_link('data', port)}{kind}"


def _beyond(x: int, y: int, port: int, columns: int, rows: int) -> tuple[int, int] | None:
    """Return the tile beyond a port, if there is one."""
    across, down = step(port)
    x, y = x + across, y + down
    return (x, y) if 0 <= x < columns and 0 <= y < rows else None
